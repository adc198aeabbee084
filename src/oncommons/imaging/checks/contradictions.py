"""What an object or a series says in one place and denies in another; each function is one rule of the table."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from math import sqrt
from types import MappingProxyType

from oncommons.imaging.checks.findings import Finding
from oncommons.imaging.checks.reading import day, number, numbers, said, whole
from oncommons.imaging.checks.stacks import Stack, offsets, spacing
from oncommons.imaging.tags import Attributes, Tag

_STORAGE = "1.2.840.10008.5.1.4.1.1."
MODALITIES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        _STORAGE + kind: frozenset(modalities.split())
        for kind, modalities in {
            "1": "CR",
            "1.1": "DX",
            "1.1.1": "DX",
            "1.2": "MG",
            "1.2.1": "MG",
            "2": "CT",
            "2.1": "CT",
            "3.1": "US IVUS",
            "4": "MR",
            "4.1": "MR",
            "4.2": "MR",
            "6.1": "US IVUS",
            "12.1": "XA",
            "12.2": "RF",
            "13.1.3": "MG",
            "20": "NM",
            "66.1": "REG",
            "66.3": "REG",
            "66.4": "SEG",
            "66.7": "SEG",
            "77.1.6": "SM",
            "128": "PT",
            "130": "PT",
            "481.1": "RTIMAGE",
            "481.2": "RTDOSE",
            "481.3": "RTSTRUCT",
            "481.5": "RTPLAN",
        }.items()
    },
)
"""SOP class to the modalities that its IOD allows (PS3.3 annex A; PS3.4 B.5)."""
COLOURS: Mapping[str, int] = MappingProxyType(
    {
        "MONOCHROME1": 1,
        "MONOCHROME2": 1,
        "PALETTE COLOR": 1,
        "RGB": 3,
        "YBR_FULL": 3,
        "YBR_FULL_422": 3,
        "YBR_PARTIAL_420": 3,
        "YBR_PARTIAL_422": 3,
        "YBR_ICT": 3,
        "YBR_RCT": 3,
        "XYB": 3,
    },
)
"""Photometric interpretation to number of samples (PS3.3 C.7.6.3.1.2)."""
_AGE = re.compile(r"([0-9]{3})([DWMY])")
_DAYS = MappingProxyType({"D": 1.0, "W": 7.0, "M": 30.44, "Y": 365.25})
_OLDEST = 89
_RIGHT_ANGLE = 0.01
_FAR = 0.1


def kind_and_modality(one: Attributes) -> Finding | None:
    """Each kind of object belongs to one modality, a few to two."""
    allowed, modality = MODALITIES.get(one.get(Tag.SOP_CLASS, "")), one.get(Tag.MODALITY, "")
    if allowed is None or not modality or modality in allowed:
        return None
    return Finding("kind-and-modality", f"Modality {modality}, where the kind of object asks for {'/'.join(allowed)}.")


def orientation(one: Attributes) -> Finding | None:
    """Rows and columns run in directions of length one at right angles."""
    if not one.get(Tag.ORIENTATION):
        return None
    found = numbers(one, Tag.ORIENTATION)
    words = "Image Orientation (Patient) is not two directions of length one at right angles."
    if len(found) != 6:  # noqa: PLR2004
        return Finding("orientation-invalid", words)
    a, b = found[:3], found[3:]
    lengths = [sqrt(sum(x * x for x in v)) for v in (a, b)]
    across = sum(x * y for x, y in zip(a, b, strict=True))
    if max(abs(length - 1) for length in lengths) > _RIGHT_ANGLE or abs(across) > _RIGHT_ANGLE:
        return Finding("orientation-invalid", words)
    return None


def sizes(one: Attributes) -> Finding | None:
    """Sizes of pixels and thickness of slices are positive numbers, where they are given."""
    names = {Tag.PIXEL_SPACING: "Pixel Spacing", Tag.SLICE_THICKNESS: "Slice Thickness"}
    wrong = [name for tag, name in names.items() if one.get(tag) and min(numbers(one, tag), default=0.0) <= 0]
    return Finding("size-invalid", f"{' and '.join(wrong)}: not a positive number.") if wrong else None


def bits(one: Attributes) -> Finding | None:
    """Bits stored fit into bits allocated; the high bit is the last of those stored."""
    allocated, stored, high = (whole(one, tag) for tag in (Tag.BITS_ALLOCATED, Tag.BITS_STORED, Tag.HIGH_BIT))
    if allocated is None or stored is None:
        return None
    if stored > allocated or (high is not None and not stored - 1 <= high < allocated):
        words = f"{stored} bits stored of {allocated} allocated, high bit {'none' if high is None else high}."
        return Finding("bits-contradicted", words)
    return None


def colours(one: Attributes) -> Finding | None:
    """A grey image has one sample a pixel, a coloured one three."""
    kind, samples = one.get(Tag.PHOTOMETRIC, ""), whole(one, Tag.SAMPLES)
    if samples is None or COLOURS.get(kind, samples) == samples:
        return None
    return Finding("colours-contradicted", f"{kind} with {samples} samples a pixel.")


def suv(one: Attributes) -> Finding | None:
    """What an uptake value by body weight needs, beside the pixels.

    SUV = activity x weight / dose, with activity and dose at one time (PS3.3 C.8.9.1.1.3 on decay correction).
    """
    if one.get(Tag.MODALITY) != "PT" or one.get(Tag.UNITS, "") != "BQML":
        return None
    lacking = [name for tags, name in _FOR_SUV if not any(one.get(tag) for tag in tags)]
    corrected = one.get(Tag.CORRECTED, "").split("\\")
    lacking += [name for term, name in (("ATTN", "attenuation"), ("DECY", "decay")) if term not in corrected]
    if one.get(Tag.DECAY_CORRECTION, "") not in {"START", "ADMIN"}:
        lacking.append("a decay correction to a known time")
    amounts = ((Tag.WEIGHT, "weight"), (Tag.DOSE, "dose"), (Tag.HALF_LIFE, "half-life"))
    lacking += [f"a {name} above zero" for tag, name in amounts if one.get(tag) and (number(one, tag) or 0.0) <= 0]
    return Finding("suv-not-computable", f"Not there: {', '.join(lacking)}.") if lacking else None


_FOR_SUV: tuple[tuple[tuple[Tag, ...], str], ...] = (
    ((Tag.WEIGHT,), "weight"),
    ((Tag.DOSE,), "dose"),
    ((Tag.HALF_LIFE,), "half-life"),
    ((Tag.DOSE_TIME, Tag.DOSE_DATETIME), "time of injection"),
    ((Tag.SERIES_TIME, Tag.ACQUISITION_TIME), "time of the scan"),
)


def dates(one: Attributes) -> Finding | None:
    """A series cannot be older than the study that it belongs to."""
    study, series = day(one, Tag.STUDY_DATE), day(one, Tag.SERIES_DATE)
    if study is None or series is None or (study - series).days <= 1:
        return None
    early = (study - series).days
    return Finding("dates-contradicted", f"The series is dated {early:,} days before its study.", {"days": early})


def age(one: Attributes) -> Finding | None:
    """Age at the study and date of birth agree within a year; ages above 89 may have been told as 90."""
    born, study, text = day(one, Tag.BIRTH_DATE), day(one, Tag.STUDY_DATE), _AGE.fullmatch(one.get(Tag.AGE, ""))
    if born is None or study is None or text is None:
        return None
    told, true = int(text[1]) * _DAYS[text[2]] / _DAYS["Y"], (study - born).days / _DAYS["Y"]
    if -1 <= true - told < 2 or (told > _OLDEST and true > _OLDEST):  # noqa: PLR2004
        return None
    words = f"Aged {told:.0f} by the header, {true:.0f} by the date of birth."
    return Finding("age-contradicted", words, {"told": round(told, 1), "computed": round(true, 1)})


def person(series: Sequence[Attributes]) -> Finding | None:
    """All series of a person agree on its sex, those of one study on its age.

    Args:
        series: One object of each series of the person.
    """
    sexes = said(series, Tag.SEX)
    ages: defaultdict[str, set[str]] = defaultdict(set)
    for one in series:
        if one.get(Tag.AGE):
            ages[one.get(Tag.STUDY, "")].add(one[Tag.AGE])
    spread = max((max(years) - min(years) for told in ages.values() if (years := _years(told))), default=0.0)
    words = []
    if len(sexes) > 1:
        words.append(f"Sex is told as {' and '.join(sexes)}")
    if spread > 1:
        words.append(f"ages in one study differ by {spread:.0f} years")
    return Finding("person-contradicted", "; ".join(words) + ".", {"sexes": len(sexes)}) if words else None


def _years(told: Collection[str]) -> list[float]:
    return [int(text[1]) * _DAYS[text[2]] / _DAYS["Y"] for age in told if (text := _AGE.fullmatch(age))]


def slice_distance(stack: Stack) -> Finding | None:
    """Spacing Between Slices is the distance between the centres of neighbours."""
    found = spacing(offsets(stack.slices))
    told = number(stack.slices[0].one, Tag.SPACING_BETWEEN_SLICES)
    thick = number(stack.slices[0].one, Tag.SLICE_THICKNESS) or 0.0
    if not told or not found or abs(abs(told) - found) <= max(_FAR, _FAR * found):
        return None
    words = f"Slices lie {found:.2f} mm apart; the header says {told:g} mm."
    if abs(abs(told) + thick - found) <= max(_FAR, _FAR * found):
        words += " It gives the gap between them instead."
    return Finding("spacing-contradicted", words, {"found_mm": round(found, 3), "told_mm": told})


OF_ONE: tuple[Callable[[Attributes], Finding | None], ...] = (
    kind_and_modality,
    orientation,
    sizes,
    bits,
    colours,
    suv,
    dates,
    age,
)
"""The rules that look at one object."""

"""Raw texts of clinical tables become numbers, dates and codes, or an error that says what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType

from oncommons.schema.errors_of_rows import ImpossibleDate, UnknownClinicalCode, UnreadableNumber
from oncommons.schema.laboratory import LABORATORY_SPELLINGS
from oncommons.schema.neoplasms import no_such
from oncommons.schema.oncology import MARKER_UNITS
from oncommons.schema.scores import read_score
from oncommons.schema.units import LONGEST_LIFE, convert
from oncommons.schema.vocabulary import VOCABULARIES

MISSING = frozenset({"", "NA", "N/A", "NAN", "NULL", "NONE", "NIL", "UNKNOWN", "UNK", "?", ".", "-", "MISSING"})
"""How tables say that they do not know (small and capital letters are the same)."""
IN_THE_FUTURE = "is in the future."
"""How the message of a date ends that may be read tomorrow; see :func:`oncommons.node.receive.clinical.taking.is_lasting`."""
EARLIEST_YEAR = 1850
OWN_MARKER = "OTHER"
"""The code of a marker that no list knows."""
_SHOWN = 60
_REMEMBERED = 65_536
_NUMBER = re.compile(r"(<=|>=|<|>|=|)\s*([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?)")
_DATE = re.compile(r"([0-9]{4})(?:-?([0-9]{2})(?:-?([0-9]{2}))?)?(?:[T ][0-9:.]*(?:Z|[+-][0-9:]{2,6})?)?")
_SIGNS = str.maketrans({"\u2264": "<=", "\u2265": ">=", "\u2212": "-"})

_SPELLINGS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "sex": {"FEMALE": "F", "MALE": "M", "OTHER": "O"},
        "vital_status": {"DECEASED": "DEAD", "DIED": "DEAD", "DEATH": "DEAD", "LIVING": "ALIVE"},
        "result": {
            "POS": "POSITIVE",
            "+": "POSITIVE",
            "NEG": "NEGATIVE",
            "INDETERMINATE": "EQUIVOCAL",
            "YES": "POSITIVE",
            "NO": "NEGATIVE",
            "PRE": "NEGATIVE",
            "POST": "POSITIVE",
        },
        "stage": {"1": "I", "2": "II", "3": "III", "4": "IV"},
        "grade": {**{str(n): f"G{n}" for n in range(1, 5)}, "I": "G1", "II": "G2", "III": "G3", "IV": "G4"},
        "marker": {
            **LABORATORY_SPELLINGS,
            "BI-RADS": "BIRADS",
            "PI-RADS": "PIRADS",
            "KI-67": "KI67",
            "CA-125": "CA125",
            "CA 125": "CA125",
            "CA 15-3": "CA153",
            "CA 19-9": "CA199",
            "PD-L1": "PDL1",
            "PGR": "PR",
            "HER2/NEU": "HER2",
            "ERBB2": "HER2",
            "LOINC:2857-1": "PSA",
            "LOINC:2039-6": "CEA",
            "LOINC:1834-1": "AFP",
            "LOINC:10334-1": "CA125",
            "LOINC:6875-9": "CA153",
            "LOINC:24108-3": "CA199",
            "LOINC:16112-5": "ER",
            "LOINC:16113-3": "PR",
            "LOINC:48676-1": "HER2",
            "LOINC:40556-3": "ER",
            "LOINC:85337-4": "ER",
            "LOINC:40557-1": "PR",
            "LOINC:85339-0": "PR",
            "LOINC:18474-7": "HER2",
            "LOINC:85319-2": "HER2",
            "LOINC:29593-1": "KI67",
            "LOINC:89247-1": "ECOG",
            "LOINC:89243-0": "KARNOFSKY",
            "LOINC:35266-6": "GLEASON",
        },
        "treatment_kind": {
            "RADIATION": "RADIOTHERAPY",
            "RADIATION THERAPY": "RADIOTHERAPY",
            "CHEMO": "CHEMOTHERAPY",
            "HORMONAL": "HORMONE",
            "HORMONE THERAPY": "HORMONE",
            "OPERATION": "SURGERY",
        },
    },
)
"""Vocabulary to other spellings, in capitals, of its codes."""
_SYSTEM_NAMES = MappingProxyType({"ICD10": "ICD-10", "ICDO3": "the topography of ICD-O-3"})


@dataclass(frozen=True)
class Number:
    """A number as it was written.

    Attributes:
        sign: ``<``, ``<=``, ``>``, ``>=`` where only a bound is known, else empty.
        value: The number.
    """

    sign: str
    value: Decimal


@lru_cache(maxsize=_REMEMBERED)
def is_missing(text: str) -> bool:
    """Whether a cell says that nothing is known."""
    return text.strip().upper() in MISSING


def shown(text: str) -> str:
    """A value as a message quotes it."""
    return repr(text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…")


def read_number(text: str, decimal: str = ".") -> Number:
    """A number, with the sign of a bound before it where there is one.

    Args:
        text: Such as ``4.5``, ``<0.1`` or ``1e-3``.
        decimal: What parts the decimals, ``.`` or ``,``.

    Raises:
        UnreadableNumber: it is not one.
    """
    plain = text.strip().translate(_SIGNS)
    found = _NUMBER.fullmatch(plain.replace(",", ".") if decimal == "," else plain)
    if found is None:
        raise UnreadableNumber(f"{shown(text)} is not a number.")
    return Number("" if found[1] == "=" else found[1], Decimal(found[2]))


@lru_cache(maxsize=_REMEMBERED)
def read_date(text: str, form: str = "") -> str:
    """A date as ISO 8601 writes it, as far as it is known: ``2024-03-01``, ``2024-03`` or ``2024``; a time is kept.

    Args:
        text: The date.
        form: How it is written (as for ``strptime``); ISO 8601 and ``YYYYMMDD`` where empty.

    Raises:
        ImpossibleDate: it is not a date, before 1850 or in the future.
    """
    plain = text.strip()
    try:
        if form:
            when = datetime.strptime(plain, form).replace(tzinfo=UTC)
            iso = when.isoformat(sep="T")[:19] if "%H" in form else when.date().isoformat()
        else:
            iso = _iso(plain)
        year = int(iso[:4])
    except ValueError:
        raise ImpossibleDate(f"{shown(text)} is not a date{f' of the form {form}' if form else ''}.") from None
    if year < EARLIEST_YEAR:
        raise ImpossibleDate(f"The date {shown(text)} is too long ago.")
    if iso[:10] > datetime.now(UTC).date().isoformat():
        raise ImpossibleDate(f"The date {shown(text)} {IN_THE_FUTURE}")
    return iso


def _iso(text: str) -> str:
    found = _DATE.fullmatch(text)
    if found is None:
        raise ValueError(text)
    year, month, day = found[1], found[2], found[3]
    datetime(int(year), int(month or 1), int(day or 1), tzinfo=UTC)
    whole = "-".join(part for part in (year, month, day) if part)
    if "T" not in text and " " not in text:
        return whole
    time = re.split(r"[T ]", text, maxsplit=1)[1]
    datetime.fromisoformat(f"{whole}T{time}")
    return f"{whole}T{time}"


@lru_cache(maxsize=_REMEMBERED)
def read_code(vocabulary: str, text: str, system: str = "") -> str:
    """The code of a vocabulary that a text stands for.

    Args:
        vocabulary: Name of the vocabulary.
        text: A code, another spelling of one, or the code without the name of its system.
        system: The system of codes that do not name theirs, such as ``ICD10``.

    Raises:
        UnknownClinicalCode: no rule reads it, or it looks like a code of a neoplasm that there is not.
    """
    words = VOCABULARIES[vocabulary]
    lacking = ""
    for candidate in _candidates(vocabulary, text, system):
        if words.holds(candidate):
            lack = no_such(candidate)
            if not lack:
                return candidate
            lacking = f"{lack} in {_SYSTEM_NAMES[candidate.partition(':')[0]]}"
    if lacking:
        raise UnknownClinicalCode(f"{shown(text)} is no code: there is no {lacking}.")
    raise UnknownClinicalCode(f"{shown(text)} is not read as a value of {vocabulary}; one is {words.example}.")


@lru_cache(maxsize=_REMEMBERED)
def is_own_marker(text: str, system: str = "") -> bool:
    """Whether a name of a measurement is in no list, and so is one of the hospital's own.

    Args:
        text: The name, or a code.
        system: The system of codes that do not name theirs, such as ``LOINC``.
    """
    try:
        read_code("marker", text, system)
    except UnknownClinicalCode:
        return not is_missing(text)
    return False


def read_marker_name(text: str, system: str = "") -> str:
    """The code of a marker that is called so by who wrote a mapping; one of the hospital's own is :data:`OWN_MARKER`.

    Args:
        text: The name, or a code.
        system: The system of codes that do not name theirs, such as ``LOINC``.

    Raises:
        UnknownClinicalCode: it names nothing.
    """
    return OWN_MARKER if is_own_marker(text, system) else read_code("marker", text, system)


def _candidates(vocabulary: str, text: str, system: str) -> list[str]:
    plain = " ".join(text.split())
    upper = plain.upper()
    found = [_SPELLINGS.get(vocabulary, {}).get(upper, ""), plain, upper, upper.replace(" ", "_")]
    if vocabulary == "stage":
        short = upper.removeprefix("STAGE").strip()
        found += [short, _SPELLINGS["stage"].get(short, "")]
    if vocabulary.startswith("tnm_"):
        found += _tnm(plain, vocabulary[-1].upper())
    if vocabulary in {"condition", "topography", "morphology", "treatment_code", "marker"}:
        named = _in_system(upper, system or {"condition": "ICD10"}.get(vocabulary, "ICDO3"))
        found += [_SPELLINGS.get(vocabulary, {}).get(code, "") for code in named] + named
    return found


def _tnm(text: str, letter: str) -> list[str]:
    """``cT1a``, ``pt1A``, ``1a`` as ``T1a``."""
    bare = re.sub(rf"^(?:[cpyrCPYR]*[{letter}{letter.lower()}])", "", text)
    return [letter + bare, letter + bare.lower(), letter + bare.upper()]


def _in_system(code: str, system: str) -> list[str]:
    """A code with the name of its system, and the point that ``C341`` lacks."""
    bare = code.removeprefix(f"{system}:")
    pointed = re.sub(r"^([A-Z][0-9]{2})([0-9]{1,2})$", r"\1.\2", bare)
    return [f"{system}:{bare}", f"{system}:{pointed}"]


def read_result(marker: str, text: str) -> str:
    """What a test found; scores are those of the marker.

    Raises:
        UnknownClinicalCode: no rule reads it.
    """
    return read_score(marker, text) or read_code("result", text)


def read_span(text: str, unit: str, decimal: str = ".") -> tuple[Number, Decimal]:
    """A time that a life has room for: the number as it was written, and its days.

    Args:
        text: Such as ``27``.
        unit: Of time, in UCUM.
        decimal: What parts the decimals, ``.`` or ``,``.

    Raises:
        UnreadableNumber: it is not a number, only a bound, not of time, negative or longer than a life.
    """
    number = read_number(text, decimal)
    days = convert(number.value, unit, "d")
    if days is None:
        raise UnreadableNumber(f"A time of follow-up needs its unit, such as d, mo or a; it has {unit!r}.")
    if number.sign:
        raise UnreadableNumber(f"{shown(text)} is only a bound, not a time of follow-up.")
    if number.value < 0:
        raise UnreadableNumber(f"{shown(text)} is no time of follow-up: it is less than 0.")
    longest = convert(Decimal(LONGEST_LIFE), "a", "d")
    if longest is not None and days > longest:
        raise UnreadableNumber(f"{shown(text)} {unit} is no time of follow-up: longer than {LONGEST_LIFE} years.")
    return number, days


def in_its_unit(marker: str, number: Number, unit: str) -> Decimal | None:
    """A value in the unit in which its marker is asked; ``None`` where that cannot be told.

    A marker without a unit in :data:`MARKER_UNITS` is not asked by value: nodes would add up different scales.
    """
    if number.sign or marker not in MARKER_UNITS:
        return None
    return convert(number.value, unit, MARKER_UNITS[marker])

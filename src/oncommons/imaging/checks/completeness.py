"""Whether a series is whole: no slice missing, none twice, all of one geometry.

Positions decide, not numbers: instance numbers need not be in a row (PS3.3 C.7.6.1), so what they say supports or
weakens what the positions say.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from oncommons.imaging.checks.findings import Finding
from oncommons.imaging.checks.reading import listed, numbers, said, whole
from oncommons.imaging.checks.stacks import DISCRIMINATORS, Stack, offsets, spacing
from oncommons.imaging.tags import Attributes, Tag

ROUNDING = 0.1
"""Millimetres that positions may be off, since some makers write one decimal; also the share of the spacing."""
_FEWEST = 3
_MANY = 0.2
"""If more of the distances than this are too large, the spacing changes within the series and nothing is missing."""
_AGREE = 0.5
_SIDEWAYS = 0.05
_SAME_SIZE = 0.001


@dataclass(frozen=True)
class Hole:
    """Where slices are missing: between two places along the normal, in millimetres, and how many."""

    after: float
    before: float
    missing: int


def holes(places: Sequence[float]) -> tuple[list[Hole], list[float]]:
    """Where slices are missing in a row of places, and distances that are neither one spacing nor several.

    Args:
        places: Along the normal, in millimetres and ascending order.
    """
    usual = spacing(places)
    if len(places) < _FEWEST or usual <= 0:
        return [], []
    slack = min(max(ROUNDING, ROUNDING * usual), 0.4 * usual)
    found, odd = [], []
    for after, before in pairwise(places):
        distance = before - after
        times = round(distance / usual)
        if abs(distance - usual) <= slack:
            continue
        if times > 1 and abs(distance - times * usual) <= slack + 0.02 * distance:
            found.append(Hole(after, before, times - 1))
        else:
            odd.append(distance)
    if len(found) > max(2, _MANY * (len(places) - 1)):
        return [], [*odd, *(hole.before - hole.after for hole in found)]
    return found, odd


def slices_missing(stack: Stack) -> Iterator[Finding]:
    """Gaps, and volumes that end before the others."""
    whole_stack = offsets(stack.slices)
    usual = spacing(whole_stack)
    gaps, odd = holes(whole_stack)
    yield from _gaps(stack, gaps, usual)
    if odd:
        words = f"{len(odd):,} of {len(whole_stack) - 1:,} distances differ from the usual {usual:.2f} mm"
        yield Finding(
            "uneven-spacing",
            f"{words}; they go from {min(odd):.2f} to {max(odd):.2f} mm.",
            {"usual_mm": round(usual, 3), "distances": len(odd), "smallest_mm": min(odd), "largest_mm": max(odd)},
        )
    yield from _shorter_volumes(stack, len(whole_stack))


def _gaps(stack: Stack, gaps: Sequence[Hole], usual: float) -> Iterator[Finding]:
    by_code: defaultdict[str, list[Hole]] = defaultdict(list)
    for gap in gaps:
        by_code["gap-as-numbered" if _runs_on(stack, gap) else "missing-slices"].append(gap)
    for code, found in by_code.items():
        missing = sum(gap.missing for gap in found)
        where = listed([f"{gap.after:.1f} and {gap.before:.1f} mm" for gap in found])
        words = f"{missing:,} slices would fit between {where}, at the usual {usual:.2f} mm."
        if code == "gap-as-numbered":
            words += " The images on both sides are numbered in a row, so the gap may have been taken so."
        yield Finding(code, words, {"missing": missing, "gaps": len(found), "usual_mm": round(usual, 3)})


def _runs_on(stack: Stack, gap: Hole) -> bool:
    """Whether the instance numbers on both sides of a gap follow one another, as if nothing were missing."""
    before = [one.number for one in stack.slices if abs(one.offset - gap.after) < ROUNDING]
    after = [one.number for one in stack.slices if abs(one.offset - gap.before) < ROUNDING]
    return any(a is not None and b is not None and abs(a - b) == 1 for a in before for b in after)


def _shorter_volumes(stack: Stack, places: int) -> Iterator[Finding]:
    """Volumes that have fewer slices than most, where most have all."""
    sizes = [len({one.place for one in volume}) for volume in stack.volumes]
    full = [size for size in sizes if size == places]
    if len(sizes) < _FEWEST or len(full) <= _AGREE * len(sizes) or len(full) == len(sizes):
        return
    missing = sum(places - size for size in sizes)
    words = f"{len(sizes) - len(full):,} of {len(sizes):,} volumes lack {missing:,} of their {places:,} slices."
    yield Finding("missing-slices", words, {"missing": missing, "volumes": len(sizes), "slices": places})


def double_positions(stack: Stack) -> Iterator[Finding]:
    """Images that nothing tells from another one at the same place.

    Where most places have the same number of them, the series has several volumes and does not say of what; only
    what is more than that, or bears the same number, is there twice.
    """
    told = [tuple(one.one.get(tag, "") for tag in DISCRIMINATORS) for one in stack.slices]
    alike = Counter((one.place, apart) for one, apart in zip(stack.slices, told, strict=True))
    most: dict[int, int] = {}
    for (place, _), times in alike.items():
        most[place] = max(times, most.get(place, 0))
    usual = max(Counter(most.values()).items(), key=lambda item: (item[1], item[0]))[0]
    twice = Counter((one.place, one.number, apart) for one, apart in zip(stack.slices, told, strict=True))
    doubled = {place for (place, number, _), times in twice.items() if times > 1 and number is not None}
    doubled |= {place for place, times in most.items() if times > usual}
    if doubled:
        words = f"At {len(doubled):,} of {len(most):,} positions there are images that nothing tells apart."
        yield Finding("double-positions", words, {"positions": len(doubled), "of": len(most)})
    elif usual > 1:
        words = f"At each of {len(most):,} positions there are {usual:,} images that no attribute tells apart."
        yield Finding("unexplained-volumes", words, {"positions": len(most), "images": usual})


def leaning(stack: Stack) -> Iterator[Finding]:
    """Slices that are shifted within their plane from one to the next, as with a tilted gantry."""
    rows = sorted({one.offset: one.position for one in stack.slices}.items())
    if len(rows) < _FEWEST:
        return
    shifts = []
    for (before, start), (after, end) in pairwise(rows):
        along = after - before
        aside = sum((e - s - along * n) ** 2 for s, e, n in zip(start, end, stack.normal, strict=True)) ** 0.5
        shifts.append(aside / along if along else 0.0)
    typical = sorted(shifts)[len(shifts) // 2]
    if typical > _SIDEWAYS:
        yield Finding(
            "leaning-stack",
            f"From slice to slice the image moves sideways by {typical:.2f} mm for each millimetre.",
            {"sideways_per_mm": round(typical, 4)},
        )


def fewer_than_stated(stack: Stack) -> Iterator[Finding]:
    """PET series state their slices and time slices, dynamic series their time points."""
    first = stack.slices[0].one
    slices = whole(first, Tag.SLICES) if first.get(Tag.MODALITY) == "PT" else None
    places = len(stack.crowds)
    if slices and places < slices:
        words = f"The header states {slices:,} slices; {places:,} are here."
        yield Finding("fewer-than-stated", words, {"stated": slices, "found": places})
    times = whole(first, Tag.TEMPORAL_POSITIONS)
    found = len(said([one.one for one in stack.slices], Tag.TEMPORAL_POSITION))
    if times and found and found < times:
        words = f"The header states {times:,} time points; {found:,} are here."
        yield Finding("fewer-than-stated", words, {"stated": times, "found": found})


def mixed(instances: Sequence[Attributes], stacked: Sequence[Stack]) -> Iterator[Finding]:
    """Images that cannot lie in one volume."""
    if len(stacked) > 1:
        sizes = sorted((len(stack.slices) for stack in stacked), reverse=True)
        words = f"{len(stacked):,} orientations, with {listed([f'{size:,}' for size in sizes])} images."
        yield Finding("mixed-orientation", words, {"orientations": len(stacked)})
    images = [one.one for stack in stacked for one in stack.slices]
    pixels = _sizes(images)
    if len(pixels) > 1:
        words = "Pixels of " + listed([f"{a:g} x {b:g}" for a, b in pixels]) + " mm."
        yield Finding("mixed-spacing", words, {"sizes": len(pixels)})
    matrices = sorted({(one.get(Tag.ROWS, ""), one.get(Tag.COLUMNS, "")) for one in images})
    if len(matrices) > 1:
        words = "Images of " + listed([f"{rows} x {columns}" for rows, columns in matrices]) + " pixels."
        yield Finding("mixed-matrix", words, {"sizes": len(matrices)})
    for tag, code, words in (
        (Tag.FRAME_OF_REFERENCE, "mixed-frame", "frames of reference"),
        (Tag.MODALITY, "mixed-kinds", "modalities"),
    ):
        found = said(instances, tag)
        if len(found) > 1:
            yield Finding(code, f"{len(found):,} {words} in one series.", {"found": len(found)})


def _sizes(images: Sequence[Attributes]) -> list[tuple[float, float]]:
    found: list[tuple[float, float]] = []
    for one in images:
        size = numbers(one, Tag.PIXEL_SPACING)
        if len(size) != 2 or any(_alike(size, other) for other in found):  # noqa: PLR2004
            continue
        found.append((size[0], size[1]))
    return found


def _alike(one: Sequence[float], other: Sequence[float]) -> bool:
    return all(abs(a - b) <= _SAME_SIZE * b for a, b in zip(one, other, strict=True))


def numbering(instances: Sequence[Attributes], stacked: Sequence[Stack]) -> Iterator[Finding]:
    """Instance numbers that are missing or occur twice."""
    found = Counter(n for one in instances if (n := whole(one, Tag.INSTANCE_NUMBER)) is not None)
    if len(found) < _FEWEST:
        return
    row = sorted(found)
    step = min(after - before for before, after in pairwise(row))
    missing = (row[-1] - row[0]) // step + 1 - len(row)
    if missing > 0:
        words = f"Of the numbers {row[0]:,} to {row[-1]:,}, {missing:,} are missing."
        if stacked and not any(holes(offsets(stack.slices))[0] for stack in stacked):
            words += " The slices lie in a row without a gap."
        yield Finding("numbers-missing", words, {"first": row[0], "last": row[-1], "missing": missing})
    volumes = [Counter(one.number for one in volume) for stack in stacked for volume in stack.volumes]
    doubled = sum(1 for volume in volumes for n, times in volume.items() if n is not None and times > 1)
    if doubled:
        words = f"{doubled:,} numbers stand on more than one image of the same volume."
        yield Finding("numbers-doubled", words, {"numbers": doubled})

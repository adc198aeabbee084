"""All rules over one series."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence

from oncommons.imaging.checks.completeness import (
    double_positions,
    fewer_than_stated,
    leaning,
    mixed,
    numbering,
    slices_missing,
)
from oncommons.imaging.checks.contradictions import OF_ONE, slice_distance
from oncommons.imaging.checks.faces import recognizable_face
from oncommons.imaging.checks.findings import Finding
from oncommons.imaging.checks.pixels import pixel_data
from oncommons.imaging.checks.reading import listed, share
from oncommons.imaging.checks.required import missing_required
from oncommons.imaging.checks.stacks import Stack, is_localizer, stacks
from oncommons.imaging.tags import Attributes, Tag

EVERY_TAG: frozenset[str] = frozenset(Tag)
_OF_STACKS = (slices_missing, double_positions, leaning, fewer_than_stated)


def check_series(
    instances: Sequence[Attributes], known: Collection[str] = EVERY_TAG, frames: Sequence[Attributes] = ()
) -> tuple[Finding, ...]:
    """What is wrong with a series; nothing where no rule finds a fault.

    Images that were made to plan others are left out of what is said about volumes.

    Args:
        instances: Its objects, in any order.
        known: Tags that were looked for; rules that need others are silent.
        frames: Frames of those that hold several slices, as :mod:`oncommons.imaging.checks.frames` tells them.
    """
    volume = [one for one in instances if not is_localizer(one)]
    stacked = stacks([*volume, *(one for one in frames if not is_localizer(one))])
    found = [*mixed(volume, stacked), *numbering(instances, stacked)]
    for stack in stacked:
        found += _of_stack(stack)
    found += recognizable_face(volume)
    found += _of_each(instances, known)
    return tuple(found)


def _of_stack(stack: Stack) -> Iterator[Finding]:
    for rule in _OF_STACKS:
        yield from rule(stack)
    distance = slice_distance(stack)
    if distance is not None:
        yield distance


def _of_each(instances: Sequence[Attributes], known: Collection[str]) -> Iterator[Finding]:
    """Findings about single objects, those that are the same in words told once."""
    rules = [*OF_ONE, *([pixel_data] if Tag.PIXELS in known else [])]
    alike: defaultdict[tuple[str, str], list[Finding]] = defaultdict(list)
    for one in instances:
        for rule in rules:
            finding = rule(one)
            if finding is not None:
                alike[finding.code, finding.words].append(finding)
        lacking = missing_required(one, known)
        if lacking:
            words = f"{listed(lacking)}."
            alike["required-missing", words].append(Finding("required-missing", words, {"attributes": list(lacking)}))
    for same in alike.values():
        first = same[0]
        words = f"{first.words} ({share(len(same), instances)})"
        yield Finding(first.code, words, {**first.numbers, "images": len(same)})

"""Objects that describe others, linked to what they describe, and whether that is here."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any

from oncommons.imaging.checks.findings import Finding
from oncommons.imaging.references import DESCRIBING, References

Place = Callable[[str], str | None]
"""SOP Instance UID to the series that holds it here, if any does."""


@dataclass(frozen=True)
class Link:
    """One object and one series that it describes: a row of the data model.

    Attributes:
        sop: SOP Instance UID of the object that describes.
        series: Its series.
        kind: What it is to the other, such as ``contours``.
        target: The series that it describes; empty where that is not here.
        instances: How many objects of it are named; 0 where only the series is named.
    """

    sop: str
    series: str
    kind: str
    target: str
    instances: int

    @property
    def resolved(self) -> bool:
        """Whether what is described is here."""
        return bool(self.target)


@dataclass(frozen=True)
class LinkCount:
    """How the objects of one kind are linked.

    Attributes:
        kind: What they are, such as ``contours``.
        objects: How many there are.
        whole: How many of them name something, all of which is here.
        partial: How many of them name something that is here and something that is not.
        nowhere: How many of them name only what is not here.
        unlinked: How many of them name nothing.
        targets: How many series they describe.
    """

    kind: str
    objects: int
    whole: int
    partial: int
    nowhere: int
    unlinked: int
    targets: int

    def to_json(self) -> dict[str, Any]:
        """As JSON."""
        return dict(vars(self))


def links_of(
    sop: str, series: str, kind: str, found: References, place: Place, here: Callable[[str], bool]
) -> tuple[Link, ...]:
    """The links of one object, one for each series that it describes and one for all that is not here.

    Args:
        sop: SOP Instance UID of the object.
        series: Its series.
        kind: What it is to others.
        found: What it refers to.
        place: Where objects are.
        here: Whether a series is here.
    """
    targets, lost = resolved(sop, series, found, place, here)
    numbers = {target: len(names) for target, names in targets.items()}
    if lost:
        numbers[""] = len(lost & found.instances)
    return tuple(Link(sop, series, kind, target, number) for target, number in sorted(numbers.items()))


def resolved(
    sop: str, series: str, found: References, place: Place, here: Callable[[str], bool]
) -> tuple[dict[str, frozenset[str]], frozenset[str]]:
    """The series that one object describes, each with the objects of it that are named, and the names that are not here.

    A series that is named and not here counts only where no objects are named.

    Args:
        sop: SOP Instance UID of the object.
        series: Its series.
        found: What it refers to.
        place: Where objects are.
        here: Whether a series is here.
    """
    targets: defaultdict[str, set[str]] = defaultdict(set)
    for name in found.instances - {sop}:
        targets[place(name) or ""].add(name)
    lost = targets.pop("", set())
    for name in found.series - targets.keys() - {series}:
        if here(name):
            targets[name] = set()
        elif not found.instances:
            lost.add(name)
    return {target: frozenset(names) for target, names in targets.items()}, frozenset(lost)


def count_links(objects: Iterable[tuple[str, Collection[Link]]]) -> tuple[LinkCount, ...]:
    """How the objects of each kind are linked, in order of kind.

    Args:
        objects: Kind and links of each object that describes others.
    """
    by_kind: defaultdict[str, list[Collection[Link]]] = defaultdict(list)
    for kind, links in objects:
        by_kind[kind].append(links)
    return tuple(_count(kind, by_kind[kind]) for kind in sorted(by_kind))


def _count(kind: str, objects: Collection[Collection[Link]]) -> LinkCount:
    states = Counter(_state(links) for links in objects)
    targets = {link.target for links in objects for link in links if link.resolved}
    return LinkCount(
        kind,
        len(objects),
        states["whole"],
        states["partial"],
        states["nowhere"],
        states["unlinked"],
        len(targets),
    )


def _state(links: Collection[Link]) -> str:
    if not links:
        return "unlinked"
    resolved = sum(link.resolved for link in links)
    return "whole" if resolved == len(links) else "partial" if resolved else "nowhere"


def link_finding(links: Collection[Link]) -> Finding | None:
    """What is wrong with the links of one object, if anything."""
    lost = [link for link in links if not link.resolved]
    if not lost:
        return None
    missing, named = sum(link.instances for link in lost), sum(link.instances for link in links)
    what = f"{missing:,} of {named:,} objects" if missing else "the series"
    words = f"Not here: {what} that it describes."
    if any(link.resolved and not link.instances for link in links):
        words += " The series that it names is here, with other objects in it."
    return Finding("unresolved-links", words, {"missing": missing, "named": named})


def words_of(count: LinkCount) -> str:
    """One kind in words, such as ``contours: 12 objects describe 12 series; all resolve``."""
    text = f"{count.kind}: {count.objects:,} objects describe {count.targets:,} series here"
    rest = [
        f"{number:,} {words}"
        for number, words in (
            (count.partial, "describe also what is not here"),
            (count.nowhere, "describe only what is not here"),
            (count.unlinked, "name nothing"),
        )
        if number
    ]
    return f"{text}; {', '.join(rest) if rest else 'all resolve'}"


def kind_of(modality: str) -> str:
    """What objects of a modality are to others; empty where they describe nothing."""
    return DESCRIBING.get(modality, "")

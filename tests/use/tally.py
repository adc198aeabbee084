"""What was kept of many objects at once: pairs of files as they came and as they are kept."""

from collections import defaultdict
from dataclasses import dataclass, field

import pydicom
from tests.use.measures import (
    attributes,
    contours,
    dates,
    days_between,
    kept,
    moved_by,
    read,
    references,
    suv_factor,
    words,
)

IDENTITIES = ("SOPInstanceUID", "SeriesInstanceUID", "StudyInstanceUID", "FrameOfReferenceUID")
NEAR = 1e-6


@dataclass
class Tally:
    """Numbers of what there was and of what is kept, each pair ``[kept, was]``."""

    files: int = 0
    attributes: dict = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    suv: list = field(default_factory=lambda: [0, 0])
    references: list = field(default_factory=lambda: [0, 0])
    renamed: dict = field(default_factory=dict)
    contours: list = field(default_factory=lambda: [0, 0])
    pixels: list = field(default_factory=lambda: [0, 0])
    words: list = field(default_factory=lambda: [0, 0])
    days: dict = field(default_factory=lambda: defaultdict(set))

    @property
    def share(self):
        """Share of the research attributes that is kept, over all objects."""
        return sum(k for k, _ in self.attributes.values()) / max(1, sum(w for _, w in self.attributes.values()))

    @property
    def patients(self):
        """Of how many patients all dates were moved by the same days, and how many there are."""
        return [sum(len(days) == 1 and None not in days for days in self.days.values()), len(self.days)]

    def add(self, before, after, new):
        """Count one pair of files.

        Args:
            before: The file as it came.
            after: As it is kept.
            new: UID of an object, series, study or space to the one it has now.
        """
        old, now = read(before), read(after)
        self.files += 1
        self._attributes(old, now)
        _count(self.suv, suv_factor(old), suv_factor(now), near)
        _count(self.pixels, old.get("PixelData"), now.get("PixelData"), lambda a, b: a == b)
        self._references(references(old), references(now), new)
        was = contours(before)
        self.contours[0] += sum(a == b for a, b in zip(was, contours(after), strict=False))
        self.contours[1] += len(was)
        self.words[0] += (words(old) & words(now)).total()
        self.words[1] += words(old).total()

    def _references(self, were, are, new):
        """A reference is kept if it names the same thing; what is not among the files must have one new name too."""
        self.references[1] += len(were)
        if len(were) == len(are):
            for was, now in zip(were, are, strict=True):
                name = new[was] if was in new else self.renamed.setdefault(was, now)
                self.references[0] += name == now

    def _attributes(self, old, now):
        days = moved_by(old, now)
        for attribute in attributes():
            still = kept(attribute, old, now, days)
            if still is not None:
                self.attributes[attribute.path][0] += still
                self.attributes[attribute.path][1] += 1
        were, are = dates(old), dates(now)
        if len(were) == len(are):
            self.days[str(old.get("PatientID"))] |= {days_between(a, b) for a, b in zip(were, are, strict=True)}


def near(one, other):
    """Whether two numbers are the same to a millionth."""
    return abs(one / other - 1) < NEAR


def _count(pair, was, now, same):
    if was is not None:
        pair[0] += now is not None and same(was, now)
        pair[1] += 1


def identities(pairs):
    """UID of every object, series, study and space to the one it has now."""
    new = {}
    for before, after in pairs:
        old, now = (pydicom.dcmread(place, stop_before_pixels=True, force=True) for place in (before, after))
        new |= {str(old[name].value): str(now[name].value) for name in IDENTITIES if name in old and name in now}
    return new


def tally(pairs):
    """What is kept of pairs of files."""
    pairs, found = list(pairs), Tally()
    new = identities(pairs)
    for before, after in pairs:
        found.add(before, after, new)
    return found

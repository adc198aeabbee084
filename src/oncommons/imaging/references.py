"""What an object refers to: other objects, series, studies and frames of reference (PS3.3 sections 10.3, 10.8).

Segmentations, contours, doses, plans, reports, presentations and registrations name the images that they describe
somewhere in nested sequences.  One pass over the bytes finds every such name, whatever sequence it stands in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from mmap import mmap
from struct import Struct, error
from types import MappingProxyType

from oncommons.imaging.dictionary import vr_of
from oncommons.imaging.syntax import DEFLATED_LITTLE, EXPLICIT_BIG, IMPLICIT_LITTLE, LONG_VRS, open_file, open_head
from oncommons.schema.errors import DamagedImage

DESCRIBING: Mapping[str, str] = MappingProxyType(
    {
        "SEG": "segmentation",
        "RTSTRUCT": "contours",
        "RTDOSE": "dose",
        "RTPLAN": "plan",
        "SR": "report",
        "PR": "presentation",
        "REG": "registration",
        "KO": "selection",
    },
)
"""Modality of objects that describe others, and what they are to those."""
_INSTANCE, _SERIES, _STUDY = 0x00081155, 0x0020000E, 0x0020000D
_FRAMES = frozenset({0x30060024, 0x00200052})
_OF_STUDIES = frozenset({0x00081110, 0x30060012})
"""Sequences in which the SOP Instance UID is that of a study (PS3.3 table 10-3b; C.8.8.5)."""
_OF_OTHERS = frozenset({0x00081111, 0x00081120, 0x00081134, 0x0040A370})
"""Sequences that refer to patients, procedures and requests, not to images."""
_NAMES = frozenset({_INSTANCE, _SERIES, _STUDY, *_FRAMES})
_UNDEFINED = 0xFFFFFFFF
_DELIMITERS, _ITEM, _SEQUENCE_END = 0xFFFE, 0xFFFEE000, 0xFFFEE0DD
_PIXELS = 0x7FE00010
_HEAD = 8
_DEEPEST = 10_000


@dataclass(frozen=True)
class References:
    """What an object refers to, by UID.

    Attributes:
        instances: Other objects.
        series: Series.
        studies: Studies.
        frames: Frames of reference.
    """

    instances: frozenset[str]
    series: frozenset[str]
    studies: frozenset[str]
    frames: frozenset[str]


@dataclass
class _Level:
    """A sequence that is being read: its tag, where it ends, and whether elements around it name their kind."""

    tag: int
    end: int
    explicit: bool


def references(file: bytes | mmap) -> References:
    """Everything that a file refers to below its top level.

    Args:
        file: Its bytes, best mapped into memory, since pixels are not looked at.

    Raises:
        ImageError: it is not DICOM, or is broken.
    """
    opened = open_head(file[: 1024 * 1024])
    if opened.syntax == DEFLATED_LITTLE:
        inflated = open_file(file[:])
        walk = _Walk(inflated.data, opened.syntax)
        return walk.read(inflated.start)
    return _Walk(file, opened.syntax).read(opened.start)


@dataclass
class _Walk:
    """One pass over a data set, sequences not entered one by one but read through."""

    data: bytes | mmap
    syntax: bytes
    found: dict[int, set[str]] = field(default_factory=lambda: {tag: set() for tag in _NAMES})
    levels: list[_Level] = field(default_factory=list)

    def __post_init__(self) -> None:
        end = ">" if self.syntax == EXPLICIT_BIG else "<"
        self.bare, self.short, self.long = (Struct(end + kind).unpack_from for kind in ("HHI", "H", "I"))
        self.explicit = self.syntax != IMPLICIT_LITTLE

    def read(self, at: int) -> References:
        """Read all names below the top level."""
        try:
            while at + _HEAD <= len(self.data):
                self.leave(at)
                at = self.element(at)
                if at < 0:
                    break
        except error as fault:
            raise DamagedImage("The data set ends inside an element.") from fault
        names = [self.found[tag] for tag in (_INSTANCE, _SERIES, _STUDY)]
        instances, series, studies = (frozenset(uids) for uids in names)
        return References(instances, series, studies, frozenset().union(*(self.found[tag] for tag in _FRAMES)))

    def leave(self, at: int) -> None:
        """Leave the sequences that end here."""
        while self.levels and at >= self.levels[-1].end:
            self.explicit = self.levels.pop().explicit

    def element(self, at: int) -> int:
        """Read one element, or step into it; returns where the next one begins, -1 at the pixels of the object."""
        group, number, length = self.bare(self.data, at)
        tag, vr, at = group << 16 | number, b"", at + 4
        if group == _DELIMITERS:
            if tag == _SEQUENCE_END and self.levels:
                self.explicit = self.levels.pop().explicit
            return at + 4
        if self.explicit:
            vr = self.data[at : at + 2]
            (length,) = self.long(self.data, at + 4) if vr in LONG_VRS else self.short(self.data, at + 2)
            at += 4 if vr in LONG_VRS else 0
        at += 4
        if tag == _PIXELS and not self.levels:
            return -1
        if length == _UNDEFINED or vr == b"SQ" or (vr in {b"", b"UN"} and vr_of(tag) == "SQ"):
            return self.fragments(at) if tag == _PIXELS else self.enter(tag, vr, length, at)
        if tag in _NAMES and self.levels:
            self.note(tag, self.data[at : at + length].strip(b"\0 "))
        return at + int(length)

    def enter(self, tag: int, vr: bytes, length: int, at: int) -> int:
        """Step into a sequence."""
        if len(self.levels) >= _DEEPEST:
            raise DamagedImage("Sequences lie in one another too deeply.")
        end = len(self.data) if length == _UNDEFINED else at + length
        self.levels.append(_Level(tag, end, self.explicit))
        self.explicit = self.explicit and vr != b"UN"  # PS3.5 section 6.2.2
        return at

    def fragments(self, at: int) -> int:
        """Step over compressed pixels inside a sequence, such as those of an icon."""
        while True:
            group, number, length = self.bare(self.data, at)
            at += 8
            if group << 16 | number != _ITEM:
                return at
            at += int(length)

    def note(self, tag: int, value: bytes) -> None:
        """Note a name, unless it is that of something else than an image."""
        inside = self.levels[-1].tag
        if not value or (tag == _INSTANCE and inside in _OF_OTHERS):
            return
        kind = _STUDY if tag == _INSTANCE and inside in _OF_STUDIES else tag
        self.found[kind].update(uid.strip("\0 ") for uid in value.decode("latin-1").split("\\"))

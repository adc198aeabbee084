"""Every rule of the checks, each with the page of the standard that it comes from, and what a finding is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

Level = Literal["fault", "doubt", "note"]
"""``fault``: something is missing or wrong.  ``doubt``: a person should look.  ``note``: good to know."""


@dataclass(frozen=True)
class Rule:
    """A rule of the checks.

    Attributes:
        code: Its name in reports.
        level: How grave a finding is.
        title: What a finding says, in a few words.
        remedy: What to do about it.
        source: Where the rule comes from.
    """

    code: str
    level: Level
    title: str
    remedy: str
    source: str


@dataclass(frozen=True)
class Finding:
    """What a rule found in one series.

    Attributes:
        code: Name of the rule.
        words: What was found, with its numbers, in plain words; safe for the node's own people only.
        numbers: The same numbers by name.
    """

    code: str
    words: str
    numbers: Mapping[str, Any] = field(default_factory=dict)

    @property
    def rule(self) -> Rule:
        """The rule."""
        return RULES[self.code]


_ASK_AGAIN = "Ask the archive for the series again and compare the number of images."
_SPLIT = "Use the parts one by one; as one volume they are wrong."
_LOOK = "Look at the images before they are used."
_MAKER = "Correct it where the images come from, or leave the series out."
_PLANE = "PS3.3 C.7.6.2, Image Plane"
_PIXELS = "PS3.3 C.7.6.3, Image Pixel; PS3.5 section 8"
_TABLE = (
    Rule("file-gone", "fault", "Kept files are not in their place", "Restore them from a backup, or import them again.",
         "oncommons: the ledger names them"),
    Rule("file-damaged", "fault", "Kept files cannot be read", "Restore them from a backup, or import them again.",
         "PS3.5 section 7, PS3.10 section 7"),
    Rule("missing-slices", "fault", "Slices are missing", _ASK_AGAIN, f"{_PLANE} (0020,0032), (0020,0037)"),
    Rule("fewer-than-stated", "fault", "Fewer images than the header states", _ASK_AGAIN,
         "PS3.3 C.8.9.1, PET Series (0054,0081), (0054,0101); C.7.6.17 (0020,0105)"),
    Rule("gap-as-numbered", "doubt", "A gap between slices that are numbered in a row", _LOOK,
         f"{_PLANE} (0020,0032); C.7.6.1 (0020,0013)"),
    Rule("uneven-spacing", "doubt", "Slices are unevenly spaced",
         "Resample by position; do not count on one spacing.", f"{_PLANE} (0020,0032)"),
    Rule("leaning-stack", "note", "Slices are shifted sideways from one to the next",
         "Correct for the tilt of the gantry before the volume is used.", f"{_PLANE}; C.8.2.1 (0018,1120)"),
    Rule("double-positions", "fault", "Several images at one position",
         "Keep one of each; the other may be an image that was sent twice.", f"{_PLANE} (0020,0032)"),
    Rule("unexplained-volumes", "note", "Several volumes that no attribute tells apart",
         "Ask the maker's private attributes or the order of images what they are.",
         "PS3.3 C.7.6.17, Multi-frame Dimension; for single images by analogy"),
    Rule("mixed-orientation", "doubt", "Images of several orientations", _SPLIT, f"{_PLANE} (0020,0037)"),
    Rule("mixed-spacing", "doubt", "Images of several pixel sizes", _SPLIT, "PS3.3 10.7.1.3 (0028,0030)"),
    Rule("mixed-matrix", "doubt", "Images of several sizes", _SPLIT, "PS3.3 C.7.6.3 (0028,0010), (0028,0011)"),
    Rule("mixed-frame", "fault", "Images of several frames of reference", _SPLIT,
         "PS3.3 C.7.4.1: one frame of reference a series (0020,0052)"),
    Rule("mixed-kinds", "fault", "Objects of several modalities", _SPLIT, "PS3.3 C.7.3.1: one modality a series"),
    Rule("numbers-missing", "note", "Image numbers are missing", _ASK_AGAIN, "PS3.3 C.7.6.1 (0020,0013)"),
    Rule("numbers-doubled", "note", "Image numbers occur twice", _LOOK, "PS3.3 C.7.6.1 (0020,0013)"),
    Rule("pixels-short", "fault", "Pixel data are shorter than the header says", _ASK_AGAIN, _PIXELS),
    Rule("pixels-long", "note", "Pixel data are longer than the header says", _LOOK, _PIXELS),
    Rule("pixels-missing", "fault", "There are no pixel data", _ASK_AGAIN, _PIXELS),
    Rule("pixels-undecodable", "fault", "Compressed pixels cannot be decoded", _ASK_AGAIN, "PS3.5 section 8.2, annex A.4"),
    Rule("pixels-untried", "note", "Compressed pixels were not tried",
         "Nothing here decodes them, or a frame is too large; look at them elsewhere.", "PS3.5 section 8.2"),
    Rule("pixels-undescribed", "fault", "The header does not say how to read the pixels", _MAKER, _PIXELS),
    Rule("required-missing", "doubt", "Attributes that the standard requires are missing", _MAKER,
         "PS3.3 annex A and the modules of annex C, type 1; PS3.5 section 7.4.1"),
    Rule("kind-and-modality", "doubt", "Modality and kind of object contradict each other", _MAKER,
         "PS3.3 C.7.3.1.1.1 and the series module of each IOD; PS3.4 B.5"),
    Rule("spacing-contradicted", "note", "Slices lie at another distance than the header says",
         "Take the distance from the positions.", "PS3.3 C.8.3.1 and others (0018,0088)"),
    Rule("orientation-invalid", "fault", "The orientation is not two directions at right angles", _MAKER,
         "PS3.3 C.7.6.2.1.1"),
    Rule("size-invalid", "fault", "A size is not a positive number", _MAKER, "PS3.3 10.7.1.3, C.7.6.2"),
    Rule("bits-contradicted", "doubt", "Bits of the pixels contradict each other", _MAKER,
         "PS3.3 C.7.6.3.1; PS3.5 section 8.1.1"),
    Rule("colours-contradicted", "doubt", "Number of samples and kind of colour contradict each other", _MAKER,
         "PS3.3 C.7.6.3.1.2"),
    Rule("suv-not-computable", "doubt", "Uptake values (SUV) cannot be computed",
         "Ask the archive for the attributes that are named.",
         "PS3.3 C.8.9.1, C.8.9.2, C.8.9.3; QIBA FDG-PET profile, vendor-neutral SUV"),
    Rule("dates-contradicted", "note", "The series is dated before its study", _LOOK, "PS3.3 C.7.2.1, C.7.3.1"),
    Rule("age-contradicted", "doubt", "Age and date of birth contradict each other", _LOOK, "PS3.3 C.7.1.1, C.7.2.2"),
    Rule("person-contradicted", "doubt", "Series of a person contradict each other on who it is", _LOOK,
         "PS3.3 C.7.1.1, C.7.2.2: sex and age belong to the patient and the study"),
    Rule("twin-series", "doubt", "The same images are there under another series",
         "Keep one of the two; count them once.", "PS3.3 C.7.3.1: a series has one identifier"),
    Rule("twin-study", "doubt", "The same images are there under another study",
         "Keep one of the two; count them once.", "PS3.3 C.7.2.1: a study has one identifier"),
    Rule("twin-person", "fault", "The same images are there under another person",
         "Find out whose they are; in training and test sets they would be on both sides.",
         "PS3.3 C.7.1.1: a patient has one identifier at an issuer"),
    Rule("recognizable-face", "note", "A face could be rebuilt from it",
         "Remove the face before the series leaves the house, or publish it only under a permit that covers it.",
         "PS3.15 section E.3.2; PS3.3 C.7.6.1 (0028,0302)"),
    Rule("unresolved-links", "doubt", "It describes images that are not here",
         "Import the images that it belongs to.", "PS3.3 10.3 and 10.8 (0008,1155)"),
)  # fmt: skip
RULES: Mapping[str, Rule] = MappingProxyType({rule.code: rule for rule in _TABLE})
"""Every rule by its code, the gravest kinds of defect first."""

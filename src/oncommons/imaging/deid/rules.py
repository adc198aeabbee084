"""What becomes of each attribute: Table E.1-1 of PS3.15 as data, and the options that a profile takes.

An attribute that the table does not name is kept only if the data dictionary (PS3.6) knows it with the value
representation that the file gives it; unknown and private attributes go.  Of kept text, words that are known stay.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache
from importlib import resources
from typing import Literal

from oncommons.imaging.dictionary import vr_of

COLUMNS = (
    "private",
    "uids",
    "device",
    "institution",
    "patient",
    "dates",
    "modified",
    "descriptors",
    "structured",
    "graphics",
)
"""Options of the profile: the columns of Table E.1-1 from ``Rtn. Safe Priv. Opt.`` on."""


class Action(Enum):
    """What becomes of an attribute.

    ``TERM`` keeps a text as far as it is made of known words, ``MEANING`` too but never leaves nothing, ``VERSION``
    also what looks like a version, ``LABEL`` keeps
    it or gives a pseudonym for it, ``DEVICE`` always gives a pseudonym, ``CODE`` keeps the codes of standard coding
    schemes, ``SCHEME`` keeps the names of these, ``NOTE`` is a text that may not be empty.
    """

    __hash__ = object.__hash__  # there is one of each; Enum takes the hash of the name, in Python

    KEEP = auto()
    TERM = auto()
    MEANING = auto()
    VERSION = auto()
    LABEL = auto()
    DEVICE = auto()
    CODE = auto()
    SCHEME = auto()
    REMOVE = auto()
    EMPTY = auto()
    DUMMY = auto()
    UID = auto()
    DATE = auto()
    TEXT = auto()
    NOTE = auto()
    PATIENT = auto()
    AGE = auto()
    SEQUENCE = auto()
    PIXELS = auto()


@dataclass(frozen=True)
class Profile:
    """The Basic Profile and the options taken beside it.

    Attributes:
        name: How the profile is called in the objects it made.
        options: Names out of :data:`COLUMNS`.
        own: Tags and codes that stand instead of those of the table.
        faces: ``say`` keeps slices from which a face could be rebuilt and says so in them; ``refuse`` does not keep them.
    """

    name: str
    options: frozenset[str]
    own: tuple[tuple[int, str], ...] = ()
    faces: Literal["say", "refuse"] = "say"


CANCER_RESEARCH = Profile(
    "oncommons cancer research 2",
    frozenset({"private", "modified", "patient", "descriptors", "structured", "graphics"}),
)
"""The default: what research on cancer images needs is kept, dates are moved by whole days, text is cleaned.

Numbers and names of devices become pseudonyms, so that it can still be told which images come from one device.
"""

_PATIENT = frozenset({0x00100010, 0x00100020})
_AGE = 0x00101010
_STATEMENT = frozenset({0x00120062, 0x00120063, 0x00120064, 0x00280303})
"""What an object says about its de-identification is said anew."""
_BY_CODE = {"X": Action.REMOVE, "Z": Action.EMPTY, "D": Action.DUMMY, "U": Action.UID, "K": Action.KEEP}
_BY_DEVICE = frozenset({"Z", "D"})
_DATES = frozenset({"DA", "DT"})
_FREE = frozenset({"SH", "LO", "ST", "LT", "UT", "UC", "PN"})
_TEXTS = frozenset({"AE", "CS", "LO", "LT", "SH", "ST", "UC", "UT"})
_BY_TAG: Mapping[int, Action] = {
    0x00080100: Action.CODE,  # Code Value
    0x00080102: Action.SCHEME,  # Coding Scheme Designator
    0x00080104: Action.MEANING,  # Code Meaning
    0x00081090: Action.MEANING,  # Manufacturer's Model Name
    0x00080119: Action.CODE,  # Long Code Value
    0x00181020: Action.VERSION,  # Software Versions
    0x00700080: Action.MEANING,  # Content Label
    0x00620020: Action.LABEL,  # Tracking ID: lesions must be told apart
}
_WAVEFORM = 0x5400
"""Its samples are bytes; voices are not let in."""
_DROPPED = frozenset({"UN", "UR", "OB", "PN"})
_ALIKE: Mapping[str, frozenset[str]] = {
    "US or SS": frozenset({"US", "SS"}),
    "OB or OW": frozenset({"OB", "OW"}),
    "US or OW": frozenset({"US", "OW"}),
    "US or SS or OW": frozenset({"US", "SS", "OW"}),
}
_PIXELS = frozenset({0x7FE00008, 0x7FE00009, 0x7FE00010})
_GRAPHICS = frozenset({0x50, 0x60})
"""Curves and overlays: groups 50xx and 60xx."""


@lru_cache(maxsize=1)
def annex_e() -> Mapping[int, Mapping[str, str]]:
    """Table E.1-1: tag to ``basic`` and the options that say something else; groups 50xx and 60xx are not in it."""
    text = resources.files("oncommons.imaging.deid").joinpath("annex_e.csv").read_text("utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    table = {}
    for row in rows:
        if all(c in "0123456789ABCDEF" for c in row["tag"]):
            table[int(row["tag"], 16)] = {name: row[name] for name in ("basic", *COLUMNS) if row[name]}
    return table


def code_of(tag: int, profile: Profile) -> str:
    """What Table E.1-1 says of an attribute under a profile: X, Z, D, U, K or C; empty where it does not name it.

    Of a choice such as ``X/Z/D`` the last is taken, which leaves an object valid whatever its kind; where one option
    keeps and another cleans, it is cleaned.
    """
    own = dict(profile.own).get(tag)
    if own is not None:
        return own
    row = annex_e().get(tag)
    if row is None:
        return ""
    said = {row[option] for option in profile.options if option in row}
    for code in ("C", "K"):
        if code in said:
            return code
    return _basic(tag)


def _basic(tag: int) -> str:
    """What the Basic Profile alone says of an attribute; of a choice the last."""
    return annex_e().get(tag, {}).get("basic", "").rstrip("*").split("/")[-1]


def action_of(tag: int, vr: str, profile: Profile) -> Action:
    """What becomes of an attribute.

    Args:
        tag: Group and element as one number.
        vr: Value representation in the file; empty where the file does not give it.
        profile: The profile.
    """
    group = tag >> 16
    known = vr_of(tag)
    if tag in _STATEMENT or group % 2 or group >> 8 in _GRAPHICS or not tag & 0xFFFF or not _fits(known, vr):
        return Action.REMOVE
    if tag in _PATIENT:
        return Action.PATIENT
    vr = vr or known
    code = code_of(tag, profile)
    if not code:
        return _unnamed(tag, vr)
    if tag == _AGE and code == "K":
        return Action.AGE
    if vr == "SQ":
        return Action.SEQUENCE if code in "KCU" else {"X": Action.REMOVE}.get(code, Action.EMPTY)
    if code == "C":
        return _cleaned(tag, vr)
    row = annex_e().get(tag, {})
    if vr in _TEXTS and code in _BY_DEVICE and "device" in row:
        return Action.DEVICE
    if vr in _TEXTS and code == "K" and row.get("patient") == "K" and tag not in dict(profile.own):
        return Action.TERM
    return Action.UID if code == "D" and vr == "UI" else _BY_CODE[code]


def _fits(known: str, vr: str) -> bool:
    return bool(known) and (not vr or vr == known or vr in _ALIKE.get(known, ()))


def _unnamed(tag: int, vr: str) -> Action:
    if vr == "SQ":
        return Action.SEQUENCE
    if vr == "UI":
        return Action.UID
    if vr in _DATES:
        return Action.DATE
    if tag in _PIXELS:
        return Action.PIXELS
    if vr in _TEXTS:
        return _BY_TAG.get(tag, Action.TERM)
    if vr in _DROPPED and not (vr == "OB" and tag >> 16 == _WAVEFORM):
        return Action.REMOVE
    return Action.KEEP


def _cleaned(tag: int, vr: str) -> Action:
    if vr in _DATES:
        return Action.DATE
    if vr in {"TM", "DS", "IS"}:
        return Action.KEEP
    if vr == "CS":
        return Action.TERM
    if vr not in _FREE:
        return Action.REMOVE
    return Action.NOTE if _basic(tag) == "D" else Action.TEXT

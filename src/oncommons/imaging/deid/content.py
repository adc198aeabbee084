"""Content items of structured reports, by their concept: Table E.3.4-1 of PS3.15 as data.

A content item says in its Concept Name what its value means.  Where the table names the concept, its action is taken;
other text is cleaned word by word, names of people go, dates move; numbers, codes and references stay.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources

from oncommons.imaging.deid.rules import Action, Profile

Concept = tuple[bytes, bytes]
"""Code Value and Coding Scheme Designator, without padding."""
CONCEPT_NAME, UNITS = 0x0040A043, 0x004008EA
TEXT, PERSON, NUMBER = 0x0040A160, 0x0040A123, 0x0040A30A
CODED = frozenset({CONCEPT_NAME, UNITS})
"""Sequences whose code says what other attributes of the same item mean."""
VALUES: Mapping[int, str] = {
    0x0040A120: "DATETIME",
    0x0040A121: "DATE",
    0x0040A122: "TIME",
    PERSON: "PNAME",
    TEXT: "TEXT",
    NUMBER: "NUM",
}
"""Attributes that hold the value of a content item; UIDs and references are replaced everywhere."""
OPTIONS = ("uids", "device", "institution", "patient", "dates", "modified", "descriptors")
_SUBJECT = frozenset({(b"121029", b"DCM"), (b"121030", b"DCM")})
"""Subject Name and Subject ID."""
_SUBJECT_AGE = (b"121033", b"DCM")
_YEARS = (b"a", b"UCUM")
_LABELS = frozenset({(b"112039", b"DCM"), (b"112050", b"DCM")})
"""Tracking Identifier and Anatomic Identifier: lesions and structures must be told apart."""
_TECHNICAL = frozenset(
    (code, b"DCM")
    for code in (
        b"111001",  # Algorithm Name
        b"111002",  # Algorithm Parameters
        b"111003",  # Algorithm Version
        b"113878",  # Device Manufacturer
        b"113879",  # Device Model Name
        b"121014",  # Device Observer Manufacturer
        b"121015",  # Device Observer Model Name
        b"121194",  # Device Subject Manufacturer
        b"121195",  # Device Subject Model Name
    )
)
_OLDEST = 89


@lru_cache(maxsize=1)
def content_items() -> Mapping[tuple[Concept, str], Mapping[str, str]]:
    """Concept and kind of value to ``basic`` and the options that say something else."""
    text = resources.files("oncommons.imaging.deid").joinpath("content_items.csv").read_text("utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    return {
        ((row["code"].encode(), row["scheme"].encode()), row["value_type"]): {
            name: row[name] for name in ("basic", *OPTIONS) if row[name]
        }
        for row in rows
    }


def content_code(concept: Concept, kind: str, profile: Profile) -> str:
    """What the table says of a content item under a profile: X, D, K or C; empty where it does not name it."""
    row = content_items().get((concept, kind))
    if row is None:
        return ""
    said = {row[option] for option in profile.options if option in row}
    for code in ("C", "K"):
        if code in said:
            return code
    return row["basic"].split("/")[-1]


def content_action(tag: int, concept: Concept, profile: Profile) -> Action:
    """What becomes of the value of a content item.

    Of an item that the table removes, the value goes and the item stays, so that references to other items by their
    position still find them.

    Args:
        tag: One of :data:`VALUES`.
        concept: What the value means.
        profile: The profile.
    """
    kind = VALUES[tag]
    code = content_code(concept, kind, profile)
    if code in {"X", "D"}:
        return _gone(kind, concept, code, device="device" in content_items()[concept, kind])
    if kind == "TEXT":
        return _text(concept, code)
    if kind in {"DATE", "DATETIME"}:
        return Action.KEEP if code == "K" or "dates" in profile.options else Action.DATE
    return Action.DUMMY if kind == "PNAME" else Action.KEEP


def _gone(kind: str, concept: Concept, code: str, *, device: bool) -> Action:
    if concept in _SUBJECT:
        return Action.PATIENT
    if code == "D" and device:
        return Action.DEVICE
    return Action.DUMMY if kind in {"TEXT", "PNAME"} else Action.EMPTY


def _text(concept: Concept, code: str) -> Action:
    if code == "K":
        return Action.KEEP
    if concept in _LABELS:
        return Action.LABEL
    return Action.TERM if concept in _TECHNICAL else Action.TEXT


def capped(value: bytes, concept: Concept, units: Concept) -> bytes:
    """The value of a number; an age above 89 years is told as 90, everything else as it is.

    Args:
        value: Numeric Value.
        concept: What it means.
        units: Its unit.
    """
    if concept != _SUBJECT_AGE or units != _YEARS:
        return value
    try:
        return b"90" if float(value.strip(b"\0 ")) > _OLDEST else value
    except ValueError:
        return b""

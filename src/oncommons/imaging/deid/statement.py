"""What an object says about its own de-identification."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from oncommons.imaging.deid.elements import UNDEFINED, Coding
from oncommons.imaging.deid.rules import Profile

Item = list[tuple[int, bytes, bytes]]
CODES: Mapping[str, tuple[str, str]] = {
    "basic": ("113100", "Basic Application Confidentiality Profile"),
    "structured": ("113104", "Clean Structured Content Option"),
    "descriptors": ("113105", "Clean Descriptors Option"),
    "graphics": ("113103", "Clean Graphics Option"),
    "dates": ("113106", "Retain Longitudinal Temporal Information Full Dates Option"),
    "modified": ("113107", "Retain Longitudinal Temporal Information Modified Dates Option"),
    "patient": ("113108", "Retain Patient Characteristics Option"),
    "device": ("113109", "Retain Device Identity Option"),
    "uids": ("113110", "Retain UIDs Option"),
    "private": ("113111", "Retain Safe Private Option"),
    "institution": ("113112", "Retain Institution Identity Option"),
}
"""CID 7050 of PS3.16: how an object says what was done to it."""
BEHIND_FEATURES = 0x00280303
"""Longitudinal Temporal Information Modified; before it stands whether a face can be recognised, where that is so."""
PIXELS_CLEANED = ("113101", "Clean Pixel Data Option")
"""The same, of an object whose pixels were looked at."""


@lru_cache(maxsize=8)
def statement(profile: Profile) -> tuple[tuple[int, bytes, bytes | list[Item]], ...]:
    """What an object says about its de-identification (PS3.15 section E.1.1): tag, value representation, value."""
    codes = [_coded(*CODES[option]) for option in ("basic", *sorted(profile.options))]
    return (
        (0x00120062, b"CS", b"YES "),
        (0x00120063, b"LO", _even(profile.name.encode("ascii"))),
        (0x00120064, b"SQ", codes),
        (BEHIND_FEATURES, b"CS", b"MODIFIED" if "modified" in profile.options else b"REMOVED "),
    )


@lru_cache(maxsize=32)
def written(profile: Profile, coding: Coding) -> tuple[tuple[int, bytes], ...]:
    """The statement as elements, each with its tag.

    Args:
        profile: What it tells of.
        coding: How elements are written.
    """
    return tuple((tag, _element(tag, vr, value, coding)) for tag, vr, value in statement(profile))


def _element(tag: int, vr: bytes, value: bytes | list[Item], coding: Coding) -> bytes:
    if isinstance(value, bytes):
        return coding.header(tag, vr, len(value)) + value
    inside = b"".join(_item(item, coding) for item in value)
    return coding.header(tag, vr, UNDEFINED) + inside + coding.sequence_end


def pixels_cleaned(coding: Coding) -> bytes:
    """The item of De-identification Method Code Sequence that tells that pixels were cleaned, whole.

    Args:
        coding: How elements are written.
    """
    return _item(_coded(*PIXELS_CLEANED), coding)


def _coded(code: str, meaning: str) -> Item:
    return [
        (0x00080100, b"SH", _even(code.encode("ascii"))),
        (0x00080102, b"SH", b"DCM "),
        (0x00080104, b"LO", _even(meaning.encode("ascii"))),
    ]


def _item(item: Item, coding: Coding) -> bytes:
    return coding.item + b"".join(_element(*inner, coding) for inner in item) + coding.item_end


def _even(value: bytes) -> bytes:
    return value + b" " * (len(value) % 2)

"""How raw strings of DICOM headers become values of the dictionary: tables, no branches.

What no row covers stays missing; the raw string is never guessed at.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

BODY_PART_SPELLINGS: Mapping[str, str] = MappingProxyType(
    {
        "LEFT BREAST": "BREAST",
        "RIGHT BREAST": "BREAST",
        "THORAX": "CHEST",
    },
)
"""Spellings met in real archives, in capital letters, that are not terms of DICOM PS3.16 Annex L."""

MANUFACTURER_PREFIXES: tuple[tuple[str, str], ...] = (
    ("ACUSON", "SIEMENS"),
    ("ADAC", "PHILIPS"),
    ("AGFA", "AGFA"),
    ("CANON MEDICAL", "CANON"),
    ("CARESTREAM", "CARESTREAM"),
    ("CARL ZEISS", "ZEISS"),
    ("CPS", "SIEMENS"),
    ("CTI", "SIEMENS"),
    ("ELEKTA", "ELEKTA"),
    ("FUJI PHOTO", "FUJIFILM"),
    ("FUJIFILM", "FUJIFILM"),
    ("GE HEALTHCARE", "GE"),
    ("GE MEDICAL", "GE"),
    ("GE_MEDICAL", "GE"),
    ("GEMS", "GE"),
    ("HAMAMATSU", "HAMAMATSU"),
    ("HITACHI", "HITACHI"),
    ("HOLOGIC", "HOLOGIC"),
    ("KODAK", "CARESTREAM"),
    ("KONICA", "KONICA"),
    ("LEICA", "LEICA"),
    ("LORAD", "HOLOGIC"),
    ("MIRAX", "ZEISS"),
    ("PHILIPS", "PHILIPS"),
    ("PICKER", "PHILIPS"),
    ("SAMSUNG", "SAMSUNG"),
    ("SIEMENS", "SIEMENS"),
    ("TOSHIBA", "CANON"),
    ("UIH", "UIH"),
    ("VARIAN", "VARIAN"),
    ("ZEISS", "ZEISS"),
)
"""Start of the manufacturer's name, in capital letters and without quotation marks, and its code.

The name alone (``GE``) is its own code; no prefix is the start of another.
"""

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
        "TORAX": "CHEST",
        "CHEST (THORAX) W": "CHEST",
        "MAMMA": "BREAST",
        "MAMA": "BREAST",
        "BRUST": "BREAST",
        "SEIN": "BREAST",
        "ABD": "ABDOMEN",
        "ABDOMEN AND PELVIS": "ABDOMENPELVIS",
        "ABDOMEN/PELVIS": "ABDOMENPELVIS",
        "SCHAEDEL": "SKULL",
        "KOPF": "HEAD",
        "TETE": "HEAD",
        "CABEZA": "HEAD",
        "CEREBRO": "BRAIN",
        "GEHIRN": "BRAIN",
        "CERVEAU": "BRAIN",
        "BECKEN": "PELVIS",
        "BASSIN": "PELVIS",
        "LEBER": "LIVER",
        "FOIE": "LIVER",
        "HIGADO": "LIVER",
        "NIERE": "KIDNEY",
        "PROSTATA": "PROSTATE",
        "LUNGS": "LUNG",
        "LUNGE": "LUNG",
        "KNIE": "KNEE",
        "HALS": "NECK",
        "WHOLE BODY": "WHOLEBODY",
        "GANZKOERPER": "WHOLEBODY",
    },
)
"""Spellings met in real archives, in capital letters, that are not terms of DICOM PS3.16 Annex L."""

MANUFACTURER_PREFIXES: tuple[tuple[str, str], ...] = (
    ("ACUSON", "SIEMENS"),
    ("ADAC", "PHILIPS"),
    ("AGFA", "AGFA"),
    ("BNI TRANSLATIONAL", "BNI"),
    ("CANON INC", "CANON"),
    ("CANON MEDICAL", "CANON"),
    ("CARESTREAM", "CARESTREAM"),
    ("CARL ZEISS", "ZEISS"),
    ("CMS, INC", "ELEKTA"),
    ("CONFIRMA", "CONFIRMA"),
    ("CPS", "SIEMENS"),
    ("CTI", "SIEMENS"),
    ("DIRECT RADIOGRAPHY", "HOLOGIC"),
    ("EIGEN", "EIGEN"),
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
    ("IMATRON", "GE"),
    ("KODAK", "CARESTREAM"),
    ("KONICA", "KONICA"),
    ("LEICA", "LEICA"),
    ("LORAD", "HOLOGIC"),
    ("LUMISYS", "CARESTREAM"),
    ("MERGE", "MERGE"),
    ("MIRAX", "ZEISS"),
    ("NEUSOFT", "NEUSOFT"),
    ("PHILIPS", "PHILIPS"),
    ("PICKER", "PHILIPS"),
    ("PIXELMED", "PIXELMED"),
    ("RIVERAIN", "RIVERAIN"),
    ("SAMSUNG", "SAMSUNG"),
    ("SIEMENS", "SIEMENS"),
    ("SONOSITE", "FUJIFILM"),
    ("TOSHIBA", "CANON"),
    ("UIH", "UIH"),
    ("VARIAN", "VARIAN"),
    ("VICTRE", "VICTRE"),
    ("VITAL IMAGES", "CANON"),
    ("ZEISS", "ZEISS"),
)
"""Start of the manufacturer's name, in capital letters and without quotation marks, and its code.

The name alone (``GE``) is its own code; no prefix is the start of another.
"""

NOTHING = (
    "",
    "-",
    "?",
    "ANONYMIZED",
    "ANONYMOUS",
    "N-A",
    "N/A",
    "NA",
    "NIL",
    "NONE",
    "NOT APPLICABLE",
    "NOT AVAILABLE",
    "NOT FOUND",
    "NOT SPECIFIED",
    "NULL",
    "UNDEFINED",
    "UNKNOWN",
    "UNKNOWN MANUFACTURER",
    "UNKNOWN MODEL",
    "UNSPECIFIED",
)
"""What is written, in capital letters, where nothing is known: such a header states nothing."""

CONFIDENCE: Mapping[str, float] = MappingProxyType({"term": 1.0, "spelling": 0.98, "accepted": 1.0})
"""How a raw value was read, and how sure that is: it is the term itself (spaces and capital letters aside), a row of a
table of spellings or prefixes, or a mapping that the node's data manager accepted."""

"""Scores that are results of a test: of HER2 by the pathologist, BI-RADS and PI-RADS by the radiologist.

Sources: ASCO and CAP for HER2; the categories of ACR's BI-RADS (5th edition) and PI-RADS (v2.1), as codes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

SCORES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "HER2": MappingProxyType({"0": "HER2_0", "1+": "HER2_1", "2+": "HER2_2", "3+": "HER2_3"}),
        "BIRADS": MappingProxyType({n: f"BIRADS_{n}" for n in ("0", "1", "2", "3", "4", "4A", "4B", "4C", "5", "6")}),
        "PIRADS": MappingProxyType({n: f"PIRADS_{n}" for n in "12345"}),
    },
)
"""Marker to what is written, and its code."""
_NAMES = {"HER2": "HER2 score", "BIRADS": "BI-RADS category", "PIRADS": "PI-RADS category"}
LABELS: Mapping[str, str] = MappingProxyType(
    {code: f"{_NAMES[marker]} {text}" for marker, written in SCORES.items() for text, code in written.items()}
)
"""Code to label."""
PARENTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "HER2_0": ("NEGATIVE",),
        "HER2_1": ("NEGATIVE",),
        "HER2_2": ("EQUIVOCAL",),
        "HER2_3": ("POSITIVE",),
        "BIRADS_4A": ("BIRADS_4",),
        "BIRADS_4B": ("BIRADS_4",),
        "BIRADS_4C": ("BIRADS_4",),
    },
)
"""Code to the results that include it."""
_NAMED: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        "HER2": re.compile(r"^HER2[ :_-]*(SCORE|CATEGORY)?[ :]*"),
        "BIRADS": re.compile(r"^BI-?RADS[ :_-]*(SCORE|CATEGORY)?[ :]*"),
        "PIRADS": re.compile(r"^PI-?RADS[ :_-]*(SCORE|CATEGORY|V?2\.[01])?[ :]*"),
    }
)
"""Marker to how its name may stand before a score; the name of another marker stays, and what it stands before is no score."""


def read_score(marker: str, text: str) -> str:
    """The code of a score, with the name of its marker or without; empty where it is none of that marker.

    Args:
        marker: Whose score it is.
        text: Such as ``3+``, ``4a`` or ``BI-RADS 4A``.
    """
    if marker not in SCORES:
        return ""
    return SCORES[marker].get(_NAMED[marker].sub("", text.strip().upper()), "")

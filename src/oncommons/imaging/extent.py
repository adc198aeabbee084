"""Whether an object holds as many pixels as it says (PS3.3 section C.7.6.3, PS3.5 section 8 and annex A.4).

A file that was cut where an element ends reads well to its end, and so does one whose pixel data are half as long as
rows and columns ask for.  Only counting tells.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from struct import unpack_from

from oncommons.imaging.pieces import Span

_STORAGE = "1.2.840.10008.5.1.4.1.1."
_ENDS = (
    "1 1.1 1.1.1 1.2 1.2.1 1.3 1.3.1 2 2.1 2.2 3 3.1 4 4.1 4.3 4.4 5 6 6.1 6.2 6.3 7 7.1 7.2 7.3 7.4 12.1 12.1.1 12.2 "
    "12.2.1 12.3 13.1.1 13.1.2 13.1.3 13.1.4 13.1.5 14.1 14.2 20 30 66.4 77.1 77.2 77.1.1 77.1.1.1 77.1.2 77.1.2.1 "
    "77.1.3 77.1.4 77.1.4.1 77.1.5.1 77.1.5.2 77.1.5.4 77.1.5.5 77.1.5.6 77.1.5.7 77.1.6 77.1.7 77.1.8 77.1.9 128 128.1 "
    "130 481.1 481.23 481.24"
)
IMAGES = frozenset(_STORAGE + end for end in _ENDS.split())
"""Kinds of object that are nothing without pixels: UIDs of their SOP classes (PS3.4 annex B.5)."""
_VIDEO = "1.2.840.10008.1.2.4.10"
"""All frames of a video lie in one stream; so begin the UIDs of its transfer syntaxes, from 100 to 108."""
_STORED = {"YBR_FULL_422": 4, "YBR_PARTIAL_422": 4, "YBR_PARTIAL_420": 3}
"""Values stored for every two pixels where colours are stored more coarsely than brightness (PS3.3 C.7.6.3.1.2)."""


@dataclass(frozen=True)
class Held:
    """What an object holds of pixel data.

    Attributes:
        size: Bytes; of encapsulated pixel data the number of fragments that are not empty.
        encapsulated: Whether they are (PS3.5 annex A.4).
    """

    size: int
    encapsulated: bool = False


def shortage(sop_class: str, syntax: str, told: Mapping[str, str], held: Held | None) -> str:
    """What the pixels of an object lack, in words; empty where they are all there.

    Args:
        sop_class: UID of what it is.
        syntax: UID of its transfer syntax.
        told: What the header says: ``rows``, ``columns``, ``samples``, ``bits`` (allocated), ``frames`` and
            ``photometric``, each as text; empty or left out where the header does not say it.
        held: Its pixel data; ``None`` where there are none.
    """
    rows, columns = _number(told.get("rows", "")), _number(told.get("columns", ""))
    if held is None:
        return "It has no pixel data." if sop_class in IMAGES or rows * columns else ""
    if not rows * columns:
        return "It has pixel data and does not say how many rows and columns."
    frames = max(1, _number(told.get("frames", "")))
    if held.encapsulated:
        asked = 1 if syntax.startswith(_VIDEO) else frames
        return "" if held.size >= asked else f"It says {asked:,} frames and holds {held.size:,}."
    values = _STORED.get(told.get("photometric", ""), 2 * max(1, _number(told.get("samples", ""))))
    bits_of_two = rows * columns * frames * values * _number(told.get("bits", ""))
    size = -(-bits_of_two // 16)
    return "" if held.size >= size else f"Its pixel data are {held.size:,} bytes long and should be {size:,}."


def fragments(items: Span) -> int:
    """How many fragments of encapsulated pixel data are not empty.

    Args:
        items: All items, from the basic offset table to the sequence delimiter (PS3.5 annex A.4).
    """
    found, at = -1, items.start  # the first item is the basic offset table
    while at + 8 <= items.end:
        group, element, length = unpack_from("<HHI", items.data[at : at + 8])
        if (group, element) != (0xFFFE, 0xE000):
            break
        found += bool(length) or found < 0
        at += 8 + length
    return max(0, found)


def _number(text: str) -> int:
    clean = text.strip()
    return int(clean) if clean.isascii() and clean.isdigit() and len(clean) <= 10 else 0  # noqa: PLR2004

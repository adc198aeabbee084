"""Whether the pixel data of an object are there, in the length that its header says (PS3.5 section 8)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from oncommons.imaging.checks.findings import Finding
from oncommons.imaging.checks.reading import whole
from oncommons.imaging.tags import Attributes, Tag

NATIVE = frozenset(
    {"1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.2"},
)
"""Transfer syntaxes without compression of the pixels (PS3.5 annex A)."""
_SHARED: Mapping[str, float] = MappingProxyType({"YBR_FULL_422": 2 / 3, "YBR_PARTIAL_422": 2 / 3})
"""Kinds of colour in which neighbours share samples (PS3.3 C.7.6.3.1.2)."""
_STANDARD = "1.2.840.10008."
_RT = "1.2.840.10008.5.1.4.1.1.481."
_WITHOUT_PIXELS = frozenset({"1.2.840.10008.5.1.4.1.1.4.2", "1.2.840.10008.5.1.4.1.1.66"})
"""Spectra and raw data have rows and columns without pixel data, as RT objects may (PS3.3 C.8.8.3, C.8.14, C.8.19)."""


def expected_bytes(one: Attributes) -> int | None:
    """How many bytes the pixel data of an object have if they are not compressed; nothing where it does not say.

    Rows x columns x samples x frames x bits allocated, made even (PS3.5 section 8.1.1).
    """
    parts = [whole(one, tag) for tag in (Tag.ROWS, Tag.COLUMNS, Tag.BITS_ALLOCATED)]
    parts += [whole(one, Tag.SAMPLES) or 1, whole(one, Tag.FRAMES) or 1]
    bits = 1.0
    for part in parts:
        if part is None or part <= 0:
            return None
        bits *= part
    length = -(-int(bits * _SHARED.get(one.get(Tag.PHOTOMETRIC, ""), 1.0)) // 8)
    return length + length % 2


def pixel_data(one: Attributes) -> Finding | None:
    """What is wrong with the pixel data of one object, if anything."""
    if Tag.ROWS not in one:
        return None
    if Tag.PIXELS not in one:
        kind = one.get(Tag.SOP_CLASS, "")
        if kind in _WITHOUT_PIXELS or kind.startswith(_RT) or not kind.startswith(_STANDARD):
            return None
        return Finding("pixels-missing", "It has rows and columns but no pixel data.")
    stated = one[Tag.PIXELS]
    if one.get(Tag.SYNTAX, "") not in NATIVE:
        return Finding("pixels-missing", "Its compressed pixel data are empty.") if stated == "0" else None
    expected = expected_bytes(one)
    if expected is None:
        return Finding("pixels-undescribed", "It has pixel data but not their rows, columns and bits.")
    if not stated:
        words = "Its pixel data are compressed; its transfer syntax says that they are not."
        return Finding("pixels-undescribed", words, {"expected": expected})
    found = int(stated)
    if found == expected:
        return None
    words = f"{found:,} bytes of pixels; its header says {expected:,}."
    code = "pixels-missing" if not found else "pixels-short" if found < expected else "pixels-long"
    return Finding(code, words, {"found": found, "expected": expected})

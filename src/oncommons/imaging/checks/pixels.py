"""Whether the pixel data of an object are there, as many as its header says (PS3.5 section 8)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from oncommons.imaging.checks.findings import Finding
from oncommons.imaging.extent import IMAGES, Held, shortage
from oncommons.imaging.tags import Attributes, Tag

NATIVE = frozenset(
    {"1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.2"},
)
"""Transfer syntaxes without compression of the pixels (PS3.5 annex A)."""
_COUNTED: Mapping[str, Tag] = MappingProxyType(
    {
        "rows": Tag.ROWS,
        "columns": Tag.COLUMNS,
        "samples": Tag.SAMPLES,
        "bits": Tag.BITS_ALLOCATED,
        "frames": Tag.FRAMES,
        "photometric": Tag.PHOTOMETRIC,
    },
)
_PADDED = 2
"""Pixel data may be one byte longer than needed, to be of even length."""


def pixel_data(one: Attributes) -> Finding | None:
    """What is wrong with the pixel data of one object, if anything; of compressed ones only whether they are there."""
    kind, syntax = one.get(Tag.SOP_CLASS, ""), one.get(Tag.SYNTAX, "")
    if Tag.PIXELS not in one:
        return Finding("pixels-missing", "It has no pixel data.") if kind in IMAGES else None
    stated = one[Tag.PIXELS]
    if stated == "0":
        return Finding("pixels-missing", "Its pixel data are empty.")
    if syntax not in NATIVE:
        return None
    told = {name: one.get(tag, "") for name, tag in _COUNTED.items()}
    if not (told["rows"] and told["columns"] and told["bits"]):
        return Finding("pixels-undescribed", "It has pixel data and does not say how many rows, columns and bits.")
    if not stated:
        return Finding(
            "pixels-undescribed", "Its pixel data are compressed; its transfer syntax says that they are not."
        )
    found = int(stated)
    lacking = shortage(kind, syntax, told, Held(found))
    if lacking:
        return Finding("pixels-short", lacking, {"found": found})
    if not shortage(kind, syntax, told, Held(found - _PADDED)):
        return Finding("pixels-long", f"Its pixel data are {found:,} bytes long, more than needed.", {"found": found})
    return None

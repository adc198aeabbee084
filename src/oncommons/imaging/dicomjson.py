"""The DICOM JSON Model of a data set (PS3.18 annex F), read from its bytes."""

from __future__ import annotations

import math
import re
from base64 import b64encode
from collections.abc import Callable, Sequence
from struct import iter_unpack
from typing import Any

from oncommons.imaging.elements import NUMBERS, Dataset, Element

Json = dict[str, Any]
Link = Callable[[str], str]
"""Gives the address of a value that is not written in place, by its path: tags and numbers of items, with slashes."""
MOST_INLINE = 1024
"""Bytes of the longest binary value that is written in place."""
MEDIA_TYPE = "application/dicom+json"
_PIXELS = frozenset({0x7FE00008, 0x7FE00009, 0x7FE00010})
_BINARY = frozenset({"OB", "OW", "OF", "OD", "OL", "OV", "UN"})
"""Written in base 64, in little endian (PS3.18 F.2.7)."""
_DECIMAL = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_INTEGER = re.compile(r"[+-]?\d+")
_DIGITS = frozenset("0123456789+-.eE")
_GROUPS = ("Alphabetic", "Ideographic", "Phonetic")


def to_json(dataset: Dataset, link: Link, path: str = "") -> Json:
    """A data set as a DICOM JSON Model object; pixel data and long binary values become links.

    Args:
        dataset: The data set.
        link: Gives the address of a value.
        path: Where the data set lies, for a sequence's item.
    """
    found = {}
    for tag, element in sorted(dataset.elements.items()):
        if tag & 0xFFFF:  # group lengths are left out (F.2.2)
            found[f"{tag:08X}"] = _attribute(dataset, element, link, f"{path}{tag:08X}")
    return found


def attribute(vr: str, values: Sequence[str]) -> Json:
    """An attribute from its value representation and its values as text; binary numbers are written as decimals."""
    if not any(values):
        return {"vr": vr}
    return {"vr": vr, "Value": (_decimals(values) if vr == "DS" else None) or [_value(vr, value) for value in values]}


def find_value(dataset: Dataset, path: str) -> tuple[Dataset, Element] | None:
    """The element that a path of :data:`Link` names, and the data set that it lies in; ``None`` where there is none."""
    *above, last = path.split("/")
    for tag, number in zip(above[::2], above[1::2], strict=False):
        items = dataset.items(_tag(tag))
        if not number.isdecimal() or not 1 <= int(number) <= len(items):
            return None
        dataset = items[int(number) - 1]
    element = dataset.elements.get(_tag(last))
    return None if element is None or len(above) % 2 else (dataset, element)


def _attribute(dataset: Dataset, element: Element, link: Link, path: str) -> Json:
    vr = element.vr
    if element.items is not None:
        items = [to_json(item, link, f"{path}/{n}/") for n, item in enumerate(dataset.items_of(element), 1)]
        return {"vr": "SQ", "Value": items} if items else {"vr": "SQ"}
    if element.start == element.end:
        return {"vr": vr}
    if vr in _BINARY:
        if element.tag in _PIXELS or element.end - element.start > MOST_INLINE:
            return {"vr": vr, "BulkDataURI": link(path)}
        return {"vr": vr, "InlineBinary": b64encode(dataset.little(element)).decode("ascii")}
    if vr in NUMBERS:
        return {"vr": vr, "Value": [_plain(number) for number in dataset.binary(element)]}
    if vr == "AT":
        return {"vr": vr, "Value": _tags(dataset, element)}
    return attribute(vr, dataset.texts_of(element))


def _value(vr: str, text: str) -> Any:
    """One value as JSON (table F.2.3-1); a number that is not written as one stays text."""
    if not text:
        return None
    if vr == "PN":
        groups = (group.strip() for group in text.split("="))
        return {name: group for name, group in zip(_GROUPS, groups, strict=False) if group}
    if vr in {"IS", "US", "SS", "UL", "SL", "UV", "SV"} and _INTEGER.fullmatch(text):
        return int(text)
    if vr in {"DS", "FL", "FD"} and _DECIMAL.fullmatch(text):
        return _plain(float(text)) if math.isfinite(float(text)) else text
    return text


def _decimals(values: Sequence[str]) -> list[float] | None:
    """Many decimals at once, such as the points of a contour; ``None`` where one of them needs a closer look."""
    if not _DIGITS.issuperset("".join(values)):
        return None
    try:
        numbers = [float(value) for value in values]
    except ValueError:
        return None
    return numbers if all(map(math.isfinite, numbers)) else None


def _plain(number: float) -> float | str:
    """A number that JSON can hold; what it cannot is named (F.2.3)."""
    if isinstance(number, int) or math.isfinite(number):
        return number
    return "NaN" if math.isnan(number) else "inf" if number > 0 else "-inf"


def _tags(dataset: Dataset, element: Element) -> list[str]:
    halves = [
        number for (number,) in iter_unpack("<H", dataset.little(element)[: (element.end - element.start) // 4 * 4])
    ]
    return [f"{group:04X}{number:04X}" for group, number in zip(halves[::2], halves[1::2], strict=True)]


def _tag(text: str) -> int:
    try:
        return int(text, 16)
    except ValueError:
        return -1

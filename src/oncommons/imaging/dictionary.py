"""The data dictionary of DICOM (PS3.6): which value representation an attribute has, and its keyword."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib import resources

_REPEATED = frozenset({0x50, 0x60})


@lru_cache(maxsize=1)
def value_representations() -> Mapping[int, str]:
    """Tag to value representation; a choice is written ``US or SS``.  Groups 50xx and 60xx are not in it."""
    return _table("dictionary.csv")


def vr_of(tag: int) -> str:
    """The value representation of an attribute; empty where the dictionary does not know it.

    Args:
        tag: Group and element as one number.
    """
    return value_representations().get(tag, "")


@lru_cache(maxsize=1)
def keywords() -> Mapping[int, str]:
    """Tag to keyword; of the groups 50xx and 60xx, which repeat, the first is in it."""
    return _table("keywords.csv")


def keyword_of(tag: int) -> str:
    """The keyword of an attribute, such as ``PatientName``; empty where the dictionary does not know it.

    Args:
        tag: Group and element as one number.
    """
    repeated = tag >> 24 in _REPEATED and not tag >> 16 & 1
    return keywords().get(tag & 0xFF00FFFF if repeated else tag, "")


def _table(name: str) -> Mapping[int, str]:
    text = resources.files("oncommons.imaging").joinpath(name).read_text("ascii")
    rows = (line.split(",") for line in text.splitlines() if line[:1] != "#")
    return {int(tag, 16): value for tag, value in rows}

"""The data dictionary of DICOM (PS3.6): which value representation an attribute has."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib import resources


@lru_cache(maxsize=1)
def value_representations() -> Mapping[int, str]:
    """Tag to value representation; a choice is written ``US or SS``.  Groups 50xx and 60xx are not in it."""
    text = resources.files("oncommons.imaging").joinpath("dictionary.csv").read_text("ascii")
    rows = (line.split(",") for line in text.splitlines() if line[:1] != "#")
    return {int(tag, 16): vr for tag, vr in rows}


def vr_of(tag: int) -> str:
    """The value representation of an attribute; empty where the dictionary does not know it.

    Args:
        tag: Group and element as one number.
    """
    return value_representations().get(tag, "")

"""Attributes that the standard requires with a value (type 1) of the kinds of object that cancer images come in."""

from __future__ import annotations

import csv
from collections.abc import Collection, Mapping
from functools import lru_cache
from importlib import resources

from oncommons.imaging.tags import Attributes, Tag


@lru_cache(maxsize=1)
def required() -> Mapping[str, Mapping[str, str]]:
    """SOP class UID to tag to name of the attributes of type 1 in its mandatory modules (PS3.3 annex A)."""
    text = resources.files("oncommons.imaging.checks").joinpath("type1.csv").read_text("utf-8")
    table: dict[str, dict[str, str]] = {}
    for row in csv.DictReader(line for line in text.splitlines() if line[:1] != "#"):
        table.setdefault(row["sop_class"], {})[row["tag"]] = row["name"]
    return table


def missing_required(one: Attributes, known: Collection[str]) -> tuple[str, ...]:
    """Names of the required attributes that an object lacks, in order of the standard.

    Args:
        one: The object.
        known: Tags that were looked for; of the others nothing can be said.
    """
    rows = required().get(one.get(Tag.SOP_CLASS, ""), {})
    return tuple(name for tag, name in rows.items() if not one.get(tag) and tag in known)

"""Texts of attributes as numbers, and things said about many images at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from math import isfinite

from oncommons.imaging.tags import Attributes, Tag


def numbers(one: Attributes, tag: Tag) -> tuple[float, ...]:
    """The numbers of an attribute; none where it is absent or one of them cannot be read."""
    text = one.get(tag, "")
    if not text:
        return ()
    try:
        found = tuple(float(part) for part in text.split("\\"))
    except ValueError:
        return ()
    return found if all(isfinite(number) for number in found) else ()


def number(one: Attributes, tag: Tag) -> float | None:
    """The first number of an attribute, if it can be read."""
    found = numbers(one, tag)
    return found[0] if found else None


def whole(one: Attributes, tag: Tag) -> int | None:
    """The first number of an attribute, if it is a whole one."""
    found = number(one, tag)
    return int(found) if found is not None and found == int(found) else None


def day(one: Attributes, tag: Tag) -> date | None:
    """The day of a date (DA) or date and time (DT), if it is one."""
    text = one.get(tag, "")[:8]
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:])) if len(text) == 8 and text.isdigit() else None  # noqa: PLR2004
    except ValueError:
        return None


def said(instances: Iterable[Attributes], tag: Tag) -> list[str]:
    """The different values of an attribute, without the empty one, in alphabetical order."""
    return sorted({value for one in instances if (value := one.get(tag, ""))})


def share(some: int, instances: Sequence[Attributes]) -> str:
    """``3 of 40 images``, or ``all 40 images``."""
    if some == len(instances):
        return "the image" if some == 1 else f"all {some:,} images"
    return f"{some:,} of {len(instances):,} images"


def listed(things: Sequence[str], most: int = 5) -> str:
    """Things in a row, the first few of many."""
    rest = len(things) - most
    return ", ".join(things[:most]) + (f" and {rest:,} more" if rest > 0 else "")

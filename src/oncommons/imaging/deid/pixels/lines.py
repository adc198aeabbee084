"""What was found, judged line by line: what may stay, and what must be black.

A line may stay if every word of it is one that a cleaned description may hold or a number with its unit, each was read
with certainty, and none is this patient's.  Everything else goes, also what looks like text and cannot be read.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from oncommons.imaging.deid.pixels.found import Box, Found
from oncommons.imaging.deid.sweep import occurs
from oncommons.imaging.deid.text import allowed

_MEASURE = re.compile(
    r"(?<![\d.,:/-])\d{1,3}(?:\.\d{1,2})?\s?(?:(?:mm|cm|ms|kv|kvp|mas|hz|khz|mhz|db|deg|ml)(?![a-z])|%)"
)
_WORD = re.compile(r"[a-z]+")
_CERTAIN = 0.9
_GAP = 2.0
"""Words on one line stand no farther apart than so many of its heights."""
_ALONG, _ACROSS = 0.8, 0.2
"""What is made black beyond a box, in heights of its line."""


def to_hide(found: Sequence[Found], tokens: Collection[bytes] = ()) -> list[Box]:
    """Where something stands that may tell who the patient is, with a margin.

    Args:
        found: All that was found in a picture, in any order; the same may be found twice.
        tokens: Values of this patient, in small letters.
    """
    return [widened(one.box) for line in lines_of(_apart(found)) if not harmless(line, tokens) for one in line]


def _apart(found: Sequence[Found]) -> list[Found]:
    """What was found, without what was cut off and lies in something that was not: its end is no word."""
    whole = [widened(one.box) for one in found if not one.cut]
    return [one for one in found if not one.cut or not any(box.holds(one.box) for box in whole)]


def lines_of(found: Sequence[Found]) -> list[list[Found]]:
    """What stands on one line, near to one another."""
    lines: list[list[Found]] = []
    for one in found:
        near = [line for line in lines if any(_together(one.box, other.box) for other in line)]
        lines = [line for line in lines if line not in near]
        lines.append([one, *(other for line in near for other in line)])
    return lines


def harmless(line: Sequence[Found], tokens: Collection[bytes] = ()) -> bool:
    """Whether a line may stay.

    Args:
        line: What was found on it.
        tokens: Values of this patient, in small letters.
    """
    if any(one.sure < _CERTAIN for one in line):
        return False
    once: list[Found] = []
    for one in sorted(line, key=lambda one: (one.box.left, one.box.top)):
        if not any(_same(one.box, other.box) for other in once):
            once.append(one)
    texts = [*(one.text for one in line), " ".join(one.text for one in once)]
    return all(_plain(text) and not any(occurs(t, text.lower().encode()) for t in tokens) for text in texts)


def widened(box: Box) -> Box:
    """A box with the margin that is made black around it; it may reach beyond the picture."""
    along, across = round(box.line * _ALONG) + 1, round(box.line * _ACROSS) + 1
    x, y = (along, across) if box.width >= box.height else (across, along)
    return Box(box.left - x, box.top - y, box.right + x, box.bottom + y)


def _plain(text: str) -> bool:
    """Whether a text consists of words of imaging and numbers with a unit; a bare number may be part of a date."""
    words = _MEASURE.sub(" ", text.lower())
    if not words.isascii() or any(c.isdigit() for c in words):
        return False
    found = _WORD.findall(words)
    return bool(found or _MEASURE.search(text.lower())) and all(word.encode("ascii") in allowed() for word in found)


def _together(one: Box, other: Box) -> bool:
    """Whether two boxes stand on one line, lying or standing."""
    reach = _GAP * max(one.line, other.line)
    beside = _shared(one.top, one.bottom, other.top, other.bottom) > 0
    above = _shared(one.left, one.right, other.left, other.right) > 0
    apart = max(one.left, other.left) - min(one.right, other.right)
    below = max(one.top, other.top) - min(one.bottom, other.bottom)
    return (beside and apart <= reach) or (above and below <= reach and _standing(one) and _standing(other))


def _standing(box: Box) -> bool:
    return box.height > box.width


def _same(one: Box, other: Box) -> bool:
    """Whether two boxes lie half over one another: the same text, found twice."""
    over = Box(
        max(one.left, other.left), max(one.top, other.top), min(one.right, other.right), min(one.bottom, other.bottom)
    )
    shared = max(0, over.width) * max(0, over.height)
    return 2 * shared >= min(one.width * one.height, other.width * other.height)


def _shared(start: int, end: int, other_start: int, other_end: int) -> float:
    """By how much two stretches lie over one another by more than a third of the shorter; negative where they do not."""
    shorter = min(end - start, other_end - other_start)
    return min(end, other_end) - max(start, other_start) - shorter / 3

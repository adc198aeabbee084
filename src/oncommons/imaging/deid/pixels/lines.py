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
_AS_HIGH = 2.5
"""Neighbours on a line are no more than so many times as high as one another."""
_ROW, _SURE_OF_ROW = 5.0, 0.6
"""What may be text is taken for it where it is so many times longer than high, and one part so sure."""
_ALONG, _ACROSS = 0.8, 0.2
"""The margin of a box, in heights of its line."""
_BEYOND, _FARTHEST = 3.2, 48
"""What is made black farther along a line, in its heights, and at most in pixels: strings were found but for their ends."""


def to_hide(found: Sequence[Found], tokens: Collection[bytes] = (), *, first: bool = False) -> list[Box]:
    """Where something stands that may tell who the patient is, with a margin.

    Args:
        found: All that was found in a picture, in any order; the same may be found twice.
        tokens: Values of this patient, in small letters.
        first: Whether the picture is looked at for the first time, so that no other text was made black.
    """
    whole = _apart(found)
    faint = [one for one in whole if one.faint]
    must: list[Found] = []
    for line in lines_of([one for one in whole if not one.faint]):
        if not harmless(line, tokens):
            more = _beside(line, faint)
            faint = [one for one in faint if one not in more]
            must += [*line, *more]
    must += [one for row in lines_of(faint) if _is_row(row) for one in row]
    if first and not must and all(one.faint for one in whole):
        must = [one for one in faint if one.text]
    return [widened(one.box, beyond=True) for one in must]


def _beside(line: Sequence[Found], faint: Sequence[Found]) -> list[Found]:
    """What may be text and stands on a line of text, step by step away from it: the rest of a string that fades."""
    reached, left = list(line), list(faint)
    while more := [
        one for one in left if any(_alike(one, other) and _together(one.box, other.box) for other in reached)
    ]:
        reached += more
        left = [one for one in left if one not in more]
    return reached[len(line) :]


def _alike(one: Found, other: Found) -> bool:
    """Whether two are of nearly the same height."""
    return max(one.box.line, other.box.line) <= _AS_HIGH * min(one.box.line, other.box.line)


def _is_row(row: Sequence[Found]) -> bool:
    """Whether what may be text is a row as long as a line of text: then it goes, for want of certainty."""
    around = Box(
        min(one.box.left for one in row),
        min(one.box.top for one in row),
        max(one.box.right for one in row),
        max(one.box.bottom for one in row),
    )
    height = sum(one.box.line for one in row) / len(row)
    flat = around.line <= _AS_HIGH * height
    return flat and max(around.width, around.height) >= _ROW * height and max(one.sure for one in row) >= _SURE_OF_ROW


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


def widened(box: Box, *, beyond: bool = False) -> Box:
    """A box with the margin around it; it may reach beyond the picture.

    Args:
        box: Where something was found.
        beyond: Whether to go farther along the line, where the first or last letters of a string may fade.
    """
    along, across = round(box.line * _ALONG) + 1, round(box.line * _ACROSS) + 1
    along += min(round(box.line * _BEYOND), _FARTHEST) if beyond else 0
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

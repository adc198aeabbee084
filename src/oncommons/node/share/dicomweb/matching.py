"""Whether a value fits what is asked for (PS3.4 C.2.2.2): one value, lists of UIDs, wildcards, ranges of dates and times."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from oncommons.node.share.dicomweb.fields import Field
from oncommons.schema.errors_of_protocols import BadSearch

Matches = Callable[[Sequence[str]], bool]
"""Whether the values of an attribute, none where it has none, fit."""
LONGEST = 1024
_WILD = frozenset({"AE", "CS", "LO", "LT", "PN", "SH", "ST", "UC", "UR", "UT"})
_NUMERIC = frozenset({"IS", "DS", "US", "SS", "UL", "SL", "FL", "FD"})
_SEPARATORS = re.compile(r"[,\\]")
_UID = re.compile(r"[0-9.]{1,64}")
_DATE, _TIME = re.compile(r"\d{8}"), re.compile(r"(\d\d)(\d\d)?(\d\d)?(?:\.(\d{1,6}))?")
_FIRST_TIME, _LAST_TIME = "000000.000000", "235959.999999"


def matcher(field: Field, asked: str) -> Matches | None:
    """The test for what is asked of an attribute; ``None`` where everything fits.

    Raises:
        BadSearch: it cannot be read.
    """
    if len(asked) > LONGEST:
        raise BadSearch(f"What is asked of {field.keyword} is longer than {LONGEST} characters.", at=field.keyword)
    asked = asked.strip()
    if not asked or (field.vr in _WILD and not asked.strip("*")):
        return None
    return _KINDS.get(field.vr, _text)(field, asked)


def fits(pattern: str, text: str) -> bool:
    """Whether a text fits a pattern with ``*`` and ``?``; in time that grows with the product of their lengths."""
    at = star = mark = 0
    starred = False
    for _ in range((len(pattern) + 1) * (len(text) + 1)):
        if mark == len(text):
            return not pattern[at:].strip("*")
        if at < len(pattern) and pattern[at] == "*":
            starred, star, at, back = True, at, at + 1, mark
        elif at < len(pattern) and pattern[at] in {"?", text[mark]}:
            at, mark = at + 1, mark + 1
        elif starred:
            back += 1
            at, mark = star + 1, back
        else:
            return False
    return False


def _text(field: Field, asked: str) -> Matches:
    wild = field.vr in _WILD and ("*" in asked or "?" in asked)
    if field.vr == "PN":
        pattern = asked.casefold()
        return lambda values: any(_name_fits(pattern, value.casefold()) for value in values)
    if field.vr == "CS":  # no comma or backslash can be in a code, so a list is meant
        patterns = [part.strip() for part in _SEPARATORS.split(asked)]
        return lambda values: any(fits(pattern, value) for pattern in patterns for value in values)
    if wild:
        return lambda values: any(fits(asked, value) for value in values)
    return lambda values: asked in values


def _name_fits(pattern: str, name: str) -> bool:
    """A name as a whole, or its letters, ideograms or sounds alone; carets at the end do not count."""
    return any(fits(pattern.rstrip("^"), part.rstrip("^")) for part in (name, *name.split("=")))


def _uid(field: Field, asked: str) -> Matches:
    wanted = frozenset(part.strip() for part in _SEPARATORS.split(asked) if part.strip())
    if not all(map(_UID.fullmatch, wanted)):
        raise BadSearch(f"{field.keyword} takes UIDs, separated by commas.", at=field.keyword)
    return lambda values: not wanted.isdisjoint(values)


def _number(field: Field, asked: str) -> Matches:
    try:
        wanted = float(asked)
    except ValueError:
        raise BadSearch(f"{field.keyword} takes a number.", at=field.keyword) from None

    def equal(value: str) -> bool:
        try:
            return float(value) == wanted
        except ValueError:
            return False

    return lambda values: any(map(equal, values))


def _date(field: Field, asked: str) -> Matches:
    first, last = _range(field, asked, _day)
    return lambda values: any(first <= value <= last for value in values if _DATE.fullmatch(value))


def _day(text: str, *, last: bool) -> str | None:
    if not text:
        return "99999999" if last else "00000000"
    return text if _DATE.fullmatch(text) else None


def _time(field: Field, asked: str) -> Matches:
    first, last = _range(field, asked, _moment)

    def within(value: str) -> bool:
        full = _moment(value, last=False) if value else None
        return full is not None and first <= full <= last

    return lambda values: any(map(within, values))


def _moment(text: str, *, last: bool) -> str | None:
    """A time of day in full; what it leaves out is the first or the last of what it may mean."""
    full = _LAST_TIME if last else _FIRST_TIME
    if not text:
        return full
    found = _TIME.fullmatch(text.replace(":", ""))
    if found is None:
        return None
    digits = "".join(part or "" for part in found.groups()[:3])
    fraction = found[4]
    if fraction is None:
        return digits + full[len(digits) :]
    return f"{digits}.{fraction}{full[7 + len(fraction) :]}"


def _range(field: Field, asked: str, full: Callable[..., str | None]) -> tuple[str, str]:
    """The first and last value that fit: of ``a-b``, ``a-``, ``-b`` or ``a``."""
    left, dash, right = asked.partition("-")
    first, last = full(left.strip(), last=False), full(right.strip() if dash else left.strip(), last=True)
    if first is None or last is None or not (left or right):
        raise BadSearch(
            f"{field.keyword} takes a value or a range, such as 20260101-20261231 or 0800-1200.", at=field.keyword
        )
    return first, last


_KINDS: Mapping[str, Callable[[Field, str], Matches]] = MappingProxyType(
    {"UI": _uid, "DA": _date, "TM": _time} | dict.fromkeys(_NUMERIC, _number)
)

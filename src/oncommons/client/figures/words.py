"""Numbers as journals print them: decimals by size, p values, thousands, intervals; and names short enough for a figure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from math import floor, isfinite, log10

MINUS = "\N{MINUS SIGN}"
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_LEAST_P, _MOST_P, _EXACT_P = 0.001, 0.99, 0.01
_ABOUT_P = (0.045, 0.055)
"""Where two decimals would move p over 0.05, or onto it, there are three."""


def p_value(p: float | None) -> str:
    """A p value with its letter: two decimals, three below 0.01 and about 0.05, and never 0.

    Args:
        p: Between 0 and 1; ``None`` where there is none.
    """
    if p is None or not isfinite(p):
        return "p not known"
    if p < _LEAST_P:
        return "p < 0.001"
    if p > _MOST_P:
        return "p > 0.99"
    if f"{p:.3f}" == "0.050" and p < 0.05:  # noqa: PLR2004
        return f"p = {floor(p * 10_000) / 10_000:.4f}"
    close = p < _EXACT_P or _ABOUT_P[0] <= p < _ABOUT_P[1]
    return f"p = {p:.3f}" if close else f"p = {p:.2f}"


def number(value: float | None, digits: int = 3) -> str:
    """A number with so many digits that count, thousands parted, powers of ten where it is huge or tiny.

    Args:
        value: Any; ``None`` gives a dash.
        digits: Digits that count; a whole number keeps all of its digits.
    """
    if value is None or not isfinite(value):
        return "–"
    if value == 0:
        return "0"
    size = floor(log10(abs(value)))
    if size >= 7 or size < -3:  # noqa: PLR2004
        mantissa, _, power = f"{value:.{digits - 1}e}".partition("e")
        return f"{mantissa} × 10{str(int(power)).translate(_SUPERSCRIPTS)}".replace("-", MINUS)
    if value == round(value):
        return f"{value:,.0f}".replace("-", MINUS)
    decimals = max(0, digits - 1 - size)
    return f"{value:,.{decimals}f}".replace("-", MINUS)


def tick(value: float) -> str:
    """A round number beside an axis: no needless decimals, powers of ten where it is huge or tiny."""
    found = number(value, 4)
    if "." not in found:
        return found
    mantissa, cross, power = found.partition(" × ")
    mantissa = mantissa.rstrip("0").rstrip(".")
    return power if cross and mantissa == "1" else mantissa + cross + power


def ratio(value: float | None) -> str:
    """A ratio or coefficient for a column of them: two decimals, less where it is large, more where it is small."""
    if value is None or not isfinite(value):
        return "–"
    least, large, larger = 0.1, 10, 100
    if least <= abs(value) < large:
        return f"{value:.2f}".replace("-", MINUS)
    if large <= abs(value) < larger:
        return f"{value:.1f}".replace("-", MINUS)
    return number(value, 2)


def interval(low: float | None, high: float | None) -> str:
    """An interval in brackets, with a word between its ends, since a dash could be a minus.

    Args:
        low: Its lower end; ``None`` where it has none.
        high: Its upper end; ``None`` where it has none.
    """
    return f"({ratio(low)} to {ratio(high)})"


def percent(share: float) -> str:
    """A share as per cent, at most one decimal."""
    found = f"{100 * share:.1f}"
    return f"{found.removesuffix('.0')}%"


def listed(words: Sequence[str]) -> str:
    """Some words in a row: ``a, b and c``."""
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def many(numbered: int, one: str, more: str = "") -> str:
    """A number with its noun: ``1 node``, ``2 nodes``.

    Args:
        numbered: How many.
        one: The noun for one.
        more: The noun for several, where it does not end in s.
    """
    return f"{numbered:,} {one if numbered == 1 else more or one + 's'}"


def plain(text: object) -> str:
    """A name on one line, without signs that cannot be printed, such as those that XML does not allow."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in str(text)).split())


def short(names: Sequence[str], most: int = 34) -> tuple[str, ...]:
    """Names that fit into a figure: what is too long loses its middle, and no two are the same afterwards.

    Args:
        names: Told apart from each other.
        most: Signs that there is room for.
    """
    found: list[str] = []
    for name in map(plain, names):
        half = (most - 1) // 2
        cut = name if len(name) <= most else f"{name[:half].rstrip()}…{name[-half:].lstrip()}"
        place = next(i for i in count(1) if (cut if i == 1 else f"{cut} ({i})") not in found)
        found.append(cut if place == 1 else f"{cut} ({place})")
    return tuple(found)

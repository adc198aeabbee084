"""In which unit a number is at every node: that of its field, or of the markers that are named with it.

The dictionary gives each field and each marker one unit, and nodes convert to it what they take in, or keep it as text.
The value of a measurement is a number of nothing as long as its marker is not said: of several markers the numbers have
several units.  So it is neither asked for nor compared without a marker.
"""

from __future__ import annotations

from oncommons.schema.dictionary import Field
from oncommons.schema.errors import MalformedQuestion
from oncommons.schema.oncology import MARKER_UNITS
from oncommons.schema.question import All, AnyOf, Between, Criterion, In, Not, Some

_MOST_SHOWN = 4


def unit_of(field: Field, where: Criterion | None, at: str) -> str:
    """The unit (UCUM) of a number that a run asks for; empty where it has none, as a plain count.

    Args:
        field: The number.
        where: Of which rows; all where it is left out.
        at: Where the variable stands.

    Raises:
        MalformedQuestion: it is the value of a measurement, and which marker is not said, or it has no numbers, or several
            have several units.
    """
    return _unit(_markers(where), f"{at}.where") if _is_value(field) else field.unit


def compare_in_one_unit(criterion: Criterion, at: str, known: frozenset[str] | None = None) -> None:
    """Check that each value of a measurement is compared where its marker is said, so that it has one unit.

    Args:
        criterion: All of it, from where rows of measurements are first judged, or from above.
        at: Where it stands.
        known: The markers that rows can have here, by what stands beside; nothing where that is left open.

    Raises:
        MalformedQuestion: as :func:`unit_of`.
    """
    match criterion:
        case Between(field) if _is_value(field):
            _unit(known, at)
        case All(parts):
            within = _both(known, _markers(criterion))
            for i, part in enumerate(parts):
                compare_in_one_unit(part, f"{at}.all[{i}]", within)
        case AnyOf(parts):
            for i, part in enumerate(parts):
                compare_in_one_unit(part, f"{at}.any[{i}]", known)
        case Not(part):
            compare_in_one_unit(part, f"{at}.not", known)
        case Some(_, part) if part is not None:
            compare_in_one_unit(part, f"{at}.where")


def _is_value(field: Field) -> bool:
    return (field.entity, field.name) == ("measurement", "value")


def _unit(markers: frozenset[str] | None, at: str) -> str:
    if markers is None:
        raise MalformedQuestion(
            "value has the unit of its marker: say beside it which marker is meant, such as PSA.", at=at
        )
    bare = sorted(one for one in markers if one not in MARKER_UNITS)
    if bare:
        raise MalformedQuestion(
            f"The dictionary has no unit for values of {_shown(bare)}; ask for what was found.", at=at
        )
    units = {MARKER_UNITS[one] for one in markers}
    if len(units) > 1:
        told = [f"{one} is in {MARKER_UNITS[one]}" for one in sorted(markers)]
        raise MalformedQuestion(
            f"Numbers of several units are not one number: {_shown(told)}. Ask for each by itself.", at=at
        )
    return next(iter(units), "")


def _both(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    return other if one is None else one if other is None else one & other


def _markers(criterion: Criterion | None) -> frozenset[str] | None:
    """The markers that rows can have for which a criterion is true; nothing where it leaves that open."""
    match criterion:
        case In(field, codes) if field.name == "marker":
            return frozenset(codes)
        case All(parts):
            known = [one for one in map(_markers, parts) if one is not None]
            return frozenset.intersection(*known) if known else None
        case AnyOf(parts):
            every = [_markers(one) for one in parts]
            return None if None in every else frozenset().union(*(one for one in every if one is not None))
    return None


def _shown(names: list[str]) -> str:
    more = len(names) - _MOST_SHOWN
    return ", ".join(names[:_MOST_SHOWN]) + (f" and {more} more" if more > 0 else "")

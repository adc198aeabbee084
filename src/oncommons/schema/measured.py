"""In which unit a number is at every node: that of its field, or of the markers that are named with it.

The dictionary gives each field and each marker one unit, and nodes convert to it what they take in, or keep it as text.
The value of a measurement is a number of nothing as long as its marker is not said: of several markers the numbers have
several units.
"""

from __future__ import annotations

from oncommons.schema.dictionary import Field
from oncommons.schema.errors import MalformedQuestion
from oncommons.schema.oncology import MARKER_UNITS
from oncommons.schema.question import All, AnyOf, Criterion, In

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
    if (field.entity, field.name) != ("measurement", "value"):
        return field.unit
    markers = _markers(where)
    if markers is None:
        raise MalformedQuestion(
            "value has the unit of its marker: say in where which marker is meant, such as PSA.", at=f"{at}.where"
        )
    bare = sorted(one for one in markers if one not in MARKER_UNITS)
    if bare:
        raise MalformedQuestion(
            f"The dictionary has no unit for values of {_shown(bare)}; ask for what was found with is or levels.",
            at=f"{at}.where",
        )
    units = {MARKER_UNITS[one] for one in markers}
    if len(units) > 1:
        told = [f"{one} is in {MARKER_UNITS[one]}" for one in sorted(markers)]
        raise MalformedQuestion(
            f"Numbers of one variable have one unit: {_shown(told)}. Make a variable of each.", at=f"{at}.where"
        )
    return next(iter(units), "")


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

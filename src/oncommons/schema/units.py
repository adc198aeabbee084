"""Units of measure as UCUM writes them, and how many of one are another.

Source: the Unified Code for Units of Measure, https://ucum.org/ucum (case sensitive form).  Kinds of quantity that cannot be
converted into one another are apart: an arbitrary unit of one assay is not an enzyme unit.  UCUM itself converts no
arbitrary unit; that laboratories write U, [IU] and [arb'U] of one assay for the same amount is a convention of ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Context, Decimal
from types import MappingProxyType

_KINDS = {
    "mass concentration": """
        g/L 1, mg/mL 1, g/dL 10, g/mL 1000, mg/dL 0.01, mg/L 0.001, ug/mL 0.001, ug/dL 0.00001, ug/L 0.000001,
        ng/mL 0.000001, ng/dL 0.00000001, ng/L 0.000000001, pg/mL 0.000000001""",
    "arbitrary units": "[arb'U]/mL 1, k[arb'U]/L 1, [arb'U]/L 0.001, U/mL 1, kU/L 1, [IU]/mL 1, k[IU]/L 1",
    "international units": "[IU]/L 1, m[IU]/L 0.001, u[IU]/mL 0.001, mU/L 0.001, m[IU]/mL 1, [IU]/mL 1000, k[IU]/L 1000, U/L 1, mU/mL 1",
    "enzyme units": "U/L 1, U/mL 1000, kU/L 1000, ukat/L 60, [IU]/L 1",
    "share": "% 1",
    "number concentration": "10*9/L 1, 10*3/uL 1, 10*6/mL 1, 10*6/L 0.001, /uL 0.001, {cells}/uL 0.001",
    "number": "1 1",
    "length": "mm 1, cm 10, m 1000, um 0.001",
    "mass": "kg 1, g 0.001, mg 0.000001, [lb_av] 0.45359237",
    "time": "d 1, wk 7, mo 30.4375, a 365.25, mo_j 30.4375, a_j 365.25",
}
"""Kind of quantity to its units, each with how many of the first it is."""
_FACTORS: Mapping[str, Mapping[str, Decimal]] = MappingProxyType(
    {
        kind: MappingProxyType({unit: Decimal(factor) for unit, factor in (p.split() for p in table.split(","))})
        for kind, table in _KINDS.items()
    },
)
_EXACT = Context(prec=400)
LONGEST_LIFE = 130
"""Years that a life, and so a follow-up, may last: the longest that is known was of 122 (Robine and Allard, Science
279:1834, 1998); the rest is room."""
UNITS = frozenset(unit for units in _FACTORS.values() for unit in units)
"""Every unit that can be converted."""


def as_known(unit: str) -> str:
    """A unit in the spelling of the tables here: ``ng/ml`` is ``ng/mL``, an annotation such as ``{score}`` is ``1``."""
    text = unit.strip().replace("\u00b5", "u").replace("\u03bc", "u")
    if not text or (text.startswith("{") and text.endswith("}")):
        return "1"
    if text.endswith("l") and text[:-1] + "L" in UNITS:
        return text[:-1] + "L"
    return text


def convert(value: Decimal, unit: str, wanted: str) -> Decimal | None:
    """A value in another unit, or ``None`` where the two measure different things or are not known.

    Args:
        value: How many of ``unit``.
        unit: In UCUM.
        wanted: In UCUM.
    """
    have, want = as_known(unit), as_known(wanted)
    if have == want:
        return value
    for units in _FACTORS.values():
        if have in units and want in units:
            return _EXACT.divide(_EXACT.multiply(value, units[have]), units[want])
    return None

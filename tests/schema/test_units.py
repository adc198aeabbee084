"""Units of measure."""

from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncommons.schema.units import UNITS, as_known, convert


@pytest.mark.parametrize(
    ("value", "unit", "wanted", "expected"),
    [
        ("4", "ug/L", "ng/mL", "4"),
        ("4000", "ng/L", "ng/mL", "4"),
        ("0.4", "ug/dL", "ng/mL", "4"),
        ("1.5", "cm", "mm", "15"),
        ("2", "ukat/L", "U/L", "120"),
        ("35", "kU/L", "[arb'U]/mL", "35"),
        ("12", "mo", "d", "365.25"),
        ("1", "a", "d", "365.25"),
        ("3", "{score}", "1", "3"),
        ("3", "", "1", "3"),
        ("4", "µg/l", "ng/mL", "4"),
        ("4", "ng/mL", "mm", None),
        ("4", "parsec", "mm", None),
        ("4", "", "%", None),
        ("1000000", "ng/mL", "ng/mL", "1000000"),
    ],
)
def test_a_value_is_the_same_in_another_unit(value, unit, wanted, expected):
    assert convert(Decimal(value), unit, wanted) == (None if expected is None else Decimal(expected))


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6), st.sampled_from(sorted(UNITS)))
def test_there_and_back_is_the_same(value, unit):
    for other in UNITS:
        there = convert(value, unit, other)
        if there is not None:
            back = convert(there, other, unit)
            assert back is not None
            assert abs(back - value) <= abs(value) * Decimal("1e-12")


def test_what_converts_into_a_unit_converts_back():
    one = Decimal(1)
    assert [p for p in product(UNITS, UNITS) if (convert(one, *p) is None) != (convert(one, *p[::-1]) is None)] == []


def test_an_unknown_unit_stays_as_it_is():
    assert as_known(" furlong ") == "furlong"

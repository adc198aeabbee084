"""Usual laboratory tests have codes of LOINC that exist, units that are known, and names of their own."""

import pytest

from oncommons.schema.laboratory import (
    LABORATORY_NAMES,
    LABORATORY_SPELLINGS,
    LABORATORY_UNITS,
    spellings_of,
)
from oncommons.schema.oncology import MARKER, MARKER_UNITS
from oncommons.schema.plain_names import plain_name
from oncommons.schema.units import UNITS


def check_digit(number):
    """Independent: LOINC's check digit is mod 10 (LOINC Users' Guide, appendix: odd digits from the right are doubled)."""
    digits = [int(d) for d in reversed(number)]
    total = sum(sum(divmod(2 * d, 10)) if place % 2 == 0 else d for place, d in enumerate(digits))
    return -total % 10


@pytest.mark.parametrize("code", LABORATORY_NAMES)
def test_the_check_digit_of_every_code_is_right(code):
    number, _, digit = code.removeprefix("LOINC:").partition("-")
    assert check_digit(number) == int(digit)


def test_every_test_is_a_marker_that_is_asked_in_its_unit():
    for code, unit in LABORATORY_UNITS.items():
        assert MARKER.holds(code)
        assert MARKER_UNITS[code] == unit
        assert unit in UNITS
        assert plain_name(code) == LABORATORY_NAMES[code]


def test_no_spelling_is_a_marker_of_ours_already():
    assert not set(LABORATORY_SPELLINGS) & set(MARKER.codes)
    assert set(LABORATORY_SPELLINGS.values()) == set(LABORATORY_NAMES)
    assert all(text == text.upper() for text in LABORATORY_SPELLINGS)
    assert "crp" in spellings_of("LOINC:1988-5").split()
    assert spellings_of("LOINC:1-8") == ""

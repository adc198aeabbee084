"""The unit of a number that a run asks for: its field's, or that of the markers that are named."""

import pytest

from oncommons.schema.dictionary import find_field
from oncommons.schema.errors import MalformedQuestion
from oncommons.schema.measured import unit_of
from oncommons.schema.parsing import parse_criterion

VALUE = find_field("value", "measurement")


def named(*codes):
    return {"field": "marker", "in": list(codes)}


def unit(where):
    criterion = None if where is None else parse_criterion(where, "x.where", "measurement")
    return unit_of(VALUE, criterion, "x")


def test_a_field_has_the_unit_of_the_dictionary():
    assert unit_of(find_field("follow_up", "person"), None, "x") == "d"
    assert unit_of(find_field("birth_year", "person"), None, "x") == ""


LATE = {"field": "measured_after", "between": [30, None]}


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (named("PSA"), "ng/mL"),
        (named("PSA", "CEA"), "ng/mL"),
        ({"all": [LATE, named("TUMOUR_SIZE")]}, "mm"),
        ({"any": [named("ER"), {"all": [named("PR"), LATE]}]}, "%"),
        ({"all": [named("PSA", "ECOG"), named("ECOG", "LDH")]}, "1"),
        ({"all": [named("PSA"), named("ECOG")]}, ""),
    ],
)
def test_a_value_has_that_of_the_markers_that_rows_can_have(where, expected):
    assert unit(where) == expected


@pytest.mark.parametrize(
    ("where", "says"),
    [
        (None, "say in where which marker"),
        (LATE, "say in where which marker"),
        ({"not": named("PSA")}, "say in where which marker"),
        ({"any": [named("PSA"), LATE]}, "say in where which marker"),
        (named("PSA", "KI67"), "KI67 is in %, PSA is in ng/mL. Make a variable of each."),
        (named("BIRADS", "PSA"), "no unit for values of BIRADS; ask for what was found"),
        (named("LOINC:1-8"), "no unit for values of LOINC:1-8"),
        (named("AFP", "CA125", "ECOG", "KI67", "LDH", "TUMOUR_SIZE"), "and 2 more"),
    ],
)
def test_where_numbers_would_have_no_unit_or_several_it_says_so(where, says):
    with pytest.raises(MalformedQuestion, match=says) as found:
        unit(where)
    assert found.value.at == "x.where"

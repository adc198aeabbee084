"""The unit of a number that a run asks for: its field's, or that of the markers that are named."""

import re

import pytest

from oncommons.schema.dictionary import find_field
from oncommons.schema.errors import MalformedQuestion
from oncommons.schema.measured import unit_of
from oncommons.schema.parsing import parse_criterion, parse_question

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
        (None, "say beside it which marker"),
        (LATE, "say beside it which marker"),
        ({"not": named("PSA")}, "say beside it which marker"),
        ({"any": [named("PSA"), LATE]}, "say beside it which marker"),
        (named("PSA", "KI67"), "KI67 is in %, PSA is in ng/mL. Ask for each by itself."),
        (named("BIRADS", "PSA"), "no unit for values of BIRADS; ask for what was found"),
        (named("LOINC:1-8"), "no unit for values of LOINC:1-8"),
        (named("AFP", "CA125", "ECOG", "KI67", "LDH", "TUMOUR_SIZE"), "and 2 more"),
    ],
)
def test_where_numbers_would_have_no_unit_or_several_it_says_so(where, says):
    with pytest.raises(MalformedQuestion, match=says) as found:
        unit(where)
    assert found.value.at == "x.where"


HIGH = {"field": "value", "between": [10, None]}


def both(*parts):
    return {"all": list(parts)}


@pytest.mark.parametrize(
    "where",
    [
        both(named("PSA"), HIGH),
        both(HIGH, LATE, named("PSA", "CEA")),
        both(named("PSA"), {"any": [HIGH, LATE]}),
        both(named("PSA"), {"not": both(HIGH, LATE)}),
        {"any": [both(named("PSA"), HIGH), both(named("KI67"), {"field": "value", "between": [20, None]})]},
        {"not": both(named("KI67"), HIGH)},
        {"field": "value", "missing": True},
    ],
)
def test_a_value_can_be_compared_where_its_marker_is_said(where):
    assert parse_question({"count": "measurement", "where": where}).where is not None
    assert parse_question({"count": "person", "where": {"some": "measurement", "where": where}}).where is not None


@pytest.mark.parametrize(
    ("where", "at", "says"),
    [
        (HIGH, "", "say beside it which marker"),
        (both(LATE, HIGH), ".all[1]", "say beside it which marker"),
        (both({"not": named("PSA")}, HIGH), ".all[1]", "say beside it which marker"),
        ({"any": [named("PSA"), HIGH]}, ".any[1]", "say beside it which marker"),
        (both(named("PSA", "KI67"), HIGH), ".all[1]", "KI67 is in %, PSA is in ng/mL"),
        (both(named("LOINC:1-8"), {"not": HIGH}), ".all[1].not", "no unit for values of LOINC:1-8"),
        (both(named("PSA"), {"some": "measurement", "where": HIGH}), ".all[1].where", "say beside it which marker"),
    ],
)
def test_a_value_that_is_compared_without_one_marker_or_with_several_units_is_refused(where, at, says):
    with pytest.raises(MalformedQuestion, match=re.escape(says)) as found:
        parse_question({"count": "measurement", "where": where})
    assert found.value.at == f"where{at}"
    with pytest.raises(MalformedQuestion, match=re.escape(says)) as found:
        parse_criterion({"some": "measurement", "where": where}, "x", "person")
    assert found.value.at == f"x.where{at}"

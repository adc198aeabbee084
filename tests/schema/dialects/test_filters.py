"""Filters become our question; the rule of scope holds for every pair of fields."""

import operator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncommons.schema.dialects.filters import OPERATORS, SCOPE_RULE, Filter, translate
from oncommons.schema.dialects.terms import name_of
from oncommons.schema.dictionary import ENTITIES, FIELDS, lineage
from oncommons.schema.errors import MalformedQuestion, QuestionTooLarge
from oncommons.schema.errors_of_protocols import Untranslatable
from oncommons.schema.question import Some, leaves


def asked(entity, *filters):
    return translate(entity, filters).to_json().get("where")


def values_of(field):
    return list(field.codes.codes)[:5] or [field.codes.example] if field.type == "code" else ["1", "40"]


ONE = st.sampled_from(FIELDS).flatmap(
    lambda f: st.builds(
        Filter,
        st.just(name_of(f)),
        st.sampled_from(["=", "!"] if f.type == "code" else OPERATORS),
        st.sampled_from(values_of(f)),
    )
)


@given(entity=st.sampled_from(list(ENTITIES)), filters=st.lists(ONE, min_size=1, max_size=6))
def test_no_filter_is_ever_dropped(entity, filters):
    without_unit = [MalformedQuestion] if "measurement.value" in {f.id for f in filters} else []
    try:
        question = translate(entity, filters)
    except (Untranslatable, *without_unit):
        return
    tested = [leaf for leaf in leaves(question) if not isinstance(leaf.criterion, Some)]
    assert sorted(name_of(leaf.criterion.field) for leaf in tested) == sorted(f.id for f in filters)
    for leaf in tested:
        home = leaf.criterion.field.entity
        assert leaf.scope == (entity if home in lineage(entity) else home)


def test_no_filters_ask_for_everything():
    assert asked("series") is None


def test_the_sexes_are_named_as_beacon_names_them():
    assert asked("person", Filter("NCIT:C16576")) == {"field": "sex", "in": ["F"]}


def test_a_client_that_wants_no_narrower_diagnoses_is_refused_where_there_are_some():
    assert asked("person", Filter("ICD10:C50.4"))["where"]["in"] == ["ICD10:C50.4"]
    assert asked("series", Filter("DCM:MR", descendants=False)) == {"field": "modality", "in": ["MR"]}
    with pytest.raises(Untranslatable, match="below it"):
        asked("person", Filter("ICD10:C50", descendants=False))


def test_a_pattern_names_every_code_that_fits():
    found = asked("series", Filter("body_part", "=", "chest%"))["in"]
    assert set(found) == {"CHEST", "CHESTABDOMEN", "CHESTABDPELVIS"}
    with pytest.raises(Untranslatable, match="No code"):
        asked("series", Filter("body_part", "=", "*%"))


def test_a_value_can_be_a_term():
    assert asked("series", Filter("modality", "=", "DCM:MR")) == {"field": "modality", "in": ["MR"]}


@pytest.mark.parametrize("scope", ["", "individuals", "imagingSeries", "series"])
def test_a_scope_that_fits_changes_nothing(scope):
    assert asked("person", Filter("DCM:MR", scope=scope)) == asked("person", Filter("DCM:MR"))


def test_overlapping_values_of_one_field_are_one_row():
    parts = asked("series", Filter("body_part", "=", "CHEST%"), Filter("body_part", "=", "CHEST"))
    assert len(parts["all"]) == 2


def test_too_many_filters_are_told_as_any_question_that_is_too_large():
    with pytest.raises(QuestionTooLarge):
        asked("person", *[Filter("age", ">", "1")] * 300)


def test_the_rule_is_told_in_sentences():
    assert all(line.endswith(".") for line in SCOPE_RULE)


SIGNS = {"=": operator.eq, "!": operator.ne, ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le}


@given(
    sign=st.sampled_from(list(SIGNS)), bound=st.decimals(-999, 999, places=3), value=st.decimals(-999, 999, places=3)
)
def test_a_decimal_is_compared_as_its_operator_says(sign, bound, value):
    both = asked("measurement", Filter("marker", "=", "PSA"), Filter("measurement.value", sign, f"{bound:f}"))
    where = both["all"][1]
    low, high = where.get("not", where)["between"]
    held = (low is None or low <= float(value)) and (high is None or float(value) <= high)
    assert (held is not ("not" in where)) is SIGNS[sign](value, bound)


@pytest.mark.parametrize("text", ["", "4,5", "1e3", "nan", "P70Y", "4.", ".5"])
def test_what_is_no_decimal_is_refused(text):
    with pytest.raises(Untranslatable):
        asked("measurement", Filter("measurement.value", ">", text))

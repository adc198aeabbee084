"""The builder writes the question language."""

import pytest

from oncommons.client.builder import Where, between, has, missing, recorded, some
from oncommons.schema.errors import QuestionError
from oncommons.schema.parsing import parse_question

F = {"field": "sex", "in": ["F"]}
CT = {"field": "modality", "in": ["CT"]}


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (has(sex="F"), F),
        (has(sex=["F", "M"]), {"field": "sex", "in": ["F", "M"]}),
        (has(sex=("F",)), F),
        (has(age=40), {"field": "age", "between": [40, 40]}),
        (has(age=between(40, None)), {"field": "age", "between": [40, None]}),
        (has(sex=missing()), {"field": "sex", "missing": True}),
        (has(sex=recorded()), {"field": "sex", "missing": False}),
        (has(sex="F", age=40), {"all": [F, {"field": "age", "between": [40, 40]}]}),
        (~has(sex="F"), {"not": F}),
        (~~has(sex="F"), {"not": {"not": F}}),
        (some("series"), {"some": "series"}),
        (some("series", modality="CT"), {"some": "series", "where": CT}),
        (some("series", has(modality="CT")), {"some": "series", "where": CT}),
        (some("series", has(modality="CT"), sex="F"), {"some": "series", "where": {"all": [CT, F]}}),
        (some("series", ~has(modality="CT")), {"some": "series", "where": {"not": CT}}),
        (some("series", some("condition")), {"some": "series", "where": {"some": "condition"}}),
    ],
)
def test_each_word_has_its_json(where, expected):
    assert where.to_json() == expected
    parse_question({"count": "series", "where": where.to_json()})


def test_and_and_or_are_flat_among_themselves_and_nested_in_each_other():
    a, b, c = has(sex="F"), has(sex="M"), has(sex="O")
    assert [len((a & b & c).to_json()["all"]), len((a | (b | c)).to_json()["any"])] == [3, 3]
    assert ((a | b) & c).to_json() == {"all": [{"any": [a.to_json(), b.to_json()]}, c.to_json()]}
    assert (a & b | c).to_json() == {"any": [{"all": [a.to_json(), b.to_json()]}, c.to_json()]}


def test_a_negated_conjunction_is_not_taken_apart():
    both = ~(has(sex="F") & has(age=40))
    assert (both & has(sex="M")).to_json()["all"][0] == both.to_json()


def test_combining_leaves_the_parts_as_they_were():
    a, b = has(sex="F", age=40), has(sex="M")
    before = a.to_json()
    _ = a & b, a | b, ~a
    assert a.to_json() == before


def test_what_was_written_out_can_be_changed_without_changing_the_criterion():
    where = has(sex="F")
    where.to_json()["field"] = "age"
    assert where.to_json() == F


def test_has_needs_a_field():
    with pytest.raises(ValueError, match="at least one field"):
        has()


def test_a_fault_is_found_by_the_parser_not_by_the_builder():
    for where in (has(sex="X"), has(shoe_size=44), has(modality="CT"), has(age="old"), has(sex=[])):
        with pytest.raises(QuestionError):
            parse_question({"count": "person", "where": where.to_json()})


def test_equal_criteria_are_equal():
    assert has(sex="F") == Where(F)

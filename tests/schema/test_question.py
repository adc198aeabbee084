"""The records of a question and the walk over them."""

import dataclasses

import pytest

from oncommons.schema.parsing import parse_question
from oncommons.schema.question import Question, Some, criterion_to_json, fields_of, leaves

MRI = {"some": "series", "where": {"all": [{"field": "modality", "in": ["MR"]}, {"field": "sex", "in": ["F"]}]}}
WHERE = {"any": [{"field": "age", "between": [40, None]}, {"not": MRI}, {"some": "condition"}]}
QUESTION = {"count": "person", "where": WHERE, "by": ["dataset", "sex"]}


def test_a_question_writes_the_json_it_was_read_from():
    assert parse_question(QUESTION).to_json() == QUESTION


def test_a_question_about_everything_writes_no_where():
    assert Question("person", None).to_json() == {"count": "person"}


@pytest.mark.parametrize(
    "criterion",
    [
        {"field": "sex", "in": ["F", "M"]},
        {"field": "age", "between": [None, 4]},
        {"field": "age", "missing": False},
        {"not": {"field": "age", "missing": True}},
        {"some": "study"},
        {"all": [{"field": "age", "missing": True}]},
        {"any": [{"field": "age", "missing": True}]},
    ],
)
def test_each_criterion_writes_its_own_json(criterion):
    assert criterion_to_json(parse_question({"count": "person", "where": criterion}).where) == criterion


def test_the_walk_names_the_place_and_scope_of_every_leaf_in_reading_order():
    assert [(leaf.path, leaf.scope) for leaf in leaves(parse_question(QUESTION))] == [
        ("where.any[0]", "person"),
        ("where.any[1].not", "person"),
        ("where.any[1].not.where.all[0]", "series"),
        ("where.any[1].not.where.all[1]", "series"),
        ("where.any[2]", "person"),
    ]


def test_the_walk_meets_a_some_before_what_it_asks():
    found = list(leaves(parse_question({"count": "person", "where": MRI})))
    assert isinstance(found[0].criterion, Some)


def test_a_question_without_criteria_has_no_leaves():
    assert list(leaves(Question("series", None))) == []


def test_fields_are_named_once_in_order_of_use():
    assert [f.name for f in fields_of(parse_question(QUESTION))] == ["age", "modality", "sex"]


def test_a_field_that_is_only_grouped_by_is_a_field_of_the_question():
    assert [f.name for f in fields_of(parse_question({"count": "person", "by": ["sex"]}))] == ["sex"]


def test_equal_questions_are_equal_and_can_be_kept_in_a_set():
    assert len({parse_question(QUESTION), parse_question(QUESTION)}) == 1


def test_a_question_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        parse_question(QUESTION).count = "study"

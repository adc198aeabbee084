"""A question in words."""

import pytest
from tests.oracle import generator

from oncommons.schema.parsing import parse_question
from oncommons.schema.sentence import sentence

F = {"field": "sex", "in": ["F"]}
OLD = {"field": "age", "between": [70, None]}
MR = {"some": "series", "where": {"field": "modality", "in": ["MR"]}}


def said(where=None, count="person", **more):
    return sentence(parse_question({"count": count} | ({"where": where} if where else {}) | more))


@pytest.mark.parametrize(
    ("count", "expected"),
    [("person", "Count people, by dataset."), ("study", "Count studies, by dataset.")],
)
def test_a_question_about_everything(count, expected):
    assert said(count=count) == expected


@pytest.mark.parametrize(
    ("criterion", "words"),
    [
        (F, "sex is F"),
        (OLD, "age is at least 70"),
        ({"field": "age", "between": [None, 17]}, "age is at most 17"),
        ({"field": "age", "between": [40, 50]}, "age is 40 to 50"),
        ({"field": "age", "missing": True}, "age is missing"),
        ({"field": "age", "missing": False}, "age is recorded"),
        ({"not": F}, "not (sex is F)"),
        ({"some": "condition"}, "there is some condition"),
        (MR, "some series has (modality is MR)"),
    ],
)
def test_each_criterion_has_its_words(criterion, words):
    assert said(criterion) == f"Count people where {words}, by dataset."


def test_and_and_or_are_told_apart_by_brackets():
    assert said({"all": [{"any": [F, OLD]}, MR]}) == (
        "Count people where (sex is F or age is at least 70) and some series has (modality is MR), by dataset."
    )


def test_a_field_of_several_words_is_written_with_spaces():
    assert "age at study is 1 to 2" in said({"field": "age_at_study", "between": [1, 2]}, count="study")


def test_groupings_are_named():
    assert said(by=["sex"]) == "Count people, by dataset and sex."


def test_every_random_question_can_be_said_in_one_sentence():
    for seed in range(200):
        text = sentence(parse_question(generator.question(seed)))
        assert text.startswith("Count ")
        assert text.endswith(".")
        assert text.count("(") == text.count(")")


def test_several_codes_among_other_criteria_cannot_be_misread():
    assert "sex is one of (F, M) and" in said({"all": [{"field": "sex", "in": ["F", "M"]}, OLD]})


def test_that_small_groups_are_put_together_is_said():
    assert said(by=["sex"], coarsen=True) == "Count people, by dataset and sex; groups too small to be told together."


@pytest.mark.parametrize(
    ("nodes", "words"),
    [
        (["athens"], "athens"),
        (["cork", "athens"], "athens and cork"),
        (["a", "b", "c", "d", "e"], "a, b, c, d and e"),
        (["a", "b", "c", "d", "e", "f", "g"], "a, b, c, d and 3 more"),
    ],
)
def test_who_is_asked_is_said_where_it_is_not_everybody(nodes, words):
    assert said(nodes=nodes) == f"Count people, by dataset, asking only {words}."

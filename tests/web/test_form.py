"""The form and the question are two writings of one thing."""

from __future__ import annotations

import itertools

import pytest

from oncommons.schema.dictionary import ENTITIES, FIELDS
from oncommons.schema.errors import BadRequest, MalformedQuestion, QuestionError
from oncommons.schema.parsing import parse_question
from oncommons.web.form import BLOCKS, EXAMPLES, Form, build, control_names, fill, read_form, seconds_of


def form(**values: str) -> Form:
    return read_form((name.replace("__", "."), value) for name, text in values.items() for value in text.split("|"))


def where(**values: str) -> object:
    return build(form(**values)).question.get("where")


def test_an_empty_form_counts_people():
    assert build(Form()).question == {"count": "person"}


def test_every_entity_has_a_block_and_every_field_a_control():
    assert {b.entity for b in BLOCKS} == set(ENTITIES)
    assert [b.name for b in BLOCKS] == [
        *("person", "study", "series", "also"),
        *("condition", "measurement", "treatment", "episode", "specimen"),
    ]
    for field in FIELDS:
        name = f"{field.entity}.{field.name}"
        assert {name, f"{name}.from"} & set(control_names())


def test_fields_below_the_counted_entity_go_into_some():
    assert where(count="person", series__modality="MR|CT", series__body_part="BREAST", person__sex="F") == {
        "all": [
            {"field": "sex", "in": ["F"]},
            {
                "some": "series",
                "where": {"all": [{"field": "modality", "in": ["MR", "CT"]}, {"field": "body_part", "in": ["BREAST"]}]},
            },
        ]
    }


def test_fields_of_the_counted_entity_and_above_are_tested_directly():
    assert where(count="series", series__modality="MR", person__sex="F", study__study_year__from="2010") == {
        "all": [
            {"field": "sex", "in": ["F"]},
            {"field": "study_year", "between": [2010, None]},
            {"field": "modality", "in": ["MR"]},
        ]
    }


def test_another_series_is_always_some_series():
    assert where(count="series", series__modality="CT", also__modality="SEG", also__is="no") == {
        "all": [
            {"field": "modality", "in": ["CT"]},
            {"not": {"some": "series", "where": {"field": "modality", "in": ["SEG"]}}},
        ]
    }


def test_no_row_at_all_can_be_asked():
    assert where(condition__is="no") == {"not": {"some": "condition"}}


def test_denying_a_direct_block_denies_its_tests_together():
    assert where(count="series", series__is="no", series__modality="MR", series__instances__from="2") == {
        "not": {"all": [{"field": "modality", "in": ["MR"]}, {"field": "instances", "between": [2, None]}]}
    }


def test_codes_of_a_pattern_are_separated_as_people_do():
    assert where(condition__code="ICDO3:8520/3, ICDO3:8500/3;ICD10:C50.4") == {
        "some": "condition",
        "where": {"field": "code", "in": ["ICDO3:8520/3", "ICDO3:8500/3", "ICD10:C50.4"]},
    }


def test_groupings_are_kept_in_order_and_named_once():
    assert build(form(count="series", by="modality|sex|modality")).question["by"] == ["modality", "sex"]


@pytest.mark.parametrize("count", ENTITIES)
def test_every_filled_control_gives_a_question_in_scope(count):
    values = {"count": count}
    for block in BLOCKS:
        for field in block.fields:
            name = f"{block.name}.{field.name}"
            values |= {name: field.codes.example} if field.type == "code" else {f"{name}.from": "1", f"{name}.to": "9"}
    question = parse_question(build(read_form(values.items())).question)
    assert question.count == count
    filled = fill(question)
    assert filled is not None
    assert build(filled).question == build(read_form(values.items())).question


@pytest.mark.parametrize(("count", "denied"), list(itertools.product(ENTITIES, BLOCKS[1:])))
def test_every_denial_gives_a_question_in_scope(count, denied):
    field = denied.fields[0]
    name = f"{denied.name}.{field.name}"
    value = {name: field.codes.example} if field.type == "code" else {f"{name}.to": "9"}
    typed = read_form({"count": count, f"{denied.name}.is": "no", **value}.items())
    question = parse_question(build(typed).question)
    filled = fill(question)
    assert denied.is_direct(count) or (filled is not None and build(filled).question == build(typed).question)


def test_nothing_that_is_asked_is_dropped():
    with pytest.raises(MalformedQuestion, match=r"person\.colour"):
        build(form(person__colour="red"))
    with pytest.raises(MalformedQuestion, match="form does not have"):
        build(read_form([("person.is", "no")]))


@pytest.mark.parametrize(
    ("values", "control"),
    [
        ({"person__age__from": "abc"}, "person.age.from"),
        ({"person__age__from": "1", "person__age__to": "1.5"}, "person.age.to"),
        ({"person__age__from": "9", "person__age__to": "1"}, "person.age.from"),
        ({"person__sex": "F", "series__modality": "MRT"}, "series.modality"),
        ({"series__modality": "MR", "series__body_part": "TOOTHACHE"}, "series.body_part"),
        ({"also__is": "no", "also__modality": "?", "series__modality": "MR"}, "also.modality"),
        ({"condition__code": "breast cancer"}, "condition.code"),
        ({"by": "modality"}, "by"),
        ({"count": "patients"}, "count"),
    ],
)
def test_a_fault_is_led_back_to_its_control(values, control):
    built = build(form(**values))
    with pytest.raises(QuestionError) as fault:
        parse_question(built.question)
    assert built.control(fault.value.at) == control


def test_a_place_of_no_control_has_none():
    assert build(form(person__sex="F")).control("elsewhere") == ""


@pytest.mark.parametrize(
    "question",
    [
        {"count": "person", "where": {"any": [{"field": "sex", "in": ["F"]}, {"field": "sex", "in": ["M"]}]}},
        {"count": "person", "where": {"field": "age", "missing": True}},
        {"count": "person", "where": {"some": "series"}},
        {"count": "person", "where": {"not": {"field": "sex", "in": ["F"]}}},
        {"count": "person", "where": {"all": [{"field": "sex", "in": ["F"]}, {"field": "sex", "in": ["M"]}]}},
        {"count": "person", "where": {"some": "series", "where": {"field": "sex", "in": ["F"]}}},
        {"count": "person", "where": {"all": [{"some": "study"}, {"some": "study"}]}},
    ],
)
def test_a_question_that_says_more_than_the_form_does_not_fill_it(question):
    assert fill(parse_question(question)) is None


def test_the_order_of_criteria_does_not_matter_to_the_form():
    question = parse_question(
        {
            "count": "person",
            "by": ["dataset", "sex"],
            "where": {"all": [{"field": "age", "between": [None, 50]}, {"field": "sex", "in": ["M", "F"]}]},
        }
    )
    filled = fill(question)
    assert filled is not None
    assert filled.all("person.age.to") == ("50",)
    assert filled.all("by") == ("sex",)


def test_the_deadline_is_a_number_of_seconds_that_a_page_waits():
    assert seconds_of(Form()) == 10.0
    assert seconds_of(form(deadline="2.5")) == 2.5
    for wrong in ("soon", "0", "-1", "61", "nan", "inf"):
        with pytest.raises(BadRequest) as fault:
            seconds_of(form(deadline=wrong))
        assert fault.value.at == "deadline"


def test_the_examples_can_be_asked_and_fill_the_form():
    for example in EXAMPLES:
        assert fill(example.question) is not None
        assert read_form(example.form.pairs()) == Form(dict(example.form.values))


def test_a_form_knows_whether_it_is_empty():
    assert read_form([("person.sex", " ")]).is_empty
    assert not form(person__sex="F").is_empty


def test_nodes_are_chosen_and_shown_again():
    built = build(form(nodes="cork|athens"))
    assert built.question == {"count": "person", "nodes": ["cork", "athens"]}
    filled = fill(parse_question(built.question))
    assert filled is not None
    assert filled.all("nodes") == ("athens", "cork")
    assert built.control("nodes[1]") == "nodes"


def test_a_question_that_asks_to_put_groups_together_does_not_fit_the_form():
    assert fill(parse_question({"count": "person", "by": ["sex"], "coarsen": True})) is None

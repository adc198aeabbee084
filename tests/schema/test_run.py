"""Runs of analyses: strict JSON, the same again, and what a permit has to name for them."""

import json

import pytest

from oncommons.schema.errors import MalformedQuestion, QuestionError, QuestionTooLarge, UnknownField, UnknownValue
from oncommons.schema.run import parse_run, parse_run_text, run_in_words

DEAD = {"is": {"field": "vital_status", "in": ["DEAD"]}}
EARLY = {"some": "condition", "where": {"field": "stage", "in": ["I", "II"]}}
LATE = {"some": "condition", "where": {"field": "stage", "in": ["III"]}}
RUN = {
    "analysis": "cox",
    "cohort": {"some": "condition", "where": {"field": "code", "in": ["ICD10:C50"]}},
    "variables": {
        "time": {"value": "follow_up"},
        "died": DEAD,
        "age": {"value": "age_at_diagnosis", "of": "condition", "take": "least"},
        "marker": {"value": "value", "of": "measurement", "take": "only", "where": {"field": "marker", "in": ["PSA"]}},
        "stage": {"levels": {"early": EARLY, "late": LATE}},
    },
    "settings": {"time": "time", "event": "died", "covariates": ["age", "stage"]},
}


def changed(**parts):
    return RUN | parts


def variable(body):
    return changed(variables={"x": body})


def test_a_run_is_itself_again():
    run = parse_run(RUN)
    assert run.to_json() == RUN
    assert parse_run_text(json.dumps(RUN)) == run
    assert "cohort" not in parse_run({k: v for k, v in RUN.items() if k != "cohort"}).to_json()


@pytest.mark.parametrize("wrong", [-1, True, 2.0, "3", 10_001, None])
def test_how_many_nodes_must_take_part_is_a_whole_number(wrong):
    run = parse_run(changed(fewest_nodes=4))
    assert run.to_json() == changed(fewest_nodes=4)
    assert run_in_words(run).endswith("; at least 4 nodes must take part.")
    assert parse_run(changed(fewest_nodes=0)) == parse_run(RUN)
    with pytest.raises(MalformedQuestion) as fault:
        parse_run(changed(fewest_nodes=wrong))
    assert fault.value.at == "fewest_nodes"


def test_in_words_it_says_which_of_several_rows():
    words = run_in_words(parse_run(RUN))
    assert "age, age at diagnosis of the condition, the least; marker, value of the measurement, the only one," in words


def test_a_permit_has_to_name_every_field_that_is_touched():
    assert parse_run(RUN).asked() == {
        "person", "person.follow_up", "person.vital_status", "condition", "condition.code", "condition.stage",
        "condition.age_at_diagnosis", "measurement", "measurement.marker", "measurement.value",
    }  # fmt: skip
    assert parse_run(variable({"value": "follow_up"}) | {"cohort": {"field": "sex", "in": ["F"]}}).asked() == {
        "person", "person.follow_up", "person.sex",
    }  # fmt: skip


WRONG = {
    "no object": ([], MalformedQuestion, "run"),
    "unknown key": (changed(what=1), MalformedQuestion, "run"),
    "no analysis": ({"variables": RUN["variables"]}, MalformedQuestion, "run"),
    "a name that is none": (changed(analysis="../x"), MalformedQuestion, "analysis"),
    "no variables": (changed(variables={}), MalformedQuestion, "variables"),
    "too many": (changed(variables={f"v{i}": DEAD for i in range(61)}), QuestionTooLarge, "variables"),
    "a variable's name": (changed(variables={"X y": DEAD}), MalformedQuestion, "variables"),
    "two kinds": (variable(DEAD | {"value": "follow_up"}), MalformedQuestion, "variables.x"),
    "no kind": (variable({"take": "least"}), MalformedQuestion, "variables.x"),
    "a text": (variable("age"), MalformedQuestion, "variables.x"),
    "one level": (variable({"levels": {"a": EARLY}}), MalformedQuestion, "variables.x.levels"),
    "a level without a name": (variable({"levels": {"": EARLY, "b": LATE}}), MalformedQuestion, "variables.x.levels"),
    "a code as a number": (variable({"value": "sex"}), MalformedQuestion, "variables.x.value"),
    "take of a person": (variable({"value": "follow_up", "take": "least"}), MalformedQuestion, "variables.x.of"),
    "another entity": (variable({"value": "follow_up", "of": "condition"}), MalformedQuestion, "variables.x.of"),
    "a unit": (variable({"value": "follow_up", "unit": "mo"}), MalformedQuestion, "variables.x.unit"),
    "a value of any marker": (variable({"value": "value", "of": "measurement"}), MalformedQuestion, "variables.x.where"),
    "no such take": (variable({"value": "value", "of": "measurement", "take": "mean"}), UnknownValue, "variables.x.take"),
    "no such field": (variable({"value": "shoe_size"}), UnknownField, "variables.x.value"),
    "of a number": (variable({"value": "value", "of": 3}), QuestionError, "variables.x"),
    "settings": (changed(settings=[1]), MalformedQuestion, "settings"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_is_not_understood_is_named(name):
    body, error, at = WRONG[name]
    with pytest.raises(error) as found:
        parse_run(body)
    assert found.value.at.startswith(at)


def test_a_key_that_stands_twice_is_refused():
    with pytest.raises(MalformedQuestion, match="twice"):
        parse_run_text('{"analysis": "cox", "analysis": "glm", "variables": {}}')


def test_a_variable_names_no_unit_and_is_told_the_one_that_the_number_has():
    for body, says in (
        ({"value": "follow_up"}, "follow_up is in d at every node"),
        ({"value": "birth_year"}, "birth_year is without a unit at every node"),
        (RUN["variables"]["marker"], "value is in ng/mL at every node"),
    ):
        with pytest.raises(MalformedQuestion, match=says):
            parse_run(variable(body | {"unit": "mo"}))

"""The form of an analysis, as the run that it asks for."""

import json

import pytest
from tests.node.followed import COX
from tests.web.fake_runs import told_analyses

from oncommons.schema.errors import MalformedQuestion
from oncommons.schema.run import parse_run
from oncommons.web.form import read_form
from oncommons.web.run_form import build_run, codes_in, command_line, number, places, run_text

ANALYSES = {one["name"]: one for one in told_analyses()["analyses"]}
FILLED = {
    "v.time.0.field": "person.follow_up", "v.time.0.name": "time",
    "v.event.0.field": "person.vital_status", "v.event.0.codes": "DEAD", "v.event.0.name": "died",
    "v.covariates.0.field": "condition.age_at_diagnosis", "v.covariates.0.name": "age",
    "v.covariates.2.field": "person.sex", "v.covariates.2.kind": "yes", "v.covariates.2.codes": "F",
    "v.covariates.2.name": "female",
}  # fmt: skip


def built(name="cox", **changes):
    values = {key: value for key, value in (FILLED | changes).items() if value is not None}
    return build_run(ANALYSES[name], read_form(values.items()))


def at(name="cox", **changes):
    """The control that a fault is shown at."""
    with pytest.raises(MalformedQuestion) as fault:
        built(name, **changes)
    return fault.value.at


def one(**changes):
    return built(**changes).question["variables"]


def test_what_was_filled_in_is_the_run_that_is_written_by_hand():
    assert parse_run(built().question) == parse_run(COX)


def test_the_cohort_has_the_controls_of_the_form_for_questions():
    run = built(**{"person.sex": "F", "condition.code": "ICD10:C34", "s.ties": "breslow"}).question
    assert run["cohort"] == {
        "all": [
            {"field": "sex", "in": ["F"]},
            {"some": "condition", "where": {"field": "code", "in": ["ICD10:C34"]}},
        ]
    }
    assert run["settings"]["ties"] == "breslow"
    assert "level" not in run["settings"]


def test_a_cohort_as_json_takes_the_place_of_the_controls():
    run = built(**{"person.sex": "F", "cohort": '{"field": "age", "missing": false}'}).question
    assert run["cohort"] == {"field": "age", "missing": False}
    assert at(cohort="{") == "cohort"


def test_levels_are_lines_of_codes_or_of_numbers():
    levels = one(**{"v.covariates.2.kind": "code", "v.covariates.2.levels": "women: F\nM"})["female"]["levels"]
    assert levels == {"women": {"field": "sex", "in": ["F"]}, "M": {"field": "sex", "in": ["M"]}}
    lines = {"v.covariates.0.kind": "code", "v.covariates.0.levels": "young: to 49\nold:50 to\n"}
    found = one(**lines)["age"]["levels"]
    assert found["young"] == {"some": "condition", "where": {"field": "age_at_diagnosis", "between": [None, 49]}}
    assert found["old"]["where"]["between"] == [50, None]


def test_rows_of_an_entity_are_narrowed_down():
    age = one(
        **{"v.covariates.0.rows": "code: ICD10:C34, ICD10:C35; age_at_diagnosis: 18 to", "v.covariates.0.take": "least"}
    )
    codes = {"field": "code", "in": ["ICD10:C34", "ICD10:C35"]}
    grown = {"field": "age_at_diagnosis", "between": [18, None]}
    assert age["age"] == {
        "value": "age_at_diagnosis", "of": "condition", "take": "least", "where": {"all": [codes, grown]}
    }  # fmt: skip
    span = {"v.covariates.0.kind": "yes", "v.covariates.0.from": "65", "v.covariates.0.rows": "code: ICD10:C34"}
    where = one(**span)["age"]["is"]["where"]["all"]
    assert where == [{"field": "code", "in": ["ICD10:C34"]}, {"field": "age_at_diagnosis", "between": [65, None]}]


@pytest.mark.parametrize(
    ("changes", "control"),
    [
        ({"v.time.0.field": None, "v.time.0.name": None}, "v.time.0.field"),
        ({"v.time.0.field": None}, "v.time.0.field"),
        ({"v.time.0.field": "person.sex"}, "v.time.0.kind"),
        ({"v.event.0.codes": None}, "v.event.0.codes"),
        ({"v.event.0.name": "9 lives"}, "v.event.0.name"),
        ({"v.event.0.name": "time"}, "v.event.0.name"),
        ({"v.covariates.0.kind": "yes"}, "v.covariates.0.from"),
        ({"v.covariates.0.kind": "code", "v.covariates.0.levels": "young: to 49"}, "v.covariates.0.levels"),
        ({"v.covariates.0.kind": "code", "v.covariates.0.levels": "a: few\nb: many"}, "v.covariates.0.levels"),
        ({"v.covariates.0.kind": "code", "v.covariates.0.levels": "a: to 9\na: 10 to"}, "v.covariates.0.levels"),
        ({"v.covariates.0.rows": "sex: F"}, "v.covariates.0.rows"),
    ],
)
def test_a_fault_is_told_at_its_control(changes, control):
    assert at(**changes) == control


@pytest.mark.parametrize(
    ("place", "control"),
    [
        ("variables.died.is.in[0]", "v.event.0.codes"), ("variables.age.value", "v.covariates.0.field"),
        ("settings.covariates", "v.covariates.0.field"), ("settings.level", "s.level"),
        ("cohort.in[0]", "person.sex"), ("elsewhere", ""),
    ],
)  # fmt: skip
def test_what_the_parser_or_the_hub_finds_is_told_at_its_control(place, control):
    assert built(**{"person.sex": "X"}).control(place) == control


def test_how_many_nodes_must_take_part_is_left_out_where_nothing_is_typed():
    assert built(fewest="4").question["fewest_nodes"] == 4
    assert "fewest_nodes" not in built().question
    found = built(fewest="four")
    assert (found.question["fewest_nodes"], found.control("fewest_nodes")) == ("four", "fewest")
    assert built(fewest="9" * 5000).question["fewest_nodes"] == "9" * 5000  # Python reads no number of so many digits


def test_variables_without_a_name_are_called_as_their_fields():
    named = one(**{"v.covariates.0.name": None, "v.covariates.3.field": "condition.age_at_diagnosis"})
    assert list(named) == ["time", "died", "age_at_diagnosis", "female", "age_at_diagnosis_2"]


def test_a_role_of_several_has_always_room_for_one_more():
    role = ANALYSES["cox"]["roles"][2]
    assert len(places(read_form([]), role)) == 3
    assert len(places(read_form([("v.covariates.4.field", "person.sex")]), role)) == 6
    assert len(places(read_form([("v.covariates.99999.field", "person.sex")]), role)) == 24
    assert len(places(read_form([("v.time.4.field", "x")]), ANALYSES["cox"]["roles"][0])) == 1


def test_numbers_are_numbers_and_text_is_left_to_the_parser():
    assert [number(text) for text in ("7", "-0.5", "x", "1e9")] == [7, -0.5, "x", "1e9"]
    assert built(**{"s.level": "much"}).question["settings"]["level"] == "much"
    assert codes_in(["a b", "b,c;d"]) == ["a", "b", "c", "d"]


def test_the_command_makes_the_same_run():
    line = command_line({"analysis": "cox", "variables": {"a": "it's"}}, "P-7", "https://hub.test")
    quoted = line.partition("printf %s '")[2].partition("' |")[0].replace("'\"'\"'", "'")
    assert json.loads(quoted) == {"analysis": "cox", "variables": {"a": "it's"}}
    assert "oncommons run - --permit P-7.SECRET --hub https://hub.test" in line


def test_what_is_no_json_is_told_at_its_box():
    with pytest.raises(MalformedQuestion) as fault:
        run_text("{")
    assert fault.value.at == "run"

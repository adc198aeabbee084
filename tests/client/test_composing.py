"""A run from words of a command line is that of a file."""

import json

import pytest
from tests.node.followed import COX

from oncommons.client.composing import compose
from oncommons.schema.errors import MalformedQuestion, QuestionError

VARIABLES = ["time=follow_up", "died=vital_status:DEAD", "age=condition.age_at_diagnosis", "female=sex:F"]
PARAMS = ["time=time", "event=died", "covariates=age,female"]


def test_words_make_the_run_of_the_file():
    assert compose("cox", "", VARIABLES, PARAMS) == COX | {
        "variables": COX["variables"] | {"age": COX["variables"]["age"] | {"take": "only"}}
    }


@pytest.mark.parametrize(
    ("words", "value"),
    [
        (["level=0.9"], 0.9), (["ties=breslow"], "breslow"), (["covariates=age,"], ["age"]),
        (["covariates=age", "covariates=female"], ["age", "female"]), (['covariates=["age"]'], ["age"]),
        (["covariates=age,female", "covariates=died"], ["age", "female", "died"]), (["a= b , c "], ["b", "c"]),
    ],
)  # fmt: skip
def test_settings_are_text_numbers_and_lists(words, value):
    (found,) = compose("cox", "", VARIABLES, words)["settings"].values()
    assert found == value


def test_a_variable_is_yes_by_codes_of_an_entity_or_json():
    levels = {"levels": {"early": {"field": "sex", "in": ["F"]}, "late": {"field": "sex", "in": ["M"]}}}
    found = compose("cox", "", ["c=condition.code:ICD10:C50,ICD10:C34", f"l={json.dumps(levels)}"], [])["variables"]
    codes = found["c"]["is"]["where"]["in"]
    assert (found["c"]["is"]["some"], sorted(codes)) == ("condition", ["ICD10:C34", "ICD10:C50"])
    assert found["l"] == levels


def test_a_cohort_is_a_criterion_or_that_of_a_question(tmp_path):
    women = {"field": "sex", "in": ["F"]}
    for name, body in (("c", women), ("q", {"count": "person", "where": women, "by": ["sex"]})):
        (tmp_path / name).write_text(json.dumps(body))
        assert compose("cox", str(tmp_path / name), VARIABLES, PARAMS)["cohort"] == women


@pytest.mark.parametrize(
    "body", ["{", "[]", '{"count": "person"}', '{"count": "series", "where": {"field": "modality", "in": ["CT"]}}']
)
def test_what_is_no_cohort_of_people_is_refused(tmp_path, body):
    (tmp_path / "q").write_text(body)
    with pytest.raises(QuestionError):
        compose("cox", str(tmp_path / "q"), VARIABLES, PARAMS)


def test_a_file_that_is_not_there_and_words_without_a_value_are_told(tmp_path):
    with pytest.raises(MalformedQuestion, match="cannot be read"):
        compose("cox", str(tmp_path / "none"), VARIABLES, PARAMS)
    with pytest.raises(MalformedQuestion, match="'level' has no value"):
        compose("cox", "", VARIABLES, ["level"])
    with pytest.raises(QuestionError):
        compose("cox", "", ["age=condition.nothing"], PARAMS)

"""What the page of an analysis knows before anything is made."""

import json

import pytest
from tests.node.followed import COX
from tests.web.fake_runs import told_analyses
from tests.web.test_run_form import FILLED

from oncommons.schema.errors import UnknownValue
from oncommons.schema.run import parse_run
from oncommons.web.form import Form, read_form
from oncommons.web.run_asking import cohort_of, refused, run_draft

ANALYSIS = next(one for one in told_analyses()["analyses"] if one["name"] == "cox")
FORM = read_form(FILLED.items())


def with_json(text, form=FORM):
    return Form({**form.values, "run": (text,)})


def test_what_was_filled_in_is_shown_as_a_run():
    draft = run_draft(ANALYSIS, FORM, "show")
    assert draft.body == parse_run(COX).to_json()
    assert json.loads(draft.text) == draft.body
    assert draft.words.startswith("Make the analysis cox of everybody, with time, follow up")
    assert draft.fault is None


def test_only_who_wants_to_see_the_run_is_told_what_lacks():
    assert run_draft(ANALYSIS, Form(), "show").control == "v.time.0.field"
    assert run_draft(ANALYSIS, Form(), "fit").fault is None


def test_what_the_parser_finds_is_told_at_its_control_with_the_run_as_it_is():
    draft = run_draft(ANALYSIS, read_form((FILLED | {"v.event.0.codes": "GONE"}).items()), "show")
    assert (draft.control, draft.run) == ("v.event.0.codes", None)
    assert "GONE" in draft.text


@pytest.mark.parametrize("do", ["check", "make"])
def test_the_json_is_what_is_made_and_what_is_wrong_with_it_is_told_at_its_box(do):
    other = COX | {"settings": COX["settings"] | {"ties": "breslow"}}
    assert run_draft(ANALYSIS, with_json(json.dumps(other)), do).body["settings"]["ties"] == "breslow"
    for text in ("{", "{}", json.dumps(COX | {"analysis": "glm"}), ""):
        draft = run_draft(ANALYSIS, with_json(text), do)
        assert (draft.run, draft.control, draft.text) == (None, "run", text)


def test_what_the_hub_refuses_is_told_at_the_control_that_said_it():
    fault = UnknownValue("It is a number from 0.5.", at="settings.level")
    draft = run_draft(ANALYSIS, with_json(json.dumps(COX)), "make")
    assert refused(ANALYSIS, draft, fault).control == "s.level"
    other = run_draft(ANALYSIS, with_json(json.dumps(COX), Form()), "make")
    assert refused(ANALYSIS, other, fault).control == "run"
    assert refused(ANALYSIS, other, UnknownValue("x")).control == ""


def test_a_saved_question_fills_the_controls_of_the_cohort_and_leaves_the_others():
    women = {"count": "person", "where": {"field": "sex", "in": ["F"]}}
    form = cohort_of(women, Form({**FORM.values, "person.age.from": ("60",), "saved": ("x",), "fewest": ("4",)}))
    assert form.one("fewest") == "4"
    assert (form.all("person.sex"), form.all("person.age.from"), form.one("v.time.0.name")) == (("F",), (), "time")
    assert form.one("cohort") == ""


def test_of_what_the_controls_cannot_say_the_cohort_is_json():
    rows = {
        "count": "series",
        "where": {"any": [{"field": "modality", "in": ["CT"]}, {"field": "modality", "in": ["MR"]}]},
    }
    form = cohort_of(rows, FORM)
    assert json.loads(form.one("cohort")) == {"some": "series", "where": rows["where"]}
    draft = run_draft(ANALYSIS, form, "show")
    assert draft.body["cohort"]["some"] == "series"
    assert cohort_of({"count": "person"}, FORM).one("cohort") == ""

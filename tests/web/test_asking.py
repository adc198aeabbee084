"""A draft shows what was typed, whatever is wrong with it."""

from __future__ import annotations

import json

from oncommons.schema.errors import BadRequest, MalformedQuestion, UnknownValue
from oncommons.web.asking import draft, pretty
from oncommons.web.form import read_form


def test_a_form_becomes_json_and_words():
    found = draft(read_form([("person.sex", "F"), ("series.modality", "MR")]))
    assert found.words == "Count people where sex is F and some series has (modality is MR), by dataset."
    assert json.loads(found.text)["where"]["all"][0] == {"field": "sex", "in": ["F"]}
    assert found.seconds == 10.0
    assert found.fits


def test_json_fills_the_form_where_it_can():
    text = '{"count": "person", "where": {"field": "sex", "in": ["F"]}}'
    found = draft(read_form([("question", text), ("deadline", "3"), ("do", "ask")]))
    assert found.form.all("person.sex") == ("F",)
    assert found.seconds == 3.0
    assert found.fits


def test_json_that_says_more_leaves_the_form_empty_and_says_so():
    found = draft(read_form([("question", '{"count": "series", "where": {"field": "age", "missing": true}}')]))
    assert found.form.is_empty
    assert not found.fits
    assert found.question is not None


def test_wrong_json_is_kept_as_typed():
    found = draft(read_form([("question", '{"count": "person"')]))
    assert isinstance(found.fault, MalformedQuestion)
    assert found.text == '{"count": "person"'
    assert found.control == "question"
    assert found.words == ""


def test_a_wrong_value_names_its_control():
    found = draft(read_form([("person.age.to", "old")]))
    assert isinstance(found.fault, UnknownValue)
    assert found.control == "person.age.to"
    assert '"old"' in found.text


def test_a_name_that_the_form_does_not_have_is_a_fault():
    found = draft(read_form([("person.shoe", "42")]))
    assert isinstance(found.fault, MalformedQuestion)
    assert found.question is None


def test_json_and_form_together_are_a_fault():
    found = draft(read_form([("question", '{"count": "person"}'), ("person.sex", "F")]))
    assert isinstance(found.fault, MalformedQuestion)


def test_a_wrong_deadline_is_told_in_both():
    for pairs in ([("person.sex", "F")], [("question", '{"count": "person"}')]):
        found = draft(read_form([*pairs, ("deadline", "x")]))
        assert isinstance(found.fault, BadRequest)
        assert found.control == "deadline"


def test_pretty_json_is_the_same_json_in_short_lines():
    body = {"count": "person", "where": {"all": [{"field": "sex", "in": ["F"]}, {"field": "code", "in": ["é"] * 40}]}}
    assert json.loads(pretty(body)) == body
    assert '      {"field": "sex", "in": ["F"]},' in pretty(body).splitlines()
    assert pretty({}) == "{}"

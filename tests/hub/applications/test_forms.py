"""The form of a hub, at all its versions."""

import json

import pytest
from tests.schema.forms import BODY

from oncommons.hub.applications.forms import Forms, default_source, read_form
from oncommons.schema.application_form import KINDS, MEANT
from oncommons.schema.errors import NotFound
from oncommons.schema.errors_of_applications import BadForm


def test_our_form_asks_for_all_that_has_a_meaning():
    form = read_form(default_source())
    assert set(MEANT) <= {one.id for one in form.paragraphs}
    assert {one.kind for one in form.paragraphs} == set(KINDS)
    assert all(one.help or one.required for one in form.paragraphs if one.kind not in {"text", "yesno", "day"})


def test_a_hub_begins_with_our_form(database):
    forms = Forms(database)
    assert forms.newest() == read_form(default_source()).at(1)
    assert forms.source() == default_source()


def test_a_new_version_does_not_change_the_old_one(database):
    forms = Forms(database)
    was = forms.newest()
    now = forms.put(json.dumps(BODY), 9.0)
    assert (now.version, forms.newest(), Forms(database).at(1)) == (2, now, was)
    assert json.loads(forms.source(2)) == BODY


def test_what_is_no_form_changes_nothing(plain):
    forms = Forms(plain)
    for source in ("", "x", "{", '{"id": "a"}', 'id = "a"', "x" * 500_001):
        with pytest.raises(BadForm):
            forms.put(source, 9.0)
    assert forms.newest().version == 1


def test_what_is_not_asked_any_more_is_named(plain):
    form, gone = Forms(plain).check(json.dumps(BODY))
    assert form.version == 2
    assert {"scientific", "question", "people"} <= set(gone)


def test_there_is_no_other_version(plain):
    with pytest.raises(NotFound):
        Forms(plain).at(7)

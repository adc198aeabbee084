"""The form of an application, as data."""

import copy
import json

import pytest
from tests.schema.forms import BODY, FORM, paragraph

from oncommons.schema.application_form import KINDS, MEANT, parse_form, plain_text
from oncommons.schema.errors_of_applications import BadForm


def changed(change):
    body = copy.deepcopy(BODY)
    change(body)
    return body


def second(body, **more):
    body["sections"][1]["paragraphs"].append(paragraph("extra", "line") | more)


def test_a_form_says_the_same_after_json():
    assert parse_form(json.loads(json.dumps(FORM.to_json()))) == FORM


def test_a_paragraph_is_found_by_its_name():
    assert FORM.paragraph("place").options == {"home": "At home", "away": "Elsewhere"}
    assert FORM.paragraph("nowhere") is None


@pytest.mark.parametrize(
    ("change", "at", "word"),
    [
        (lambda b: b.update(colour="red"), "form", "colour"),
        (lambda b: b.pop("title"), "form", "title"),
        (lambda b: b.update(sections=[]), "sections", "1 to 50"),
        (lambda b: b["sections"][0]["paragraphs"].pop(0), "sections", "title"),
        (lambda b: b["sections"][1].update(id="project"), "sections", "twice"),
        (lambda b: second(b, id="notes"), "sections", "twice"),
        (lambda b: second(b, id="Notes"), "sections[1].paragraphs[3].id", "Notes"),
        (lambda b: second(b, id="countries", kind="text"), "sections[1].paragraphs[3].kind", "'line'"),
        (lambda b: second(b, kind="colour"), "sections[1].paragraphs[3].kind", "colour"),
        (lambda b: second(b, kind=[]), "sections[1].paragraphs[3].kind", "[]"),
        (lambda b: second(b, kind="choice"), "sections[1].paragraphs[3].options", "options"),
        (lambda b: second(b, options={"a": "A"}), "sections[1].paragraphs[3].options", "options"),
        (lambda b: second(b, required="yes"), "sections[1].paragraphs[3].required", "true or false"),
        (lambda b: second(b, most=0), "sections[1].paragraphs[3].most", "At most"),
        (lambda b: second(b, most=20_001), "sections[1].paragraphs[3].most", "At most"),
        (lambda b: second(b, most=True), "sections[1].paragraphs[3].most", "whole"),
        (lambda b: second(b, label="two\nlines"), "sections[1].paragraphs[3].label", "cannot stand"),
        (lambda b: second(b, help=7), "sections[1].paragraphs[3].help", "text"),
        (lambda b: b.update(version=-1), "version", "whole"),
        (lambda b: b["sections"].append("x"), "sections[2]", "object"),
    ],
)
def test_what_is_no_form_is_refused_with_the_place(change, at, word):
    with pytest.raises(BadForm) as told:
        parse_form(changed(change))
    assert told.value.at == at
    assert word in told.value.message


def test_what_means_something_has_a_kind_that_there_is():
    assert set(MEANT.values()) <= set(KINDS)


def test_signs_that_cannot_be_stored_are_left_out():
    assert (
        plain_text("a\x00b\r\nc\td\x1b\x85\ud800é\N{GREEK SMALL LETTER ALPHA}")
        == "ab\nc\tdé\N{GREEK SMALL LETTER ALPHA}"
    )

"""Which answers stand, what is kept beside, and which forms may follow one another."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.schema.forms import BODY, FORM, WRITTEN, paragraph

from oncommons.hub.applications.rules import AT_ONCE_SECONDS, Stored, check_next, is_kept_earlier, sort_out, use_of
from oncommons.schema.application import Attachment
from oncommons.schema.application_form import parse_form
from oncommons.schema.errors_of_applications import BadForm

OLD = Stored("as it was", 5, "ana", 1000.0, 1100.0)


@pytest.mark.parametrize(
    ("stored", "sent", "seen", "taken", "late"),
    [
        ({}, "new", 0, True, False),
        ({}, "", 0, False, False),
        ({"x": OLD}, "new", 5, True, False),
        ({"x": OLD}, "new", 9, True, False),
        ({"x": OLD}, "new", 4, False, True),
        ({"x": OLD}, "new", 0, False, True),
        ({"x": OLD}, "", 4, False, True),
        ({"x": OLD}, "", 5, True, False),
        ({"x": OLD}, "as it was", 0, False, False),
    ],
)
def test_an_answer_stands_if_its_writer_saw_what_stood_before(stored, sent, seen, taken, late):
    found = sort_out(stored, {"x": sent}, {"x": seen})
    assert (found.taken, found.late) == ({"x": sent} if taken else {}, {"x": sent} if late else {})


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("pq"), st.integers(0, 9)), max_size=12))
def test_nobody_ever_overwrites_what_they_did_not_see(steps):
    stored, seen, revision = {}, {"a": {}, "b": {}}, 0
    for who, name, text in steps:
        if not text:
            seen[who] = {n: one.revision for n, one in stored.items()}
            continue
        before = stored.get(name)
        found = sort_out(stored, {name: f"{who}{text}"}, seen[who])
        if found.taken:
            assert before is None or before.revision == seen[who].get(name)
            revision += 1
            stored[name] = Stored(f"{who}{text}", revision, who, 0.0, 0.0)
            seen[who][name] = revision


@pytest.mark.parametrize(
    ("value", "by", "at", "kept"),
    [
        ("as it is now", "ana", 1200.0, False),
        ("as it is now", "bob", 1200.0, True),
        ("as it is now", "ana", 1000.0 + AT_ONCE_SECONDS, True),
        ("as", "ana", 1200.0, True),
        ("", "ana", 1200.0, True),
    ],
)
def test_what_is_lost_otherwise_is_kept(value, by, at, kept):
    assert is_kept_earlier(OLD, value, by, at) is kept


def test_nothing_is_not_kept():
    assert not is_kept_earlier(replace(OLD, value=""), "x", "bob", 9e9)


def test_what_is_applied_for_is_read_from_the_answers():
    vote = Attachment("d", "ethics", "v.pdf", "application/pdf", 1, "", "ana", 0.0)
    more = {"research": ("methods",), "diseases": "ICD10:C34; ICD10:C50", "commercial": "no", "countries": "de, FR"}
    found = use_of(replace(WRITTEN, answers={**WRITTEN.answers, **more}, attachments=(vote,)))
    assert (found.ehds, found.research, found.diseases) == ({"RESEARCH"}, {"methods"}, ("ICD10:C34", "ICD10:C50"))
    assert (found.commercial, found.profit, found.countries, found.ethics) == ("no", "", {"DE", "FR"}, True)
    assert (found.begin, found.end) == (date(2027, 1, 1), date(2028, 1, 1))
    assert not use_of(WRITTEN).ethics


def followed_by(*paragraphs):
    first = BODY["sections"][0]
    return parse_form({**BODY, "sections": [first, {"id": "more", "title": "More", "paragraphs": list(paragraphs)}]})


def test_a_form_may_ask_less_and_more():
    assert check_next(FORM, followed_by(paragraph("notes", "text"), paragraph("new", "line"))) == ("place", "ethics")


def test_a_line_may_become_longer():
    lines = followed_by(paragraph("x", "line"))
    assert check_next(lines, followed_by(paragraph("x", "text"))) == ()
    with pytest.raises(BadForm, match="another name"):
        check_next(followed_by(paragraph("x", "text")), lines)


def test_a_name_never_asks_for_something_else():
    with pytest.raises(BadForm) as told:
        check_next(FORM, followed_by(paragraph("notes", "day")))
    assert told.value.at == "notes"

"""What is wrong with the answers of an application."""

from dataclasses import replace

import pytest
from tests.schema.forms import BODY, FORM, WRITTEN, paragraph

from oncommons.schema.answering import day_of, entries, faults
from oncommons.schema.application import Application, Attachment
from oncommons.schema.application_form import KINDS, parse_form

VOTE = Attachment("d1", "ethics", "vote.pdf", "application/pdf", 12, "0" * 64, "ana", 0.0)
WHOLE = replace(WRITTEN, attachments=(VOTE,))
QUESTION = '{"count": "person", "where": {"field": "sex", "in": ["F"]}}'


def told(kind, value, name="x", **more):
    """What is said of one answer to an otherwise whole application."""
    body = {
        **BODY,
        "sections": [*BODY["sections"], {"id": "s", "title": "S", "paragraphs": [paragraph(name, kind, **more)]}],
    }
    found = faults(parse_form(body), replace(WHOLE, answers={**WHOLE.answers, name: value}))
    return [one.says for one in found if one.paragraph == name]


def test_a_whole_application_has_no_faults():
    assert faults(FORM, WHOLE) == ()


def test_all_that_is_missing_is_named_in_order():
    found = faults(FORM, Application("a", 1, "ana"))
    assert [one.paragraph for one in found] == ["title", "summary", "ehds", "datasets", "begin", "end", "ethics"]
    assert all(one.missing for one in found)


def test_white_space_is_no_answer():
    assert [one.paragraph for one in faults(FORM, replace(WHOLE, answers=WHOLE.answers | {"title": " \n"}))] == [
        "title"
    ]


GOOD = {
    "line": "one", "text": "some\nlines", "yes": "yes", "yesno": "no", "choice": "a", "choices": ("a", "b"), "day": "2027-02-28",
    "people": "Ana Silva; Athens General; ana@athens.example\nBob; Berlin", "ehds": ("CARE",), "research": ("methods",),
    "diseases": "ICD10:C34, ICDO3:8520/3", "datasets": ("athens/a/b",), "variables": ("person.sex", "series"), "question": QUESTION,
}  # fmt: skip
BAD = {
    "line": ("a\nb",), "text": (("a",), "x" * 2_001), "yes": ("no", "YES"), "yesno": ("maybe",), "choice": ("c", "A"),
    "choices": (("a", "c"),), "day": ("2027-02-30", "28.2.2027", "20270228", "2027-2-28"),
    "people": ("Ana", "Ana; ", "Ana; X; nobody", "Ana; X; a@b.example; more"), "ehds": (("FUN",),), "research": (("x",),),
    "diseases": ("C34", "ICD10:C34 lung"), "datasets": (("athens",), ("/x",)), "variables": (("person.shoe",),),
    "question": ("{", '{"count": "person", "where": {"field": "shoe", "in": ["F"]}}'),
}  # fmt: skip


@pytest.mark.parametrize("kind", GOOD)
def test_a_good_answer_of_each_kind_passes(kind):
    options = {"options": {"a": "A", "b": "B"}} if kind in {"choice", "choices"} else {}
    assert told(kind, GOOD[kind], **options) == []


@pytest.mark.parametrize(("kind", "value"), [(kind, value) for kind, values in BAD.items() for value in values])
def test_a_bad_answer_of_each_kind_is_told(kind, value):
    options = {"options": {"a": "A", "b": "B"}} if kind in {"choice", "choices"} else {}
    assert len(told(kind, value, **options)) == 1


def test_every_kind_is_tried():
    assert set(GOOD) == set(BAD) == set(KINDS) - {"documents"}


@pytest.mark.parametrize(
    ("begin", "end", "says"),
    [
        ("2027-01-01", "2027-01-01", ["It ends before it begins."]),
        ("2027-01-01", "2026-01-01", ["It ends before it begins."]),
        ("2027-01-01", "2037-01-01", []),
        ("2027-01-01", "2037-01-03", ["No permit holds for longer than ten years."]),
        ("2027-01-01", "soon", ["This is no day, such as 2027-01-31."]),
    ],
)
def test_the_period_is_one_that_a_permit_can_have(begin, end, says):
    found = faults(FORM, replace(WHOLE, answers=WHOLE.answers | {"begin": begin, "end": end}))
    assert [one.says for one in found] == says


def test_countries_are_codes():
    assert told("line", "DE, FR", "countries") == []
    assert len(told("line", "Germany", "countries")) == 1


def test_what_is_listed_in_a_text_is_taken_apart():
    assert entries(" a, b;\n\nc,a ") == ("a", "b", "c")
    assert day_of(" 2027-01-31 ").isoformat() == "2027-01-31"

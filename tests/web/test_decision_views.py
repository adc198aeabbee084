"""Decisions in words."""

from dataclasses import replace

import pytest
from tests.policy.access.test_states import APPLICATION, CASE
from tests.schema.forms import ANSWERS, BODY, WRITTEN, paragraph

from oncommons.policy.access.application import CASE_ENDS, ENDS
from oncommons.web.decision_views import DID, LABELS, STATES, answers, due, said, stands, steps, today

NOW = "2026-10-10T12:00:00+00:00"


def test_every_state_and_step_of_the_tables_has_its_words():
    rows = (*APPLICATION, *CASE)
    assert {row.to for row in rows} | {row.state for row in rows} | ENDS | CASE_ENDS == STATES.keys() | {"draft"}
    moves = {row.move for row in rows}
    assert moves - {"submit"} == LABELS.keys()
    assert moves <= DID.keys()


@pytest.mark.parametrize(
    ("until", "words", "soon", "over"),
    [
        ("2026-10-30T12:00:00+00:00", "in 20 days", False, False),
        ("2026-10-16T12:00:00+00:00", "in 6 days", True, False),
        ("2026-10-11T13:00:00+00:00", "in 1 day", True, False),
        ("2026-10-10T13:00:00+00:00", "today", True, False),
        ("2026-10-10T11:00:00+00:00", "has just passed", True, True),
        ("2026-10-07T12:00:00+00:00", "3 days ago", True, True),
    ],
)
def test_a_time_is_told_as_a_day_and_in_words(until, words, soon, over):
    found = due(until, NOW)
    assert (found.day, found.words, found.soon, found.over) == (until[:10], words, soon, over)


def test_where_there_is_no_time_none_is_told():
    assert due("", NOW) is None
    assert (today(""), today(NOW)) == ("", "2026-10-10 12:00")


def test_what_one_is_waited_for_comes_first():
    moves = [("", "comment"), ("", "withdraw"), ("a", "decline"), ("a", "accept")]
    duty = {"holder": "a", "mine": True, "moves": ["accept", "decline"]}
    found = {"duties": [duty, {"holder": "", "mine": False, "moves": ["comment"]}]}
    found["moves"] = [{"holder": holder, "move": move, "says": ""} for holder, move in moves]
    assert [(s.move, s.waited) for s in steps(found)] == [
        ("accept", True),
        ("decline", True),
        ("comment", False),
        ("withdraw", False),
    ]


def happened(did, **more):
    plain = {"did": did, "who": "Olga", "holder": "athens", "before": "review", "after": "review"}
    return said({**plain, **more}, {"athens": "Athens General"})


def test_what_happened_is_a_sentence():
    assert happened("ask", after="asked") == (
        "Olga asked at Athens General, so it waits for an answer of the applicant"
    )
    assert happened("vote", yes=True) == "Olga voted for it at Athens General"
    assert happened("vote") == "Olga voted at Athens General"
    assert happened("propose", datasets=["x"], conditions=["c"]).startswith("Olga proposed to grant 1 dataset under")
    assert happened("propose", datasets=[], conditions=[]).startswith("Olga proposed to refuse at")
    assert happened("time", who="", after="closed") == (
        "time passed at Athens General, so it was closed without a decision"
    )


def test_how_it_stands_names_each_holder_while_they_decide():
    cases = [{"organisation": "A", "state": "vote"}, {"organisation": "B", "state": "granted"}]
    assert stands({"state": "review", "cases": cases}) == "A: is voted on; B: is granted."
    assert stands({"state": "withdrawn", "cases": cases}) == "It was taken back."


def test_answers_stand_under_the_labels_of_their_form_in_words_of_their_own_kind():
    asked = paragraph("asked", "question")
    body = {**BODY, "sections": [*BODY["sections"], {"id": "last", "title": "Whose", "paragraphs": [asked]}]}
    question = '{"count": "person"}'
    given = {**ANSWERS, "title": "other", "notes": "care", "place": "home", "asked": question}
    record = replace(WRITTEN, answers=given).to_json()
    found = dict(answers({"form": body, "record": record}))
    assert list(found) == ["The project", "More", "Whose"]
    assert ("Title", "other") in found["The project"]  # which is a code of a purpose elsewhere
    assert ("Ehds", "Scientific research about health or care (Art. 53(1)(e))") in found["The project"]
    assert ("Datasets", "athens/lung\nberlin/chest/ct\nathens/breast") in found["The project"]
    assert found["More"] == [("Place", "At home"), ("Notes", "care")]
    assert found["Whose"] == [("Asked", f"Count people, by dataset.\n{question}")]
    record["answers"]["asked"] = "{"
    assert dict(answers({"form": body, "record": record}))["Whose"] == [("Asked", "{")]
    assert answers({"record": record}) == []

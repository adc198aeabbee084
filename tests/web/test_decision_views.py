"""Decisions in words."""

import pytest
from tests.policy.access.test_states import APPLICATION, CASE

from oncommons.policy.access.application import CASE_ENDS, ENDS
from oncommons.web.decision_views import DID, LABELS, STATES, answers, due, said, stands, steps, today

NOW = "2026-10-10T12:00:00+00:00"


def test_every_state_and_step_of_the_tables_has_its_words():
    rows = (*APPLICATION, *CASE)
    assert {row.to for row in rows} | {row.state for row in rows} | ENDS | CASE_ENDS == STATES.keys() | {"draft"}
    moves = {row.move for row in rows} - {"save", "attach", "detach"}
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


def test_answers_stand_under_the_labels_of_their_form_and_codes_in_words():
    paragraphs = [
        {"id": "title", "kind": "line", "label": "Title"},
        {"id": "ehds", "kind": "ehds", "label": "Purposes"},
        {"id": "place", "kind": "choice", "label": "Place", "options": {"home": "At home"}},
        {"id": "question", "kind": "question", "label": "Whose"},
        {"id": "empty", "kind": "text", "label": "Empty"},
    ]
    form = {"sections": [{"title": "One", "paragraphs": paragraphs}, {"title": "Two", "paragraphs": []}]}
    given = {"title": "T", "ehds": ["RESEARCH"], "place": "home", "empty": " "}
    given["question"] = '{"count": "person"}'
    found = answers({"form": form, "record": {"answers": given}})
    told = "Scientific research about health or care (Article 53(1)(e))"
    assert found == [
        (
            "One",
            [
                ("Title", ["T"]),
                ("Purposes", [told]),
                ("Place", ["At home"]),
                ("Whose", ["Count people, by dataset.", given["question"]]),
            ],
        )
    ]
    given["question"] = "{"
    assert answers({"form": form, "record": {"answers": given}})[0][1][-1] == ("Whose", ["{"])
    assert answers({"record": {"answers": given}}) == []

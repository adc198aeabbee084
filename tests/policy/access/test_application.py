"""An application as a value: what it may be, and what it says of itself."""

import pytest
from tests.policy.access.people import application, body

from oncommons.policy.access.application import Application, Case, Move, Proposal
from oncommons.policy.access.states import step
from oncommons.schema.errors_of_permits import BadPermit


@pytest.mark.parametrize(
    "changed",
    [
        {"cases": ()},
        {"cases": (Case(body("a"), frozenset("x")), Case(body("a"), frozenset("y")))},
        {"cases": (Case(body(""), frozenset("x")),)},
        {"applicants": frozenset()},
        {"operators": frozenset()},
        {"operators": frozenset({"ana"})},
    ],
)
def test_an_application_that_nobody_could_decide_is_none(changed):
    with pytest.raises(BadPermit):
        Application(**{**vars(application()), **changed})


def test_a_partial_approval_is_known_by_holder():
    found = application(*(body(name, quorum=0, members=(), patients=()) for name in "ab"))
    for kind, who in (("submit", "ana"), ("pass", "cora")):
        found = step(found, Move(kind, who, 1))
    found = step(found, Move("propose", "officer-a", 2, "a", proposal=Proposal(frozenset({"x"}))))
    assert (found.state, found.granted) == ("review", {"a": {"x"}})
    found = step(found, Move("propose", "officer-b", 3, "b", proposal=Proposal(frozenset())))
    assert (found.state, found.granted) == ("granted", {"a": {"x"}})


def test_a_clock_begins_anew_only_in_another_state():
    case = Case(body("a"), frozenset("x"), since=5, level=1)
    assert case.moved("review", 9) is case
    assert (case.moved("asked", 9).since, case.moved("asked", 9).level) == (9, 0)
    assert application().moved("draft", 9) == application()


def test_a_quorum_counts_patients_and_needs_one_where_one_is_asked_for():
    case = Case(body("a", quorum=2, patients=("pat",), asks_patients=True), frozenset("x"))
    assert not Case(**{**vars(case), "votes": (("a1", True), ("a2", True))}).has_quorum
    assert Case(**{**vars(case), "votes": (("a1", True), ("pat", False))}).has_quorum
    assert not Case(**{**vars(case), "conflicts": frozenset({"pat"})}).can_vote

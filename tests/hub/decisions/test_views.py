"""What somebody is shown of an application, by the table of the module."""

import pytest
from tests.hub.decisions.rooms import record
from tests.policy.access.people import application, body
from tests.policy.access.test_states import YES, voting, walk

from oncommons.hub.decisions.file import DecisionFile
from oncommons.hub.decisions.rules import Roles
from oncommons.hub.decisions.views import Drawn, looker
from oncommons.policy.access.application import Proposal
from oncommons.policy.access.duties import CLOCKS

NAMES = {name: name.title() for name in ("ana", "ben", "cora", "ole", "a1", "a2", "officer-a", "officer-b", "pat")}


def drawn(found, person):
    file = DecisionFile(found, application(), CLOCKS, record(), 0.0)
    return Drawn(file, person, NAMES, Roles(frozenset(), {}, {})).to_json()


@pytest.fixture
def found():
    """A holder's vote with one vote cast and one conflict, beside another holder's review."""
    secret = Proposal(frozenset({"x"}), ("a condition",))
    found = voting(body("a"), body("b"), proposal=secret)
    return walk(found, ("vote", "a1", "a", YES), ("conflict", "a2", "a"))


def test_applicants_see_how_many_have_voted_and_nothing_else(found):
    told = drawn(found, "ana")
    case = told["cases"][0]
    assert (case["voted"], case["voters"], case["proposal"], case["inside"]) == (1, 3, None, False)
    assert not {"votes", "conflicts"} & case.keys()
    text = str(told)
    assert "a condition" not in text
    assert not any(name in text for name in ("A1", "A2", "Officer-A", "Pat"))
    assert {"yes", "conditions"} & {key for event in told["history"] for key in event} == set()


def test_those_of_another_holder_see_how_it_stands_only(found):
    told = drawn(found, "officer-b")
    assert [case["inside"] for case in told["cases"]] == [False, True]
    assert "a condition" not in str(told)
    assert "A1" not in str(told)
    assert told["applicants"] == ["Ana", "Ben"]


@pytest.mark.parametrize("person", ["officer-a", "a1", "pat", "cora", "ole"])
def test_those_of_the_case_and_of_the_hub_see_it_from_inside(found, person):
    case = drawn(found, person)["cases"][0]
    assert case["votes"] == [{"name": "A1", "yes": True}]
    assert (case["conflicts"], case["proposal"]["conditions"]) == (["A2"], ["a condition"])


def test_who_applies_sees_no_inside_whatever_else_they_are():
    found = application(body("a", members=["ben", "a1"]), coordinators=frozenset({"ana", "cora"}))
    for person in ("ana", "ben"):
        looks = looker(found, person)
        assert (looks.applies, looks.everything, looks.inside("a")) == (True, False, False)


def test_conditions_are_shown_once_they_are_granted(found):
    found = walk(found, ("vote", "a3", "a", YES), ("vote", "pat", "a", YES))
    case = drawn(found, "ana")["cases"][0]
    assert (case["state"], case["proposal"]["conditions"]) == ("conditions", ["a condition"])


def test_a_proposal_that_was_voted_down_stays_inside():
    found = walk(voting(body("a"), body("b")), *(("vote", w, "a", {"yes": False}) for w in ("a1", "a2", "a3", "pat")))
    assert drawn(found, "ana")["cases"][0]["proposal"] is None
    assert drawn(found, "officer-a")["cases"][0]["proposal"] is not None


def test_it_is_told_who_must_act_until_when_and_whether_it_is_oneself(found):
    told = drawn(found, "a3")["duties"]
    assert [(d["role"], d["holder"], d["mine"]) for d in told] == [
        ("member", "a", True),
        ("patient", "a", False),
        ("officer", "b", False),
    ]
    assert told[0]["until"] > "1970-01-31"
    assert told[2]["people"] == []


def test_what_one_can_do_is_listed_once(found):
    moves = drawn(found, "a3")["moves"]
    assert [(m["holder"], m["move"]) for m in moves] == [("", "comment"), ("a", "vote"), ("a", "conflict")]


def test_who_left_has_no_name(found):
    file = DecisionFile(found, application(), CLOCKS, record(), 0.0)
    told = Drawn(file, "cora", {}, Roles(frozenset(), {}, {})).to_json()
    assert told["applicants"] == ["somebody who has left"] * 2

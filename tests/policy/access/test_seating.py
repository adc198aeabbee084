"""Roles that change while an application is under way."""

from dataclasses import replace

import pytest
from tests.policy.access.people import UNTIL, application, body
from tests.policy.access.test_states import BOTH, YES, in_review, voting, walk

from oncommons.policy.access.application import Seats
from oncommons.policy.access.duties import duties, replay
from oncommons.policy.access.seating import THE_HUB, reseat, seated

XY = frozenset({"x", "y"})


def seats(*bodies, **parts):
    """Those of the application of the tests, with these holders."""
    people = {"applicants": frozenset({"ana", "ben"}), "coordinators": frozenset({"cora"})}
    holders = tuple((b, XY) for b in bodies or (body("a"),))
    return Seats(**{**people, "operators": frozenset({"ole"}), "holders": holders, "until": UNTIL, **parts})


def test_where_nothing_changes_nothing_is_noted():
    for found in (application(), in_review(), voting()):
        assert reseat(found, seats(), 9) is found


def test_a_new_officer_decides_and_the_former_one_does_not():
    found = reseat(in_review(), seats(body("a", officers=["olga"])), 9)
    assert [d.people for d in duties(found)] == [{"olga"}]
    assert (found.history[-1].move.person, found.history[-1].role) == (THE_HUB, "clock")


def test_a_case_whose_only_officer_leaves_is_unmanned_and_manned_again_by_the_next():
    found = reseat(in_review(), seats(body("a", officers=[])), 9)
    assert found.case("a").state == "unmanned"
    assert reseat(found, seats(body("a", officers=["olga"])), 10).case("a").state == "review"


def test_who_has_voted_stays_and_the_vote_counts():
    found = walk(voting(), ("vote", "a1", "a", YES))
    found = reseat(found, seats(body("a", members=["a2"], patients=())), 99)
    assert found.case("a").voters == {"a1", "a2"}
    assert walk(found, ("vote", "a2", "a", YES), at=100).state == "granted"


def test_when_those_leave_who_had_not_voted_the_vote_is_decided():
    found = walk(voting(), ("vote", "a1", "a", YES), ("vote", "pat", "a", YES))
    assert reseat(found, seats(body("a", members=["a1"])), 99).state == "granted"


def test_who_was_appointed_stays_until_they_are_gone():
    found = walk(in_review(body("a", officers=())), ("appoint", "cora", "a", {"text": "olga"}))
    bare = body("a", officers=())
    assert reseat(found, seats(bare), 99) is found
    assert reseat(found, seats(bare, gone=frozenset({"olga"})), 99).case("a").state == "unmanned"


def test_quorums_of_a_vote_under_way_stay():
    found = reseat(voting(), seats(body("a", quorum=4, asks_patients=True)), 9)
    assert (found.case("a").body.quorum, found.case("a").body.asks_patients) == (2, False)


@pytest.mark.parametrize("moves", [(), (("submit", "ana"),), (("submit", "ana"), ("return", "cora"))])
def test_before_it_is_let_in_all_is_as_it_was_handed_in_last(moves):
    other = seats(body("b", quorum=4), applicants=frozenset({"eve"}), until=5e9)
    found = seated(walk(application(), *moves), other, 9)
    assert [c.body for c in found.cases] == [body("b", quorum=4)]
    assert (found.applicants, found.until) == ({"eve"}, 5e9)


def test_who_coordinates_follows_as_long_as_it_is_granted_and_no_longer():
    found = walk(voting(), *(("vote", who, "a", YES) for who in ("a1", "a2", "a3", "pat")))
    other = seats(coordinators=frozenset({"carl"}))
    assert reseat(found, other, 99).coordinators == {"carl"}
    over = walk(found, ("withdraw", "ana"))
    assert reseat(over, other, 99) is over


def test_an_operator_who_does_not_apply_is_always_there():
    found = reseat(in_review(), seats(operators=frozenset({"ana"})), 9)
    assert found.operators == {"ole"}


def test_a_decided_case_keeps_those_who_decided():
    found = in_review(body("a", 0, (), ()), body("b"))
    found = walk(found, ("propose", "officer-a", "a", {"proposal": BOTH}))
    after = reseat(found, seats(body("a", officers=["olga"]), body("b", officers=["oscar"])), 9)
    assert after.case("a") == found.case("a")
    assert after.case("b").body.officers == {"oscar"}


def test_a_history_with_roles_that_changed_leads_where_it_led():
    found = reseat(walk(in_review()), seats(body("a", officers=["olga"])), 9)
    found = walk(found, ("ask", "olga", "a", {"text": "Why?"}), at=10)
    assert replay(application(), found.history) == found
    assert replay(application(), found.history[:-1]) != found
    assert replace(found, history=()) != found

"""Who sits where, from the roles at the hub."""

from datetime import UTC, datetime

import pytest
from tests.hub.decisions.rooms import record
from tests.policy.access.test_states import in_review, voting

from oncommons.hub.decisions.rules import Holder, Roles, is_stale, period_of, seats_of, turn
from oncommons.policy.access.duties import duties
from oncommons.schema.errors import BadRequest
from oncommons.schema.permit import LONGEST_SECONDS

NAMES = {"o1": "Athens General", "o2": "Bologna", "o3": "The Hub", "o4": "Athens-General"}
HELD = frozenset(
    {
        ("olga", "o1", "access-officer"),
        ("mia", "o1", "committee-member"),
        ("max", "o1", "committee-member"),
        ("pat", "o1", "patient-representative"),
        ("dan", "o1", "data-manager"),
        ("oscar", "o2", "access-officer"),
        ("cora", "o3", "coordinator"),
        ("carl", "o1", "coordinator"),
        ("ole", "o3", "operator"),
    }
)


def roles(*holders, names=NAMES):
    return Roles(HELD, names, {one.node: one for one in holders})


def test_the_organisation_of_the_same_name_decides():
    body = roles().body("bologna")
    assert (body.officers, body.members, body.quorum, body.asks_patients) == ({"oscar"}, frozenset(), 0, False)


def test_where_two_have_the_name_or_none_nobody_decides_until_one_is_named():
    assert roles().body("athens-general").officers == frozenset()
    assert roles().body("cork").officers == frozenset()
    body = roles(Holder("cork", "o1", None, asks_patients=True)).body("cork")
    assert (body.officers, body.members, body.patients) == ({"olga"}, {"mia", "max"}, {"pat"})
    assert (body.quorum, body.asks_patients) == (2, True)


@pytest.mark.parametrize("quorum", [0, 1, 5])
def test_a_quorum_that_was_named_is_taken(quorum):
    assert roles(Holder("cork", "o1", quorum)).body("cork").quorum == quorum


def test_those_coordinate_who_belong_to_those_who_run_the_hub():
    found = seats_of(record(), roles())
    assert (found.coordinators, found.operators, found.applicants) == ({"cora"}, {"ole"}, {"ana", "ben"})


def test_each_holder_has_its_datasets():
    found = seats_of(record(datasets=("bologna/z", "cork/a/b")), roles())
    assert [(b.name, d) for b, d in found.holders] == [("bologna", {"bologna/z"}), ("cork", {"cork/a/b"})]


def test_the_last_day_belongs_to_the_period():
    begin, end = period_of(record(begin="2027-01-01", end="2027-01-31"))
    assert (datetime.fromtimestamp(begin, UTC).isoformat()[:10], end - begin) == ("2027-01-01", 31 * 86_400)
    begin, end = period_of(record(begin="2027-01-01", end="9999-12-31"))
    assert end - begin == LONGEST_SECONDS


@pytest.mark.parametrize(
    ("begin", "end"), [("", ""), ("2027-01-02", "2027-01-01"), ("soon", "2027-01-01"), ("2026-1-2", "2027-01-01")]
)
def test_a_period_that_is_none_is_refused(begin, end):
    with pytest.raises(BadRequest):
        period_of(record(begin=begin, end=end))


def test_somebody_sees_the_nodes_of_their_organisation():
    found = roles(Holder("cork", "o1"))
    assert found.nodes_of("dan", "data-manager", {"cork", "bologna"}) == {"cork"}
    assert found.nodes_of("dan", "access-officer", {"cork", "bologna"}) == frozenset()


def test_who_must_act_is_told_in_a_sentence():
    assert turn(duties(in_review()), "a") == "Now the access officer of a must act, until 1970-03-02."
    assert turn(duties(voting()), "a") == (
        "Now the committee of a and the patients' representative of a must act, until 1970-01-31."
    )
    assert turn((), "a") == "Nobody must act in it any more."


def test_only_what_one_decides_about_makes_a_page_stale():
    found = voting()
    assert is_stale(found, "a", 0)
    assert is_stale(found, "a", len(found.history) - 1)
    assert not is_stale(found, "a", len(found.history))
    assert not is_stale(found, "b", len(found.history) - 1)

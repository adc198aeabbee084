"""Whom a decision tells what."""

from tests.policy.access.people import body
from tests.policy.access.test_states import BOTH, YES, in_review, voting, walk

from oncommons.hub.decisions.rules import Roles
from oncommons.hub.decisions.saying import news, to_managers, waiting
from oncommons.policy.access.application import Proposal
from oncommons.policy.access.duties import CLOCKS, DAY, duties, pass_time


def asked(found, title="Lungs"):
    return {n.person: (n.kind, n.says, n.until) for n in waiting(found, title, CLOCKS)}


def test_exactly_those_are_asked_who_must_act_with_the_time_by_when():
    for found in (in_review(), voting(), walk(in_review(), ("ask", "officer-a", "a"))):
        wanted = {(person, d.until) for d in duties(found) for person in d.people}
        assert {(n.person, n.until) for n in waiting(found, "Lungs", CLOCKS)} == wanted


def test_what_is_asked_is_told_in_a_sentence_without_a_name():
    told = asked(in_review())
    assert told["officer-a"][:2] == ("decision", "“Lungs”: look at it for a, and propose a decision.")
    told = asked(walk(in_review(), ("ask", "officer-a", "a")))
    assert told["ana"][:2] == ("application", "“Lungs”: a has a question; answer it.")


def test_an_escalation_tells_the_coordinator_what_the_officer_was_not_told():
    late = pass_time(in_review(), 61 * DAY)
    told = asked(late)
    assert "has not answered in time" in told["cora"][1]
    assert "propose a decision" in told["officer-a"][1]


def test_a_duty_that_comes_again_is_told_again_and_one_that_stays_is_not():
    first = in_review()
    once = {n.once for n in waiting(first, "t", CLOCKS)}
    more = walk(first, ("comment", "ana", "", {"text": "x"}))
    assert {n.once for n in waiting(more, "t", CLOCKS)} == once
    back = walk(more, ("ask", "officer-a", "a"), ("answer", "ana", "a"), at=99)
    assert not {n.once for n in waiting(back, "t", CLOCKS)} & once


def test_who_grants_first_is_news_for_the_applicants_only():
    before = in_review(body("a", 0, (), ()), body("b"))
    after = walk(before, ("propose", "officer-a", "a", {"proposal": BOTH}))
    assert {(n.person, n.until) for n in news(before, after, "t")} == {("ana", None), ("ben", None)}
    assert all("a grants it" in n.says for n in news(before, after, "t"))


def test_the_end_is_told_to_all_who_had_to_do_with_it():
    before = voting()
    after = walk(before, ("withdraw", "ana"))
    assert {n.person for n in news(before, after, "t")} == {"ana", "ben", "cora", "officer-a", "a1", "a2", "a3", "pat"}


def test_a_grant_is_a_duty_of_the_applicants_and_told_as_a_permit():
    found = walk(voting(), *(("vote", who, "a", YES) for who in ("a1", "a2", "a3", "pat")))
    assert {kind for kind, _, _ in asked(found).values()} == {"permit"}
    assert asked(found).keys() == {"ana", "ben"}


def test_a_word_is_told_to_the_others():
    before = in_review()
    after = walk(before, ("comment", "ana", "", {"text": "secret"}))
    told = news(before, after, "t")
    assert {n.person for n in told} == {"ben", "cora", "officer-a", "a1", "a2", "a3", "pat"}
    assert not any("secret" in n.says for n in told)


def test_who_looks_after_data_is_told_when_they_may_be_used_and_when_no_more():
    held = frozenset(
        {("dan", "a", "data-manager"), ("dora", "b", "data-manager"), ("officer-a", "a", "access-officer")}
    )
    roles = Roles(held, {"a": "A", "b": "B"}, {})
    before = voting(body("a"), body("b", 0, (), ()))
    before = walk(before, ("propose", "officer-b", "b", {"proposal": Proposal(frozenset())}))
    granted = walk(before, *(("vote", who, "a", YES) for who in ("a1", "a2", "a3", "pat")))
    (told,) = to_managers(before, granted, "Lungs", roles)
    assert (told.person, told.kind, told.says) == ("dan", "data", "“Lungs”: a project may use data of a from now on.")
    over = walk(granted, ("withdraw", "ana"))
    assert [n.person for n in to_managers(granted, over, "Lungs", roles)] == ["dan"]
    assert to_managers(granted, granted, "Lungs", roles) == []


def test_a_long_title_is_cut():
    (first, *_) = waiting(in_review(), "x" * 500, CLOCKS)
    assert len(first.says) < 250

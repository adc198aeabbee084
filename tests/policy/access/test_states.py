"""The table of states: each step, who may take it, what follows; and the faults of peers, by their numbers."""

import pytest
from tests.policy.access.people import act, application, body

from oncommons.policy.access.application import CASE_ENDS, ENDS, Case, Move, Proposal
from oncommons.policy.access.duties import DAY, duties, pass_time
from oncommons.policy.access.states import APPLICATION, CASE, decided, is_role, moves_of, people_of, step
from oncommons.schema.errors_of_permits import NotTheirMove

BOTH = Proposal(frozenset({"x", "y"}))


def walk(found, *moves, at=1.0):
    """Moves as (kind, person, holder) with what else belongs to them, a second apart."""
    for kind, person, *rest in moves:
        holder, more = (rest[0] if rest else ""), (rest[1] if len(rest) > 1 else {})
        found = act(found, Move(kind, person, max(at, len(found.history) + at), holder, **more))
    return found


def in_review(*bodies, **parts):
    return walk(application(*bodies, **parts), ("submit", "ana"), ("pass", "cora"))


def voting(*bodies, proposal=BOTH, **parts):
    return walk(in_review(*bodies, **parts), ("propose", "officer-a", "a", {"proposal": proposal}))


def refused(found, *move):
    with pytest.raises(NotTheirMove) as caught:
        walk(found, move)
    return caught.value.message


def state(found, holder="a"):
    return found.case(holder).state


YES, NO = {"yes": True}, {"yes": False}


def test_from_handing_in_to_granted():
    found = voting()
    found = walk(found, *(("vote", who, "a", YES) for who in ("a1", "a2", "a3", "pat")))
    assert (found.state, found.granted) == ("granted", {"a": {"x", "y"}})
    assert [e.after for e in found.history] == ["check", "review", "vote", "vote", "vote", "vote", "granted"]


@pytest.mark.parametrize(
    ("votes", "outcome"), [("yyyy", "granted"), ("yyyn", "granted"), ("yynn", "refused"), ("nnny", "refused")]
)
def test_a_majority_decides_and_a_tie_refuses(votes, outcome):
    found = voting()
    for who, vote in zip(("a1", "a2", "a3", "pat"), votes, strict=True):
        found = walk(found, ("vote", who, "a", YES if vote == "y" else NO))
    assert found.state == outcome


def test_a_holder_without_a_committee_decides_by_its_officer():
    found = walk(in_review(body("a", 0, (), ())), ("propose", "officer-a", "a", {"proposal": BOTH}))
    assert found.state == "granted"
    found = walk(in_review(body("a", 0, (), ())), ("propose", "officer-a", "a", {"proposal": Proposal(frozenset())}))
    assert found.state == "refused"


def test_conditions_wait_for_the_applicant():
    conditional = Proposal(frozenset({"x"}), ("publish openly",))
    found = walk(voting(proposal=conditional), *(("vote", who, "a", YES) for who in ("a1", "a2", "a3", "pat")))
    assert (found.state, state(found)) == ("review", "conditions")
    assert walk(found, ("accept", "ben", "a")).granted == {"a": {"x"}}
    assert walk(found, ("decline", "ana", "a")).state == "refused"


def test_a_vote_of_patients_is_waited_for_where_the_holder_asks_for_it():
    found = voting(body("a", 2, asks_patients=True))
    found = walk(found, *(("vote", who, "a", YES) for who in ("a1", "a2", "a3")))
    assert state(found) == "vote"
    assert [d.people for d in duties(found)] == [{"pat"}]
    assert walk(found, ("vote", "pat", "a", YES)).state == "granted"


def test_a_patient_is_asked_even_where_there_is_no_committee():
    found = voting(body("a", 0, (), asks_patients=True))
    assert state(found) == "vote"
    assert walk(found, ("vote", "pat", "a", NO)).state == "refused"


def test_who_has_a_conflict_does_not_vote_and_a_vote_that_was_cast_does_not_count():
    found = walk(voting(), ("vote", "a1", "a", YES), ("conflict", "a1", "a"))
    assert "cannot be done by them" in refused(found, "vote", "a1", "a", YES)
    found = walk(found, ("vote", "a2", "a", NO), ("vote", "a3", "a", NO), ("vote", "pat", "a", YES))
    assert found.state == "refused"


def test_where_conflicts_leave_no_quorum_somebody_else_is_appointed():
    found = walk(voting(body("a", 3, patients=())), ("conflict", "a1", "a"))
    assert state(found) == "stuck"
    assert [(d.role, d.people, d.moves) for d in duties(found)] == [("coordinator", {"cora"}, ("appoint",))]
    assert "application of their own" in refused(found, "appoint", "cora", "a", {"text": "ana", "role": "member"})
    assert "without a conflict" in refused(found, "appoint", "cora", "a", {"text": "a1", "role": "member"})
    found = walk(found, ("appoint", "cora", "a", {"text": "new", "role": "member"}))
    assert state(found) == "vote"
    assert walk(found, *(("vote", who, "a", YES) for who in ("a2", "a3", "new"))).state == "granted"


def test_nobody_decides_about_an_application_of_their_own():
    with pytest.raises(NotTheirMove):
        walk(application(coordinators=frozenset({"ana"})), ("submit", "ana"), ("pass", "ana"))
    mine = in_review(body("a", 2, ["ben", "a1", "a2"], officers=["ana"]))
    assert state(mine) == "unmanned"
    found = walk(mine, ("appoint", "cora", "a", {"text": "olga"}), ("propose", "olga", "a", {"proposal": BOTH}))
    assert "cannot be done by them" in refused(found, "vote", "ben", "a", YES)
    assert [d.people for d in duties(found)] == [{"a1", "a2"}, {"pat"}]


def test_an_operator_stands_in_where_the_only_coordinator_applies():
    found = walk(application(coordinators=frozenset({"ana"})), ("submit", "ana"), ("pass", "ole"))
    assert found.state == "review"


def test_each_person_votes_once():
    assert "voted already" in refused(walk(voting(), ("vote", "a1", "a", YES)), "vote", "a1", "a", NO)


@pytest.mark.parametrize(
    ("move", "why"),
    [
        (("propose", "officer-a", "a", {"proposal": Proposal(frozenset({"z"}))}), "applied for"),
        (("propose", "officer-a", "a"), "applied for"),
        (("propose", "officer-b", "a", {"proposal": BOTH}), "for officer to do"),
        (("propose", "officer-a", "b", {"proposal": BOTH}), "no case of 'b'"),
        (("vote", "a1", "a", YES), "cannot be done"),
        (("accept", "ana", "a"), "cannot be done"),
        (("submit", "ana"), "cannot be done"),
        (("close", "cora", "a"), "cannot be done"),
        (("appoint", "cora", "a", {"text": "new"}), "cannot be done"),
        (("fly", "ana"), "cannot be done"),
        (("withdraw", "officer-a"), "for applicant to do"),
        (("comment", "stranger"), "for anybody to do"),
    ],
)
def test_what_is_not_in_the_table_changes_nothing(move, why):
    assert why in refused(in_review(), *move)


def test_an_application_that_lacks_something_goes_back_and_comes_again():
    found = walk(application(), ("submit", "ana"), ("return", "cora", "", {"text": "the ethics vote lacks"}))
    assert [(d.role, d.people) for d in duties(found)] == [("applicant", {"ana", "ben"})]
    assert duties(found)[0].moves == ("submit",)
    assert walk(found, ("submit", "ben")).state == "check"


def test_a_question_goes_to_the_applicant_and_the_answer_back():
    found = walk(in_review(), ("ask", "officer-a", "a", {"text": "Why age?"}))
    assert [d.role for d in duties(found)] == ["applicant"]
    assert [d.people for d in duties(walk(found, ("answer", "ana", "a")))] == [{"officer-a"}]


def test_what_was_not_handed_in_can_be_handed_in_and_nothing_else():
    assert [(body, row.move) for body, row in moves_of(application(), "ana")] == [("", "submit")]
    assert moves_of(application(), "cora") == []


@pytest.mark.parametrize("moves", [(("submit", "ana"),), (("submit", "ana"), ("return", "cora"))])
def test_an_applicant_withdraws_whenever_they_like(moves):
    found = walk(application(), *moves, ("withdraw", "ben"))
    assert (found.state, duties(found), moves_of(found, "ana")) == ("withdrawn", (), [])


def test_what_was_granted_is_used_reported_on_and_ended():
    found = walk(voting(), *(("vote", who, "a", YES) for who in ("a1", "a2", "a3", "pat")), ("report", "ana"))
    assert found.state == "granted"
    assert walk(found, ("end", "cora")).state == walk(found, ("withdraw", "ana")).state == "ended"


def test_what_somebody_can_do_now_is_told_by_the_table():
    found = in_review()
    assert sorted({(b, r.move) for b, r in moves_of(found, "officer-a")}) == [
        ("", "comment"),
        ("a", "ask"),
        ("a", "conflict"),
        ("a", "propose"),
    ]
    assert {r.move for _, r in moves_of(found, "a1")} == {"comment"}
    assert moves_of(found, "stranger") == []


def test_a_row_leads_to_a_state_that_there_is():
    for rows, ends in ((APPLICATION, ENDS), (CASE, CASE_ENDS)):
        assert {row.to for row in rows} <= {row.state for row in rows} | ends
        assert {row.state for row in rows} & ends == set()


def test_roles_of_a_case_are_nobodys_outside_it():
    assert people_of(application(), None, "officer") == frozenset()
    assert is_role(application(), application().cases[0], "officer-a", "officer")


def test_a_case_without_a_proposal_is_decided_against():
    assert decided(Case(body("a"), frozenset("x")), 1).state == "refused"


# Faults of peers: BBMRI-ERIC/negotiator, by the numbers of its issues.


def test_143_each_step_tells_each_person_one_thing_once():
    """Two messages at once about one step."""
    found = in_review(body("a"), body("b", officers=["officer-b"]))
    everybody = [(person, d.body, d.role) for d in duties(found) for person in d.people]
    assert len(everybody) == len(set(everybody)) == 2


def test_178_a_holder_whom_nobody_represents_is_somebodys_to_man():
    """A request to a collection without a representative went nowhere."""
    found = in_review(body("a", officers=()))
    (duty,) = duties(found)
    assert (state(found), duty.role, duty.people, duty.moves) == ("unmanned", "coordinator", {"cora"}, ("appoint",))
    late = pass_time(found, 60 * DAY)
    assert {person for d in duties(late) for person in d.people} == {"cora", "ole"}
    manned = walk(found, ("appoint", "cora", "a", {"text": "olga"}))
    assert [(d.role, d.people) for d in duties(manned)] == [("officer", {"olga"})]


def test_186_after_the_conditions_were_accepted_it_is_not_the_applicant_who_is_told_to_act_on_them():
    """The message that conditions are met went to the researcher who had just met them."""
    conditional = Proposal(frozenset({"x"}), ("publish",))
    found = in_review(body("a", 0, (), ()), body("b"))
    found = walk(found, ("propose", "officer-a", "a", {"proposal": conditional}))
    assert {(d.body, d.role) for d in duties(found)} == {("a", "applicant"), ("b", "officer")}
    found = walk(found, ("accept", "ana", "a"))
    assert {(d.body, d.role) for d in duties(found)} == {("b", "officer")}


def test_204_a_holder_still_sees_what_was_withdrawn():
    """Abandoned requests vanished from the lists of those who had worked on them."""
    found = walk(in_review(), ("ask", "officer-a", "a"), ("withdraw", "ana"))
    assert {"officer-a", "a1", "pat"} <= people_of(found, None, "anybody")
    assert [e.move.person for e in found.history] == ["ana", "cora", "officer-a", "ana"]
    assert found.case("a").state == "asked"


def test_676_who_has_answered_is_reminded_no_more():
    """Reminders after an answer."""
    found = walk(voting(), ("vote", "a1", "a", YES))
    assert "a1" not in {person for d in duties(found) for person in d.people}
    late = pass_time(walk(in_review(), ("ask", "officer-a", "a")), 10 * DAY)
    assert {d.role for d in duties(late)} == {"applicant"}
    assert {d.role for d in duties(walk(late, ("answer", "ana", "a"), at=11 * DAY))} == {"officer"}


def test_1295_once_it_was_let_in_the_holders_act_and_not_the_applicant():
    """The requester was told to go on when the holders had to."""
    assert {d.role for d in duties(in_review(body("a"), body("b")))} == {"officer"}


def test_a_step_changes_nothing_of_what_it_was_given():
    found = in_review()
    before = (found, found.cases, found.history)
    step(found, Move("ask", "officer-a", 9, "a"))
    assert (found, found.cases, found.history) == before

"""Who must act until when; clocks; and many random walks of random people."""

import random
from collections import Counter
from pathlib import Path

import pytest
from tests.policy.access.people import UNTIL, act, application, body
from tests.policy.access.test_states import BOTH, YES, in_review, voting, walk

from oncommons.policy.access.application import Move, Proposal
from oncommons.policy.access.duties import CLOCKS, DAY, HIGHEST, Clock, duties, next_due, pass_time, replay
from oncommons.policy.access.states import APPLICATION, CASE, moves_of, step
from oncommons.schema.errors_of_permits import NotTheirMove


def test_every_state_that_is_no_end_has_a_clock_and_its_source():
    states = {row.state for row in (*APPLICATION, *CASE)} - {"draft", "granted"}
    assert states == set(CLOCKS)
    assert all(clock.source and clock.days > 0 for clock in CLOCKS.values())


def test_the_page_about_applications_has_every_state_with_its_clock():
    page = (Path(__file__).parents[3] / "docs" / "explanation-applications.md").read_text("utf-8")
    words = {"expires": ("expires", "`closed`"), "escalates": ("escalated",), "decides": ("counted",)}
    for state, clock in CLOCKS.items():
        rows = [line for line in page.splitlines() if line.startswith(f"| `{state}` ") and f"| {clock.days} |" in line]
        assert any(word in row for row in rows for word in words[clock.then]), state


@pytest.mark.parametrize(
    ("found", "state"),
    [
        (walk(application(), ("submit", "ana"), ("return", "cora")), "expired"),
        (walk(in_review(), ("ask", "officer-a", "a")), "refused"),
    ],
)
def test_what_waits_for_the_applicant_ends_when_nobody_comes(found, state):
    (duty,) = duties(found)
    assert duty.role == "applicant"
    assert pass_time(found, duty.until - 1) == found
    late = pass_time(found, duty.until)
    assert (late.state, late.history[-1].move.at, late.history[-1].role) == (state, duty.until, "clock")


def test_what_waits_for_a_holder_is_escalated_and_never_lost():
    found = in_review()
    (duty,) = duties(found)
    late = pass_time(found, duty.until)
    assert [(d.role, d.people) for d in duties(late)] == [("officer", {"officer-a"}), ("coordinator", {"cora"})]
    assert set(duties(late)[1].moves) == {"appoint", "close"}
    later = pass_time(late, duties(late)[0].until)
    assert duties(later)[1].people == {"cora", "ole"}
    assert pass_time(later, UNTIL) == later
    assert walk(later, ("close", "ole", "a"), at=UNTIL / DAY).state == "refused"


def test_whoever_should_have_answered_still_may():
    late = pass_time(in_review(), 61 * DAY)
    assert act(late, Move("ask", "officer-a", 62 * DAY, "a")).case("a").state == "asked"


def test_somebody_else_is_named_where_an_officer_does_not_answer():
    late = pass_time(in_review(body("a", 0, (), ())), 61 * DAY)
    found = act(late, Move("appoint", "cora", 62 * DAY, "a", "olga"))
    assert act(found, Move("propose", "olga", 63 * DAY, "a", proposal=BOTH)).state == "granted"


def test_when_its_clock_runs_out_a_vote_with_a_quorum_is_counted():
    found = walk(voting(), ("vote", "a1", "a", YES), ("vote", "a2", "a", YES))
    assert pass_time(found, 30 * DAY).state == "review"
    assert pass_time(found, 31 * DAY).state == "granted"
    few = walk(voting(), ("vote", "a1", "a", YES))
    late = pass_time(few, 31 * DAY)
    assert (late.case("a").state, late.case("a").level) == ("vote", 1)


def test_a_check_that_nobody_makes_is_the_operators():
    late = pass_time(walk(application(), ("submit", "ana")), 40 * DAY)
    assert [d.people for d in duties(late)] == [{"cora", "ole"}]
    assert act(late, Move("pass", "ole", 41 * DAY)).state == "review"


def test_what_was_granted_ends_with_its_time():
    found = walk(voting(), *(("vote", who, "a", YES) for who in ("a1", "a2", "a3", "pat")))
    (duty,) = duties(found)
    assert (duty.until, duty.moves) == (UNTIL, ("report",))
    assert (pass_time(found, UNTIL - 1).state, pass_time(found, UNTIL).state) == ("granted", "ended")


def test_a_move_comes_after_the_time_that_has_passed():
    found = walk(application(), ("submit", "ana"), ("return", "cora"))
    with pytest.raises(NotTheirMove):
        act(found, Move("submit", "ana", 29 * DAY))


def test_nobody_must_act_on_what_was_not_handed_in_however_long_it_takes():
    assert (duties(application()), next_due(application())) == ((), None)
    assert pass_time(application(), UNTIL) == application()
    assert act(application(), Move("submit", "ana", 4_000 * DAY)).state == "check"


def test_a_clock_that_was_set_back_does_not_change_the_order():
    found = walk(in_review(), at=500.0)
    found = act(found, Move("ask", "officer-a", 1.0, "a"))
    assert [e.move.at for e in found.history] == sorted(e.move.at for e in found.history)


def test_a_hub_has_clocks_of_its_own():
    own = {**CLOCKS, "review": Clock(5, "escalates", "our rules")}
    (duty,) = duties(in_review(), own)
    assert duty.until - in_review().cases[0].since == 5 * DAY
    assert pass_time(in_review(), 6 * DAY, own).cases[0].level == 1
    assert pass_time(in_review(), 6 * DAY).cases[0].level == 0


def test_clocks_of_several_holders_run_by_themselves():
    found = walk(in_review(body("a"), body("b")), ("ask", "officer-a", "a"))
    late = pass_time(found, 61 * DAY)
    assert [(c.state, c.level) for c in late.cases] == [("closed", 0), ("review", 1)]


# Random walks.  What may follow what is written down once more, by hand and as pictures of it are drawn.

AFTER = {
    "draft": "check",
    "check": "check incomplete review withdrawn",
    "incomplete": "incomplete check withdrawn expired",
    "review": "review granted refused withdrawn",
    "granted": "granted ended",
}
CASE_AFTER = {
    "review": "review asked vote stuck granted conditions refused unmanned closed",
    "unmanned": "unmanned review closed",
    "asked": "asked review unmanned closed",
    "vote": "vote stuck granted conditions refused closed",
    "stuck": "stuck vote closed granted conditions refused",
    "conditions": "conditions granted refused closed",
}
KINDS = [*sorted({row.move for row in (*APPLICATION, *CASE)}), "time", "fly"]


def hospital(rng, name):
    members = rng.sample([f"{name}1", f"{name}2", f"{name}3", "ana", "ben"], rng.randrange(4))
    patients = ("pat", "per")[: rng.randrange(3)]
    officers = rng.sample([f"officer-{name}", "ben"], rng.randrange(3))
    return body(name, rng.randrange(4), members, patients, rng.random() < 0.3, officers)


def a_move(rng, found, people, now):
    """Mostly what somebody must do, sometimes what somebody can do, sometimes anything by anybody."""
    who, drawn = rng.choice(people), rng.random()
    if drawn < 0.7 and found.state == "draft":
        return Move("submit", rng.choice(["ana", "ben"]), now)
    if drawn < 0.7 and (due := duties(found)):
        duty = rng.choice(due)
        who, holder, kind = rng.choice(sorted(duty.people)), duty.body, rng.choice(duty.moves)
    elif drawn < 0.85 and (can := moves_of(found, who)):
        holder, row = rng.choice(can)
        kind = row.move if row.move != "withdraw" or rng.random() < 0.2 else "comment"
    else:
        holder, kind = rng.choice(["", "a", "b", "c"]), rng.choice(KINDS)
    some = frozenset(rng.sample(["x", "y", "z"], rng.choice([0, 1, 1, 2])))
    proposal = Proposal(some - {"z"} if rng.random() < 0.95 else some, ("publish",) if rng.random() < 0.3 else ())
    text = rng.choice(["new", "newer", "ana", "a1"]) if kind == "appoint" else rng.choice(["", "one", "two"])
    role = rng.choice(["officer", "member", "patient"])
    return Move(kind, who, now, holder, text, rng.random() < 0.6, proposal, role)


def check(before, after, move):
    """Nothing forbidden, nothing lost, and somebody to act."""
    assert after.history[: len(before.history)] == before.history
    steps = after.history[len(before.history) :]
    assert steps[-1].move.kind == move.kind
    for event in steps:
        table = CASE_AFTER if event.move.body else AFTER
        assert event.after in table[event.before].split(), event
    assert after.over or all(d.people and d.moves for d in duties(after))
    assert bool(duties(after)) != after.over
    foreign = after.applicants
    for event in steps:
        decides = {"pass", "return", "end", "ask", "propose", "vote", "appoint", "close"}
        assert not (event.move.kind in decides and event.move.person in foreign), event
    if after.state == "review":
        assert {d.body for d in duties(after)} == {c.body.name for c in after.cases if c.open}
    for case in after.cases:
        assert case.granted <= case.datasets
        assert case.level <= HIGHEST
        assert len({p for p, _ in case.votes}) == len(case.votes)
        assert not {p for p, _ in case.votes} & (case.conflicts | foreign)


def test_random_walks_never_do_what_is_forbidden_lose_nothing_and_leave_somebody_to_act():
    rng, ends, lengths, states, begun = random.Random(5), Counter(), 0, set(), []
    for _ in range(5_000):
        blank = application(*(hospital(rng, name) for name in "ab"[: rng.choice([1, 2])]))
        people = ["ana", "ben", "cora", "ole", "pat", "per", "new", "newer", "eve"]
        people += sorted({p for c in blank.cases for p in c.body.officers | c.body.members} - {"ana", "ben"})
        found, now = blank, 0.0
        for _ in range(rng.randrange(8, 40)):
            now += rng.choice([1, 1, 1, DAY, 9 * DAY])
            move = a_move(rng, found, people, now)
            timely = pass_time(found, now)
            if timely is not found:
                check(found, timely, Move("time", "", now))
            try:
                after = step(timely, move)
            except NotTheirMove:
                found = timely
                continue
            check(timely, after, move)
            found = after
            if found.over:
                break
        begun += [e.move.kind for e in found.history[:1]]
        states |= {e.after for e in found.history}
        ends[found.state] += 1
        lengths += len(found.history)
        if rng.random() < 0.1:
            assert replay(blank, found.history) == found
    assert (
        set(AFTER) - {"draft"} | set(CASE_AFTER) | {"granted", "refused", "withdrawn", "expired", "ended", "closed"}
        <= states
    )
    assert (set(begun), len(begun)) == ({"submit"}, 5_000)
    assert ends["granted"] + ends["ended"] > 100
    assert lengths > 25_000

"""Who must act until when, and what happens when nobody does: one table of clocks, and two pure functions over it.

A clock that runs out for the applicant ends what waits for them.  One that runs out for somebody who decides never
does: the case is escalated, first to the coordinators, then to the operators as well, and stays theirs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

from oncommons.policy.access.application import Application, Case, Event, Move, Role
from oncommons.policy.access.seating import reseat
from oncommons.policy.access.states import APPLICATION, CASE, decided, noted, people_of, settle, step

DAY = 86_400.0
HIGHEST = 2
"""So often a case is escalated in one state; then coordinators and operators have it."""
THE_CLOCK = "the clock"
"""Who is noted in the history where time has passed."""
When = Literal["expires", "escalates", "decides"]


@dataclass(frozen=True)
class Clock:
    """How long a state may last, and what happens then.

    Attributes:
        days: From when the state began; after each escalation anew.
        then: ``expires`` ends it, ``escalates`` brings in others, ``decides`` counts the votes, and escalates where
            there is no quorum.
        source: Where the number comes from; a hub may have others.
    """

    days: float
    then: When
    source: str


_EHDS = "Regulation (EU) 2025/327"
CLOCKS: Mapping[str, Clock] = MappingProxyType(
    {
        "check": Clock(30, "escalates", "ours"),
        "incomplete": Clock(28, "expires", f"{_EHDS}, Art. 68(4): four weeks"),
        "unmanned": Clock(7, "escalates", "ours"),
        "review": Clock(60, "escalates", f"{_EHDS}, Art. 72: two months for a trusted health data holder"),
        "asked": Clock(28, "expires", f"ours, as for what lacks ({_EHDS}, Art. 68(4))"),
        "vote": Clock(30, "decides", "ours"),
        "stuck": Clock(7, "escalates", "ours"),
        "conditions": Clock(28, "expires", "ours"),
    }
)
"""State to its clock; ``review`` is that of a case, and ``granted`` lasts as long as what was granted."""


@dataclass(frozen=True)
class Duty:
    """What somebody must do.

    Attributes:
        role: As what.
        people: Exactly who; none of them has done it yet.
        body: In the case of which holder; empty for the application itself.
        moves: What they can do about it, of the table.
        until: When the clock runs out, in seconds since the epoch.
        level: How often it was escalated.
    """

    role: Role
    people: frozenset[str]
    body: str
    moves: tuple[str, ...]
    until: float
    level: int = 0


_WHO: Mapping[str, tuple[Role, ...]] = MappingProxyType(
    {
        "check": ("coordinator",),
        "incomplete": ("applicant",),
        "granted": ("applicant",),
        "unmanned": ("coordinator",),
        "review": ("officer",),
        "asked": ("applicant",),
        "vote": ("member", "patient"),
        "stuck": ("coordinator",),
        "conditions": ("applicant",),
    }
)
"""State to who must act in it."""
_IDLE = frozenset({"comment", "withdraw", "conflict"})
"""What one may do, but need not."""


def duties(application: Application, clocks: Mapping[str, Clock] = CLOCKS) -> tuple[Duty, ...]:
    """Who must act now; nobody only where the application is over, or was not handed in yet.

    Args:
        application: The application.
        clocks: State to its clock.
    """
    if application.idle:
        return ()
    if application.state != "review":
        return _duties(application, None, clocks)
    return tuple(d for case in application.cases if case.open for d in _duties(application, case, clocks))


def pass_time(application: Application, now: float, clocks: Mapping[str, Clock] = CLOCKS) -> Application:
    """The application after time has passed: what ran out is noted in its history, one after the other.

    Args:
        application: The application.
        now: Seconds since the epoch.
        clocks: State to its clock.
    """
    while (overdue := _overdue(application, now, clocks)) is not None:
        body, at = overdue
        case = application.case(body) if body else None
        changed = _ran_out(application, case, at, clocks)
        move = Move("time", THE_CLOCK, at, body)
        application = noted(application, settle(changed, at), move, "clock")
    return application


def next_due(application: Application, clocks: Mapping[str, Clock] = CLOCKS) -> tuple[str, float] | None:
    """Where time brings something about next: the holder, empty for the application itself, and when.

    Args:
        application: The application.
        clocks: State to its clock.
    """
    if application.idle:
        return None
    cases: list[Case | None] = [None]
    if application.state == "review":
        cases = [case for case in application.cases if case.open]
    found = []
    for case in cases:
        state, level = (case.state, case.level) if case else (application.state, application.level)
        if state == "granted" or clocks[state].then == "expires" or level < HIGHEST:
            found.append((_until(application, case, clocks), case.body.name if case else ""))
    return min(found)[::-1] if found else None


def moment(application: Application, now: float) -> float:
    """When something happens now: never before what happened already, whatever a clock says that was set back.

    Args:
        application: The application.
        now: Seconds since the epoch, as the clock says.
    """
    return max(now, application.history[-1].move.at) if application.history else now


def replay(blank: Application, history: Sequence[Event], clocks: Mapping[str, Clock] = CLOCKS) -> Application:
    """The application that a history leads to from its beginning: nothing else is needed to know how it stands.

    Args:
        blank: The application as it began.
        history: What happened.
        clocks: State to its clock.
    """
    found = blank
    for event in history:
        if event.move.kind == "time":
            found = pass_time(found, event.move.at, clocks)
        elif event.move.seats is not None:
            found = reseat(found, event.move.seats, event.move.at)
        else:
            found = step(found, event.move)
    return found


def _duties(application: Application, case: Case | None, clocks: Mapping[str, Clock]) -> tuple[Duty, ...]:
    state, level = (case.state, case.level) if case else (application.state, application.level)
    roles = _WHO[state]
    if case is not None and level:  # whoever should have answered still may
        roles = tuple(dict.fromkeys((*roles, "coordinator")))
    until = _until(application, case, clocks)
    body = case.body.name if case else ""
    done = {person for person, _ in case.votes} if case else set()
    found = []
    for role in roles:
        people = people_of(application, case, role) - (done if role in {"member", "patient"} else set())
        moves = tuple(
            r.move
            for r in (CASE if case else APPLICATION)
            if r.state == state and r.role == role and r.move not in _IDLE and (level or not r.late)
        )
        if people and moves:
            found.append(Duty(role, people, body, moves, until, level))
    return tuple(found)


def _until(application: Application, case: Case | None, clocks: Mapping[str, Clock]) -> float:
    if case is None and application.state == "granted":
        return application.until
    state, since, level = (
        (case.state, case.since, case.level) if case else (application.state, application.since, application.level)
    )
    return since + clocks[state].days * DAY * (min(level, HIGHEST) + 1)


def _overdue(application: Application, now: float, clocks: Mapping[str, Clock]) -> tuple[str, float] | None:
    """Of what has run out, the first: the holder, empty for the application itself, and when."""
    first = next_due(application, clocks)
    return first if first is not None and first[1] <= now else None


def _ran_out(application: Application, case: Case | None, at: float, clocks: Mapping[str, Clock]) -> Application:
    if case is None:
        if application.state == "granted":
            return application.moved("ended", at)
        if clocks[application.state].then == "expires":
            return application.moved("expired", at)
        return replace(application, level=application.level + 1)
    then = clocks[case.state].then
    if then == "expires":
        return application.with_case(case.moved("closed", at))
    if then == "decides" and case.has_quorum:
        return application.with_case(decided(case, at))
    return application.with_case(replace(case, level=case.level + 1))

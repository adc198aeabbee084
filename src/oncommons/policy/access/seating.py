"""Roles that are given and taken while an application is under way, as a step of nobody.

=================================== ==============================================================================
state of the application            what follows those who have the roles now
=================================== ==============================================================================
``draft``, ``check``, ``incomplete`` all: who applies, for what, until when; each holder's case begins anew
``review``                          in cases that are open, who decides; who was appointed or has voted stays
``granted``                         who coordinates
an end                              nothing
=================================== ==============================================================================

Quorums, and whether patients are asked, stay as they were when the application was let in: nobody changes the rules
of a vote that is under way.
"""

from __future__ import annotations

from dataclasses import replace

from oncommons.policy.access.application import DRAFT, Application, Body, Case, Move, Seats
from oncommons.policy.access.states import noted, settle

THE_HUB = "the hub"
"""Who is noted in the history where roles have changed."""
SEATS = "seats"
_BEFORE = frozenset({DRAFT, "check", "incomplete"})


def reseat(application: Application, seats: Seats, at: float) -> Application:
    """The application with those who have the roles now, which is noted in its history; the same where nothing changes.

    Args:
        application: The application.
        seats: Who has which role now.
        at: When, in seconds since the epoch.
    """
    changed = seated(application, seats, at)
    if changed == application:
        return application
    return noted(application, settle(changed, at), Move(SEATS, THE_HUB, at, seats=seats), "clock")


def seated(application: Application, seats: Seats, at: float) -> Application:
    """The application with those who have the roles now, before anything follows from it.

    Args:
        application: The application.
        seats: Who has which role now.
        at: When, in seconds since the epoch.
    """
    if application.over:
        return application
    first = application.state in _BEFORE
    applicants = seats.applicants if first else application.applicants
    there = seats.operators - applicants  # somebody must be there who can be asked
    led = replace(
        application,
        applicants=applicants,
        coordinators=seats.coordinators,
        operators=seats.operators if there else application.operators,
    )
    if not first:
        cases = application.cases
        if application.state == "review":
            bodies = {body.name: body for body, _ in seats.holders}
            cases = tuple(_follows(application, case, bodies.get(case.body.name), seats.gone) for case in cases)
        return replace(led, cases=cases)
    same = {(case.body, case.datasets) for case in application.cases} == set(seats.holders)
    cases = application.cases if same else tuple(Case(b, d, since=at) for b, d in seats.holders)
    return replace(led, cases=cases, until=seats.until)


def _follows(application: Application, case: Case, now: Body | None, gone: frozenset[str]) -> Case:
    """An open case with those who decide for its holder now."""
    if not case.open or now is None:
        return case
    appointed = [e.move for e in application.history if e.move.kind == "appoint" and e.move.body == case.body.name]
    named = {role: {m.text for m in appointed if m.role == role} - gone for role in ("officer", "member", "patient")}
    voted = {person for person, _ in case.votes}
    body = replace(
        case.body,
        officers=now.officers | named["officer"],
        members=now.members | named["member"] | (voted & case.body.members),
        patients=now.patients | named["patient"] | (voted & case.body.patients),
    )
    return replace(case, body=body)

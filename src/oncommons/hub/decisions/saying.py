"""Whom a decision tells what: pure, from how an application stood and how it stands.

Who must act is told exactly that, once for each time that it becomes their turn, and once more when it is escalated.
Who need not act is told what came of it.  Nobody is told two things about one step.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from oncommons.hub.decisions.rules import WHO, Roles
from oncommons.policy.access.application import Application, Case
from oncommons.policy.access.duties import Clock, Duty, duties
from oncommons.policy.access.states import people_of
from oncommons.schema.notices import Notice

_ASKS: Mapping[str, str] = {
    "check": "see whether it is complete, and let the holders look at it or give it back",
    "incomplete": "something lacks; complete it and hand it in again",
    "unmanned": "nobody decides for {body}; name somebody who does",
    "review": "look at it for {body}, and propose a decision",
    "asked": "{body} has a question; answer it",
    "vote": "vote on the proposal for {body}",
    "stuck": "conflicts of interest leave too few who may vote for {body}; name somebody",
    "conditions": "{body} grants it under conditions; accept or decline them",
    "granted": "it is granted: see your permit, and tell in the end what came of it",
}
"""State to what is asked of who must act in it."""
_LATE = "{body} has not answered in time; name somebody else, or close the case"
_ENDS: Mapping[str, str] = {
    "refused": "it is refused",
    "withdrawn": "its applicants have taken it back",
    "expired": "it has expired, since nobody completed it in time",
    "ended": "its time has ended, and with it the permit",
}
_CASE_ENDS: Mapping[str, str] = {"granted": "grants it", "refused": "refuses it", "closed": "has closed its case"}


def waiting(application: Application, title: str, clocks: Mapping[str, Clock]) -> list[Notice]:
    """What waits for people: one notice for each person and holder.

    Args:
        application: How it stands.
        title: What it is called.
        clocks: State to its clock.
    """
    found: dict[tuple[str, str], Notice] = {}
    for duty in duties(application, clocks):
        for person in sorted(duty.people):
            found.setdefault((person, duty.body), _asked(application, title, duty, person))
    return list(found.values())


def news(before: Application, after: Application, title: str) -> list[Notice]:
    """What came of a step, for those of whom nothing is asked by it.

    Args:
        before: How it stood.
        after: How it stands.
        title: What it is called.
    """
    found: dict[str, Notice] = {}
    number = len(after.history)
    if after.over and not before.over:
        found |= _told(_concerned(before), after, title, _ENDS[after.state], number)
    elif after.state == "review":
        for case in after.cases:
            was = before.case(case.body.name)
            if was is not None and was.open and not case.open:
                says = f"{case.body.name} {_CASE_ENDS[case.state]}; others still decide"
                found |= _told(after.applicants, after, title, says, number)
    for event in after.history[len(before.history) :]:
        if event.move.kind == "comment":
            others = _concerned(after) - {event.move.person}
            found = _told(others, after, title, f"{WHO.get(event.role, 'somebody')} says something", number) | found
    return list(found.values())


def to_managers(before: Application, after: Application, title: str, roles: Roles) -> list[Notice]:
    """What those who look after data are told: that a project may use them from now on, or may no more.

    Args:
        before: How it stood.
        after: How it stands.
        title: What it is called.
        roles: The roles at the hub.
    """
    says = {"granted": "a project may use data of {node} from now on", "ended": "a project uses data of {node} no more"}
    if after.state == before.state or after.state not in says:
        return []
    found: dict[str, Notice] = {}
    for node in sorted(after.granted):
        holder = roles.holder(node)
        for person in roles.people("data-manager", {holder.organisation} if holder else ()):
            text = f"“{_short(title)}”: {says[after.state].format(node=node)}."
            once = f"decision {after.id} data {after.state}"
            found.setdefault(person, Notice(person, "data", text, "/uses", once, f"decision {after.id}"))
    return list(found.values())


def _concerned(application: Application) -> frozenset[str]:
    """Those who apply, those who have done something, and those who decide in a case that has begun."""
    acted = {e.move.person for e in application.history if e.role != "clock"}
    begun = [c for c in application.cases if application.state == "review" and c.open]
    deciding = frozenset().union(*(people_of(application, c, "officer") for c in begun), *(c.voters for c in begun))
    return application.applicants | frozenset(acted) | deciding


def _told(people: Collection[str], application: Application, title: str, says: str, number: int) -> dict[str, Notice]:
    where = f"/decisions/{application.id}"
    return {
        person: Notice(
            person,
            "application" if person in application.applicants else "decision",
            f"“{_short(title)}”: {says}.",
            where,
            f"decision {application.id} news {number}",
            f"decision {application.id}",
        )
        for person in people
    }


def _asked(application: Application, title: str, duty: Duty, person: str) -> Notice:
    case: Case | None = application.case(duty.body) if duty.body else None
    state, since = (case.state, case.since) if case else (application.state, application.since)
    late = duty.level and duty.role == "coordinator" and state not in {"unmanned", "stuck", "check"}
    says = (_LATE if late else _ASKS[state]).format(body=duty.body)
    asked = "application" if person in application.applicants else "decision"
    return Notice(
        person,
        "permit" if state == "granted" and case is None else asked,
        f"“{_short(title)}”: {says}.",
        f"/decisions/{application.id}",
        f"decision {application.id} {duty.body} {state} {since:.3f} {duty.level}",
        f"decision {application.id}",
        duty.until,
    )


def _short(title: str) -> str:
    return title if len(title) <= 120 else title[:119] + "…"  # noqa: PLR2004  as long as a sentence may be

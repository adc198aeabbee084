"""Who sits where, purely: from the roles that people have at organisations to those who decide about an application.

==================== ==========================================================================================
part in a decision   who has it
==================== ==========================================================================================
officer              an ``access-officer`` of the organisation that decides for the holder
member               its ``committee-member``
patient              its ``patient-representative``
coordinator          a ``coordinator`` of an organisation that has an ``operator``: of those who run the hub
operator             every ``operator``
==================== ==========================================================================================

A holder is a node, since a dataset is known by its node.  The organisation that decides for it is the one that was
named for it, else the only one of the same name (``Athens General`` for ``athens-general``), else none: then the case
is ``unmanned``, and the coordinator names somebody.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from oncommons.hub.people.rules import organisation_of
from oncommons.policy.access.application import Application as Case
from oncommons.policy.access.application import Body, Event, Seats
from oncommons.policy.access.duties import Duty
from oncommons.schema.answering import day_of
from oncommons.schema.application import Application
from oncommons.schema.errors import BadRequest
from oncommons.schema.permit import LONGEST_SECONDS

_SEAT: Mapping[str, str] = {
    "access-officer": "officers",
    "committee-member": "members",
    "patient-representative": "patients",
}
_DAY = 86_400.0
WHO: Mapping[str, str] = {
    "applicant": "the applicant",
    "coordinator": "the hub's coordinator",
    "officer": "the access officer",
    "member": "the committee",
    "patient": "the patients' representative",
}
"""What a part in a decision is called in sentences."""


@dataclass(frozen=True)
class Holder:
    """The rules by which an organisation decides for a node.

    Attributes:
        node: The node.
        organisation: Identifier of the organisation.
        quorum: So many have to vote; ``None`` for more than half of the committee.
        asks_patients: Whether none is decided without the vote of a patients' representative.
    """

    node: str
    organisation: str
    quorum: int | None = None
    asks_patients: bool = False


@dataclass(frozen=True)
class Roles:
    """The roles at a hub, as they are now.

    Attributes:
        held: Person, organisation and role.
        organisations: Identifier of each organisation to its name.
        holders: Node to the rules that were named for it.
    """

    held: frozenset[tuple[str, str, str]]
    organisations: Mapping[str, str]
    holders: Mapping[str, Holder]

    def people(self, role: str, organisations: Collection[str] | None = None) -> frozenset[str]:
        """Who has a role, at one of these organisations or at any."""
        here = organisations
        return frozenset(p for p, o, r in self.held if r == role and (here is None or o in here))

    def holder(self, node: str) -> Holder | None:
        """Who decides for a node; nobody where no organisation was named and none has its name."""
        if node in self.holders:
            return self.holders[node]
        found = organisation_of(node, {}, self.organisations)
        return Holder(node, found) if found else None

    def body(self, node: str) -> Body:
        """Who decides for a node, by the parts of the table."""
        holder = self.holder(node)
        if holder is None:
            return Body(node)
        seats = {seat: self.people(role, {holder.organisation}) for role, seat in _SEAT.items()}
        voters = len(seats["members"])
        quorum = holder.quorum if holder.quorum is not None else voters // 2 + 1 if voters else 0
        return Body(node, quorum=quorum, asks_patients=holder.asks_patients, **seats)

    def nodes_of(self, person: str, role: str, nodes: Collection[str]) -> frozenset[str]:
        """For which of these nodes somebody has a role at the organisation that decides for it."""
        mine = {o for p, o, r in self.held if p == person and r == role}
        return frozenset(n for n in nodes if (h := self.holder(n)) is not None and h.organisation in mine)


def seats_of(record: Application, roles: Roles, gone: frozenset[str] = frozenset()) -> Seats:
    """Who decides now about what was handed in.

    Args:
        record: What was handed in.
        roles: The roles at the hub.
        gone: Who is not there any more.

    Raises:
        BadRequest: it has no day on which it ends.
    """
    operators = roles.people("operator")
    ours = {o for _, o, role in roles.held if role == "operator"}
    holders = tuple(
        (roles.body(node), frozenset(f"{node}/{dataset}" for dataset in datasets))
        for node, datasets in sorted(record.holders.items())
    )
    return Seats(record.writers, roles.people("coordinator", ours), operators, holders, period_of(record)[1], gone)


def readers(seats: Seats, history: Iterable[Event]) -> frozenset[str]:
    """Who may look at an application: who applies, who has a part in deciding now, and who has done something in it.

    Args:
        seats: Who has which role now, of what was handed in last.
        history: What happened, or as much of it as somebody has to do with.
    """
    happened = tuple(history)
    acted = {event.move.person for event in happened if event.role != "clock"}
    appointed = {event.move.text for event in happened if event.move.kind == "appoint"} - seats.gone
    deciding = [body.officers | body.members | body.patients for body, _ in seats.holders]
    return frozenset().union(seats.applicants, seats.coordinators, seats.operators, *deciding, acted, appointed)


def period_of(record: Application) -> tuple[float, float]:
    """The first second that was applied for, and the first after it; the day of the end belongs to it.

    Raises:
        BadRequest: the days are none, or not in their order.
    """
    begin, end = day_of(record.text("begin")), day_of(record.text("end"))
    if begin is None or end is None:
        raise BadRequest("The application has no first and last day, such as 2026-12-01.", at="answers.end")
    if not begin <= end:
        raise BadRequest("The last day of an application comes before its first.", at="answers.end")
    first = _first_second(begin)
    return first, min(_first_second(end) + _DAY, first + LONGEST_SECONDS)


def _first_second(day: date) -> float:
    return datetime.combine(day, time(), UTC).timestamp()


def turn(found: Sequence[Duty], body: str = "") -> str:
    """Who must act now, in a sentence: in the case of a holder, or wherever somebody must.

    Args:
        found: Who must act.
        body: In the case of which holder; empty for all.
    """
    here = [one for one in found if not body or one.body in {body, ""}]
    if not here:
        return "Nobody must act in it any more."
    told = sorted({(one.until, f"{WHO[one.role]}{f' of {one.body}' if one.body else ''}") for one in here})
    names = list(dict.fromkeys(name for _, name in told))
    until = datetime.fromtimestamp(told[0][0], UTC).date().isoformat()
    return f"Now {' and '.join(names[:4])} must act, until {until}."


def is_stale(application: Case, body: str, seen: int) -> bool:
    """Whether what somebody has looked at has changed since: the state, what is proposed, or what was handed in.

    Args:
        application: The application now.
        body: In the case of which holder they act; empty for the application itself.
        seen: How many things had happened when they looked.
    """
    return any(
        event.before != event.after or event.move.kind in {"submit", "propose"}
        for event in application.history[seen:]
        if event.move.body in {body, ""} and event.move.kind not in {"seats", "vote"}
    )

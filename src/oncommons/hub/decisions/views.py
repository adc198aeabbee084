"""What somebody is shown of an application: pure, from the file and from who looks.

============================= ==================================================================================
who looks                     what of a case is shown
============================= ==================================================================================
coordinators and operators    all
officers, committee, patients all of their own holder's case; of the others how they stand and what they granted
applicants                    how each stands, how many have voted, questions to them, and what is decided
============================= ==================================================================================

Who applies is told to everybody who decides; who decides is told by name only within the same case.  Nobody who applies
sees the inside of a case, whatever other parts they have.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from oncommons.hub.decisions.file import DecisionFile
from oncommons.hub.decisions.rules import WHO, Roles
from oncommons.policy.access.application import Application, Case, Event
from oncommons.policy.access.duties import Duty, duties
from oncommons.policy.access.states import moves_of
from oncommons.schema.saved import utc

DECIDED = frozenset({"conditions", "granted"})
"""States of a case in which an applicant sees what was proposed."""
_SAID = frozenset({"comment", "ask", "answer", "return", "report", "withdraw", "end", "close"})
"""Moves of which everybody who has to do with the application may read the words."""
_INSIDE = frozenset({"conflict", "propose", "vote"})
"""Moves of which only the case itself knows who made them and what they said."""


@dataclass(frozen=True)
class Looker:
    """Who looks at an application.

    Attributes:
        person: Identifier of the account.
        everything: Whether they see all.
        cases: Holders whose cases they see from inside.
        applies: Whether they apply.
    """

    person: str
    everything: bool
    cases: frozenset[str]
    applies: bool

    def inside(self, body: str) -> bool:
        """Whether they see a case from inside."""
        return self.everything or body in self.cases


def looker(application: Application, person: str) -> Looker:
    """What somebody may see of an application."""
    applies = person in application.applicants
    leads = person in application.coordinators | application.operators
    mine = {c.body.name for c in application.cases if person in c.body.officers | c.body.members | c.body.patients} | {
        e.move.body for e in application.history if e.move.person == person and e.role in {"officer", "member"}
    }
    return Looker(person, leads and not applies, frozenset() if applies else frozenset(mine), applies)


@dataclass(frozen=True)
class Drawn:
    """A file as somebody is shown it.

    Attributes:
        file: The file.
        person: Who looks.
        names: Names of people.
        roles: The roles at the hub.
    """

    file: DecisionFile
    person: str
    names: Mapping[str, str]
    roles: Roles

    def to_json(self) -> dict[str, Any]:
        """All that is shown."""
        application, looks = self.file.application, looker(self.file.application, self.person)
        found = duties(application, self.file.clocks)
        return {
            "id": application.id,
            "title": self.file.title,
            "state": application.state,
            "since": utc(application.since),
            "until": utc(application.until),
            "seen": len(application.history),
            "over": application.over,
            "applies": looks.applies,
            "applicants": [self._name(p) for p in sorted(application.applicants)],
            "cases": [self._case(case, looks, found) for case in application.cases],
            "duties": [self._duty(duty, looks) for duty in found],
            "moves": [
                {"holder": body, "move": row.move, "says": row.says} for body, row in _once(application, self.person)
            ],
            "history": [
                self._event(i + 1, e, looks) for i, e in enumerate(application.history) if e.move.kind != "seats"
            ],
            "record": {**self.file.record.to_json(), "state": application.state},
        }

    def _name(self, person: str) -> str:
        return self.names.get(person) or "somebody who has left"

    def _holder(self, node: str) -> dict[str, str]:
        holder = self.roles.holder(node)
        name = self.roles.organisations.get(holder.organisation, "") if holder is not None else ""
        return {"holder": node, "organisation": name or node}

    def _case(self, case: Case, looks: Looker, found: Sequence[Duty]) -> dict[str, Any]:
        inside, body = looks.inside(case.body.name), case.body
        until = [duty.until for duty in found if duty.body == body.name]
        shown = inside or case.state in DECIDED
        proposal = case.proposal if shown else None
        told: dict[str, Any] = {
            **self._holder(body.name),
            "state": case.state,
            "since": utc(case.since),
            "until": utc(min(until)) if until else "",
            "level": case.level,
            "datasets": sorted(case.datasets),
            "granted": sorted(case.granted),
            "inside": inside,
            "proposal": None
            if proposal is None
            else {"datasets": sorted(proposal.datasets), "conditions": list(proposal.conditions)},
            "voted": len(case.votes),
            "voters": len(case.voters),
            "quorum": body.quorum,
            "asks_patients": body.asks_patients,
        }
        if inside:
            told["votes"] = [{"name": self._name(person), "yes": yes} for person, yes in case.votes]
            told["conflicts"] = [self._name(person) for person in sorted(case.conflicts)]
        return told

    def _duty(self, duty: Duty, looks: Looker) -> dict[str, Any]:
        named = looks.inside(duty.body) if duty.body else looks.everything
        named = named or duty.role == "applicant"
        return {
            "role": duty.role,
            "who": WHO[duty.role],
            "holder": duty.body,
            "moves": list(duty.moves),
            "until": utc(duty.until),
            "level": duty.level,
            "mine": self.person in duty.people,
            "people": [self._name(person) for person in sorted(duty.people)] if named else [],
        }

    def _event(self, number: int, event: Event, looks: Looker) -> dict[str, Any]:
        move = event.move
        inside = looks.inside(move.body) if move.body else True
        open_ = event.role == "applicant" or looks.everything or (inside and not looks.applies)
        own = move.person == looks.person
        told: dict[str, Any] = {
            "number": number,
            "at": utc(move.at),
            "did": move.kind,
            "holder": move.body,
            "role": event.role,
            "who": self._name(move.person) if (open_ or own) and event.role != "clock" else WHO.get(event.role, ""),
            "before": event.before,
            "after": event.after,
            "text": move.text if move.kind in _SAID else "",
        }
        if move.kind in _INSIDE and not (inside or own):
            told["did"] = "decide" if move.kind == "conflict" else move.kind
        elif move.kind == "vote":
            told |= {"yes": move.yes, "text": move.text}
        elif move.kind == "appoint" and inside:
            told["text"] = f"{self._name(move.text)} as {move.role}"
        elif move.kind == "propose" and move.proposal is not None:
            told["datasets"] = sorted(move.proposal.datasets)
            told["conditions"] = list(move.proposal.conditions)
            told["text"] = move.text
        return told


def _once(application: Application, person: str) -> list[Any]:
    """What somebody can do, each once, whatever parts they have."""
    found: dict[tuple[str, str], Any] = {}
    for body, row in moves_of(application, person):
        found.setdefault((body, row.move), (body, row))
    return list(found.values())

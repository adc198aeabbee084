"""An application for data of several holders, as a value: its cases, who is party to it, and all that happened.

Everything is frozen.  What changes it is in :mod:`oncommons.policy.access.states`, who must act in
:mod:`oncommons.policy.access.duties`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from oncommons.schema.errors_of_permits import BadPermit

Role = Literal["applicant", "coordinator", "officer", "member", "patient", "anybody", "clock"]
DRAFT = "draft"
"""The state of an application that was not handed in yet; nothing is decided, and nobody must act."""
ENDS = frozenset({"refused", "withdrawn", "expired", "ended"})
"""States of an application in which nobody must act any more."""
CASE_ENDS = frozenset({"granted", "refused", "closed"})
"""States of a holder's case in which it is decided; ``closed`` is one that came to nothing."""


@dataclass(frozen=True)
class Body:
    """Who decides for a holder.

    Attributes:
        name: The holder.
        officers: Who looks at applications first and proposes.
        members: The committee; without a quorum there is none, and the officer's proposal is the decision.
        quorum: So many members, patients included, have to vote.
        patients: Representatives of patients.
        asks_patients: Whether none is decided without the vote of one of them.
    """

    name: str
    officers: frozenset[str] = frozenset()
    members: frozenset[str] = frozenset()
    quorum: int = 0
    patients: frozenset[str] = frozenset()
    asks_patients: bool = False


@dataclass(frozen=True)
class Proposal:
    """What an officer proposes: which of the datasets, none to refuse, and under which conditions."""

    datasets: frozenset[str]
    conditions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Case:
    """What one holder makes of an application.

    Attributes:
        body: Who decides.
        datasets: What was applied for.
        state: Of the table of :mod:`oncommons.policy.access.states`.
        since: When it came into this state, in seconds since the epoch.
        level: How often it was escalated in this state.
        proposal: What is proposed.
        votes: Who voted, and whether for the proposal.
        conflicts: Who has a conflict of interest.
        granted: What was granted.
    """

    body: Body
    datasets: frozenset[str]
    state: str = "review"
    since: float = 0.0
    level: int = 0
    proposal: Proposal | None = None
    votes: tuple[tuple[str, bool], ...] = ()
    conflicts: frozenset[str] = frozenset()
    granted: frozenset[str] = frozenset()

    @property
    def open(self) -> bool:
        """Whether it is not decided."""
        return self.state not in CASE_ENDS

    @property
    def voters(self) -> frozenset[str]:
        """Who may vote."""
        return (self.body.members | self.body.patients) - self.conflicts

    @property
    def can_vote(self) -> bool:
        """Whether enough are left who may vote."""
        patients = bool(self.body.patients - self.conflicts) or not self.body.asks_patients
        return len(self.voters) >= self.body.quorum and patients

    @property
    def has_quorum(self) -> bool:
        """Whether enough have voted, a patient among them where one is asked for."""
        voted = {person for person, _ in self.votes}
        patients = bool(voted & self.body.patients) or not self.body.asks_patients
        return len(voted) >= self.body.quorum and patients

    def moved(self, state: str, at: float) -> Case:
        """The same case in another state, in which its clock begins anew; in the same state it goes on."""
        return self if state == self.state else replace(self, state=state, since=at, level=0)


@dataclass(frozen=True)
class Seats:
    """Who has which role now, and what is applied for: roles are given and taken while an application is under way.

    Attributes:
        applicants: Those who apply together.
        coordinators: Those at the hub who see that it goes on.
        operators: Those who are asked when the coordinators do not answer.
        holders: Of each holder who decides, and which of its datasets are applied for.
        until: When what is granted ends, in seconds since the epoch.
        gone: Who was appointed and is not there any more.
    """

    applicants: frozenset[str]
    coordinators: frozenset[str]
    operators: frozenset[str]
    holders: tuple[tuple[Body, frozenset[str]], ...]
    until: float
    gone: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Move:
    """What somebody does.

    Attributes:
        kind: Of the table.
        person: Who.
        at: When, in seconds since the epoch.
        body: In the case of which holder; empty for the application itself.
        text: What they say; the hash of what they hand in; whom they appoint.
        yes: A vote.
        proposal: What they propose.
        role: As what they appoint somebody: ``officer``, ``member`` or ``patient``.
        seats: Who has which role, where that has changed.
    """

    kind: str
    person: str
    at: float
    body: str = ""
    text: str = ""
    yes: bool = False
    proposal: Proposal | None = None
    role: str = "officer"
    seats: Seats | None = None


@dataclass(frozen=True)
class Event:
    """One thing that happened: a move, or what time brought about, and what it led to."""

    move: Move
    role: Role
    before: str
    after: str


@dataclass(frozen=True)
class Application:
    """One application.

    Attributes:
        id: Its identifier.
        applicants: Those who apply together.
        coordinators: Those at the hub who see that it goes on.
        operators: Those who are asked when the coordinators do not answer.
        cases: One for each holder.
        state: Of the table of :mod:`oncommons.policy.access.states`.
        since: When it came into this state.
        level: How often it was escalated in this state.
        until: When what was granted ends.
        history: All that happened, the oldest first.
    """

    id: str
    applicants: frozenset[str]
    coordinators: frozenset[str]
    operators: frozenset[str]
    cases: tuple[Case, ...]
    until: float
    state: str = DRAFT
    since: float = 0.0
    level: int = 0
    history: tuple[Event, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        names = [case.body.name for case in self.cases]
        if not names or len(set(names)) < len(names) or "" in names:
            raise BadPermit("An application is for data of at least one holder, and has one case for each.")
        if not self.applicants or not self.operators - self.applicants:
            raise BadPermit("An application has an applicant, and an operator who is not one.")

    @property
    def over(self) -> bool:
        """Whether nobody must act any more."""
        return self.state in ENDS

    @property
    def idle(self) -> bool:
        """Whether nobody must act: it is over, or was not handed in yet."""
        return self.over or self.state == DRAFT

    @property
    def granted(self) -> dict[str, frozenset[str]]:
        """Holder to the datasets that were granted; a partial approval has fewer than were applied for."""
        return {case.body.name: case.granted for case in self.cases if case.granted}

    def case(self, body: str) -> Case | None:
        """The case of a holder."""
        return next((case for case in self.cases if case.body.name == body), None)

    def moved(self, state: str, at: float) -> Application:
        """The same application in another state, in which its clock begins anew; in the same state it goes on."""
        return self if state == self.state else replace(self, state=state, since=at, level=0)

    def with_case(self, changed: Case) -> Application:
        """The same application with one case changed."""
        cases = tuple(changed if case.body.name == changed.body.name else case for case in self.cases)
        return replace(self, cases=cases)

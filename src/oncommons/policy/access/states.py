"""From handing in to decision: the states of an application and of its cases as a table, and one step in it.

How an application is written is not decided here: to the table it begins when it is handed in.

The application has a state, and so has the case of each holder while the application is in ``review``.  What a step
leads to that follows by itself, such as a decision by the last vote, is in :func:`settle`.  What time brings about is a
step of nobody: see :mod:`oncommons.policy.access.duties`.

Sources: Regulation (EU) 2025/327, Articles 67 and 68 (one application, completeness, decision), 72 (trusted holders propose);
quorum, conflicts of interest and votes of patients: ours, after the rules of procedure of access committees.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from oncommons.policy.access.application import DRAFT, Application, Case, Event, Move, Role
from oncommons.schema.errors_of_permits import NotTheirMove


@dataclass(frozen=True)
class Row:
    """What may be done in a state: by whom, where it leads, and whether only after the case was escalated."""

    state: str
    move: str
    role: Role
    to: str
    says: str
    late: bool = False


_OPEN = ("check", "incomplete", "review", "granted")
APPLICATION: tuple[Row, ...] = (
    Row(DRAFT, "submit", "applicant", "check", "hand it in"),
    Row("check", "pass", "coordinator", "review", "it is complete: let the holders look at it"),
    Row("check", "return", "coordinator", "incomplete", "something lacks: give it back"),
    Row("incomplete", "submit", "applicant", "check", "hand it in again"),
    Row("granted", "report", "applicant", "granted", "tell what came of it"),
    Row("granted", "end", "coordinator", "ended", "end it before its time"),
    *(Row(s, "withdraw", "applicant", "withdrawn", "take it back") for s in _OPEN[:-1]),
    Row("granted", "withdraw", "applicant", "ended", "make no more use of it"),
    *(Row(s, "comment", "anybody", s, "say something") for s in _OPEN),
)
"""What may be done with an application."""
CASE: tuple[Row, ...] = (
    Row("unmanned", "appoint", "coordinator", "unmanned", "name somebody who decides for the holder"),
    Row("review", "ask", "officer", "asked", "ask the applicant something"),
    Row("review", "propose", "officer", "vote", "propose a decision"),
    Row("review", "conflict", "officer", "review", "declare a conflict of interest"),
    Row("asked", "answer", "applicant", "review", "answer the officer"),
    *(Row("vote", "vote", role, "vote", "vote on the proposal") for role in ("member", "patient")),
    *(Row("vote", "conflict", role, "vote", "declare a conflict of interest") for role in ("member", "patient")),
    Row("stuck", "appoint", "coordinator", "stuck", "name somebody who may vote"),
    Row("conditions", "accept", "applicant", "granted", "accept the conditions"),
    Row("conditions", "decline", "applicant", "refused", "decline the conditions"),
    *(Row(s, "appoint", "coordinator", s, "name somebody who answers", late=True) for s in ("review", "vote")),
    *(
        Row(s, "close", "coordinator", "closed", "close the case: nobody answers", late=True)
        for s in ("unmanned", "review", "vote", "stuck")
    ),
)
"""What may be done in the case of one holder, while the application is in ``review``."""


def is_role(application: Application, case: Case | None, person: str, role: Role) -> bool:
    """Whether somebody has a role.

    Nobody decides about an application of their own, or where they have a conflict of interest.
    """
    return person in people_of(application, case, role)


def people_of(application: Application, case: Case | None, role: Role) -> frozenset[str]:
    """Who has a role: in a case, or in the application itself.

    Operators stand in for coordinators where there is none, and where a coordinator has not answered either.
    """
    a, foreign = application, application.applicants
    if role == "applicant":
        return a.applicants
    if role == "coordinator":
        there = a.coordinators - foreign
        late = a.level >= 1 if case is None else case.level >= 2  # noqa: PLR2004  the second escalation of a case
        return there if there and not late else there | (a.operators - foreign)
    if role == "anybody":
        every = [c.body.officers | c.body.members | c.body.patients for c in a.cases]
        return frozenset().union(a.applicants, a.coordinators, a.operators, *every)
    if case is None:
        return frozenset()
    named = {"officer": case.body.officers, "member": case.body.members, "patient": case.body.patients}
    return named.get(role, frozenset()) - foreign - case.conflicts


def moves_of(application: Application, person: str) -> list[tuple[str, Row]]:
    """What somebody can do now: the holder, empty for the application itself, and the row of the table."""
    found = [("", r) for r in APPLICATION if r.state == application.state]
    places: list[tuple[str, Case | None, Row]] = [(body, None, row) for body, row in found]
    if application.state == "review":
        places += [(c.body.name, c, r) for c in application.cases for r in CASE if _is_open(c, r)]
    return [(body, row) for body, case, row in places if is_role(application, case, person, row.role)]


def step(application: Application, move: Move) -> Application:
    """The application after a move, which is noted in its history.

    Raises:
        NotTheirMove: the state, or the role of whoever moves, does not allow it; nothing was changed.
    """
    case = application.case(move.body) if move.body else None
    if move.body and (case is None or application.state != "review"):
        raise NotTheirMove(f"There is no case of {move.body[:60]!r} in which something could be done now.")
    rows = [r for r in (CASE if case else APPLICATION) if r.move == move.kind and _fits(application, case, r)]
    row = next((r for r in rows if is_role(application, case, move.person, r.role)), None)
    if row is None:
        where = case.state if case else application.state
        whose = f"; it is for {' or '.join(sorted({r.role for r in rows}))} to do" if rows else ""
        raise NotTheirMove(f"{move.kind[:30]!r} cannot be done by them in the state {where}{whose}.")
    if move.kind == "appoint" and move.text in application.applicants:
        raise NotTheirMove("Nobody decides about an application of their own.")
    if case is None:
        changed = _CHANGES.get(move.kind, _unchanged)(application, move).moved(row.to, move.at)
    else:
        changed = application.with_case(_CASE_CHANGES.get(move.kind, _same)(case, move).moved(row.to, move.at))
    return noted(application, settle(changed, move.at), move, row.role)


def noted(before: Application, after: Application, move: Move, role: Role) -> Application:
    """The application with one more thing in its history."""
    states = [_state_at(application, move.body) for application in (before, after)]
    return replace(after, history=(*before.history, Event(move, role, states[0], states[1])))


def settle(application: Application, at: float) -> Application:
    """What follows by itself: who lacks, what the votes decide, and what all cases together come to."""
    if application.state != "review":
        return application
    cases = tuple(_settled(application, case, at) for case in application.cases)
    settled = replace(application, cases=cases)
    if any(case.open for case in cases):
        return settled
    return settled.moved("granted" if settled.granted else "refused", at)


def decided(case: Case, at: float) -> Case:
    """A case after the votes that were cast; a tie refuses, and so does a proposal of nothing."""
    proposal = case.proposal
    votes = [yes for _, yes in case.votes]
    if proposal is None or not proposal.datasets or (votes and sum(votes) * 2 <= len(votes)):
        return case.moved("refused", at)
    if proposal.conditions:
        return case.moved("conditions", at)
    return replace(case.moved("granted", at), granted=proposal.datasets)


def _settled(application: Application, case: Case, at: float) -> Case:
    manned = bool(people_of(application, case, "officer"))
    if case.state == "review" and not manned:
        return case.moved("unmanned", at)
    if case.state == "unmanned" and manned:
        return case.moved("review", at)
    if case.state in {"vote", "stuck"}:
        own = replace(case, conflicts=case.conflicts | application.applicants)
        if not case.body.quorum and not case.body.asks_patients:
            return decided(case, at)
        if not own.can_vote:
            return case.moved("stuck", at)
        if own.has_quorum and own.voters <= {person for person, _ in case.votes}:
            return decided(case, at)
        return case.moved("vote", at)
    return case


def _state_at(application: Application, body: str) -> str:
    case = application.case(body) if body else None
    return case.state if case else application.state


def _fits(application: Application, case: Case | None, row: Row) -> bool:
    return _is_open(case, row) if case else row.state == application.state


def _is_open(case: Case, row: Row) -> bool:
    return row.state == case.state and (case.level >= 1 or not row.late)


def _unchanged(application: Application, _: Move) -> Application:
    return application


def _pass(application: Application, move: Move) -> Application:
    return replace(application, cases=tuple(replace(case, since=move.at) for case in application.cases))


def _same(case: Case, _: Move) -> Case:
    return case


def _propose(case: Case, move: Move) -> Case:
    if move.proposal is None or not move.proposal.datasets <= case.datasets:
        raise NotTheirMove("A proposal names datasets that were applied for, or none of them.")
    return replace(case, proposal=move.proposal, votes=())


def _vote(case: Case, move: Move) -> Case:
    if move.person in dict(case.votes):
        raise NotTheirMove("They have voted already.")
    return replace(case, votes=(*case.votes, (move.person, move.yes)))


def _conflict(case: Case, move: Move) -> Case:
    votes = tuple(vote for vote in case.votes if vote[0] != move.person)
    return replace(case, conflicts=case.conflicts | {move.person}, votes=votes)


def _appoint(case: Case, move: Move) -> Case:
    name = {"officer": "officers", "member": "members", "patient": "patients"}.get(move.role)
    if name is None or not move.text or move.text in case.conflicts:
        raise NotTheirMove("Somebody known here and without a conflict is appointed as officer, member or patient.")
    if move.role == "patient" and not case.body.asks_patients:
        raise NotTheirMove("This holder does not ask patients.")
    return replace(case, body=replace(case.body, **{name: getattr(case.body, name) | {move.text}}))


def _accept(case: Case, _: Move) -> Case:
    return replace(case, granted=case.proposal.datasets if case.proposal else frozenset())


_CHANGES: Mapping[str, Callable[[Application, Move], Application]] = MappingProxyType({"pass": _pass})
_CASE_CHANGES: Mapping[str, Callable[[Case, Move], Case]] = MappingProxyType(
    {"propose": _propose, "vote": _vote, "conflict": _conflict, "appoint": _appoint, "accept": _accept}
)

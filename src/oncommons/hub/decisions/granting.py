"""From what was granted to the permit: one signed object, made once, and taken back when the decision ends.

The book of permits is a file, the decisions are a database.  So the permit follows the decision: whoever finds that the
two do not agree brings them together, at once after a step, and with every round of the clocks, in case a process
died in between.  Doing it again changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Lock
from types import MappingProxyType

from sqlalchemy import Connection, select, update

from oncommons.hub.catalogue.shelf import Shelf
from oncommons.hub.decisions.file import DecisionFile, load
from oncommons.hub.decisions.rules import period_of
from oncommons.hub.decisions.tables import DECISION
from oncommons.hub.people.rules import slug
from oncommons.hub.people.tables import PERSON
from oncommons.hub.permits.book import PermitBook
from oncommons.policy.access.application import Application
from oncommons.policy.access.deciding import request_of
from oncommons.schema.application import Application as Record
from oncommons.schema.dictionary import FIELDS
from oncommons.schema.errors import OncommonsError
from oncommons.schema.parsing import parse_question_text
from oncommons.schema.permit import COUNT, VARIABLES, Holding, Permit, parse_permit
from oncommons.schema.purposes import DUO, terms_in
from oncommons.storage.database import Database
from oncommons.storage.turns import Turns

TURN = "granting"
TURN_SECONDS = 60.0
_ANALYSIS = re.compile(r"[a-z][a-z0-9_-]{0,63}")
_FULL: Mapping[str, str] = {f.name: f"{f.entity}.{f.name}" for f in FIELDS}


@dataclass(frozen=True)
class Granting:
    """Makes permits of decisions.

    Attributes:
        database: The hub's database.
        book: The hub's permits.
        shelf: Cards of datasets, whose terms of use a permit names.
        address: The hub's public address.
        clock: Seconds since the epoch.
        holder: Stands for this process.
    """

    database: Database
    book: PermitBook
    shelf: Shelf
    address: str
    clock: Callable[[], float]
    holder: str
    _lock: Lock = field(default_factory=Lock, repr=False, compare=False)

    def agree(self, application: str) -> None:
        """Bring the book of permits together with the decision on an application, if it is this process's turn.

        Raises:
            MachineError: book or database cannot be used; it is tried again with the next round.
        """
        with self._lock:
            now, turns = self.clock(), Turns(self.database)
            if not turns.take(TURN, self.holder, now, TURN_SECONDS):
                return
            try:
                self._agree(application, now)
            finally:
                turns.leave(TURN, self.holder)

    def pending(self) -> list[str]:
        """Applications of which something has happened that the book of permits may not know."""
        decided = DECISION.c.state.in_(("granted", "ended")), DECISION.c.settled < DECISION.c.size
        with self.database.read() as connection:
            return list(connection.execute(select(DECISION.c.application).where(*decided)).scalars())

    def _agree(self, application: str, now: float) -> None:
        with self.database.read() as connection:
            found = load(connection, application)
            others = {} if found is None else accounts_named(connection, found.record)
        if found is None:
            return
        cards = {(node, card.dataset): card.licence for node, card in self.shelf.cards()}
        entry = self.book.entries().get(application)
        if found.application.state == "granted" and entry is None and found.application.until > now:
            self.book.issue(permit_of(found, others, cards), self.address, now)
        if found.application.state == "ended" and entry is not None and entry.standing(now) in {"holds", "not yet"}:
            self.book.revoke(application, now)
        mine = DECISION.c.application == application, DECISION.c.state == found.application.state
        with self.database.write() as connection:
            connection.execute(update(DECISION).where(*mine).values(settled=len(found.application.history)))


def accounts_named(connection: Connection, record: Record) -> dict[str, str]:
    """Addresses of people whom an application names, to the accounts that they have here."""
    named = emails_in(record.text("people"))
    query = select(PERSON.c.email, PERSON.c.id).where(PERSON.c.email.in_(named), PERSON.c.erased.is_(None))
    return {row.email: row.id for row in connection.execute(query)} if named else {}


def emails_in(text: str) -> list[str]:
    """The e-mail addresses in a text, in small letters."""
    return sorted({word.lower() for word in re.findall(r"[^\s@;,<>()]{1,64}@[^\s@;,<>()]{1,189}", text)})


def permit_of(
    found: DecisionFile,
    others: Mapping[str, str] = MappingProxyType({}),
    licences: Mapping[tuple[str, str], str] = MappingProxyType({}),
) -> Permit:
    """The permit that a decision comes to: what was granted, for those who applied and those whom they named.

    Args:
        found: An application that is granted.
        others: Addresses of people whom it names, to their accounts here.
        licences: Node and dataset to its conditions of use, of which the permit names the terms.

    Raises:
        BadPermit: what was granted is nothing that a permit can say.
    """
    application, record = found.application, found.record
    granted = sorted(one for datasets in application.granted.values() for one in datasets)
    holdings = tuple(Holding(*one.split("/", 1)) for one in granted)
    begin, end = (int(moment) for moment in period_of(record))
    told = [e.move.at for e in application.history if e.after == "granted" and e.before != "granted"]
    permit = Permit(
        id=application.id,
        project=f"{slug(found.title)[:40].strip('-') or 'project'}-{application.id[:12].lower()}",
        people=tuple(sorted(application.applicants | set(others.values()))),
        datasets=holdings,
        variables=tuple(sorted(_variables(record))),
        analyses=tuple(a for a in record.listed("analyses") if _ANALYSIS.fullmatch(a)) or (COUNT,),
        ehds=record.ehds,
        duo=tuple(
            sorted({t.code for h in holdings for t in terms_in(licences.get((h.node, h.dataset), ""))} & DUO.keys())
        ),
        not_before=max(begin, int(max(told, default=begin))),
        not_after=max(end, 0),
        title=" ".join(found.title.split())[:300],
        conditions=_conditions(application),
    )
    return parse_permit(permit.to_json())


def _conditions(application: Application) -> tuple[str, ...]:
    """What each holder has granted it under."""
    return tuple(
        f"{case.body.name}: {text}"[:500]
        for case in application.cases
        if case.granted and case.proposal is not None
        for text in case.proposal.conditions
    )


def _variables(record: Record) -> frozenset[str]:
    """What was applied for by name, and what the cohort question needs."""
    named = {_FULL.get(name, name) for name in record.listed("variables")}
    with suppress(OncommonsError):  # none, or one of an older dictionary: nothing is granted by it
        named |= request_of(parse_question_text(record.text("question")), "").variables
    return frozenset(named & VARIABLES)

"""Finds entries of the hub's audit log: by marks that follow from it, made whenever somebody looks."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from sqlalchemy import ColumnElement, Connection, String, cast, func, or_, select

from oncommons.hub.audit.rules import Wanted, entry_in, nodes_in, text_in
from oncommons.hub.audit.tables import MARK
from oncommons.schema.permit import Permit
from oncommons.storage.audit_hub import AUDIT_ENTRY
from oncommons.storage.chain import Entry
from oncommons.storage.database import Database, insert_into
from oncommons.storage.worklist import WORK

AT_A_TIME = 500
PAGE = 50
"""Entries on a page."""


@dataclass(frozen=True)
class Found:
    """An entry that was found: its number, its line as it is kept, and by what it was found."""

    number: int
    line: str
    job: str
    permit: str
    project: str


@dataclass(frozen=True)
class Index:
    """Finds entries.

    Attributes:
        database: The hub's database.
        permits: Every permit by its identifier.
    """

    database: Database
    permits: Callable[[], Mapping[str, Permit]]
    _turn: Lock = field(default_factory=Lock, init=False, repr=False, compare=False)
    _counted: dict[int, dict[str, int]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def catch_up(self) -> int:
        """Mark the entries that were made since; how many."""
        with self._turn:  # of many who look, one does it
            return self._catch_up()

    def _catch_up(self) -> int:
        made = 0
        while True:
            with self.database.read() as connection:
                query = select(AUDIT_ENTRY.c.number, AUDIT_ENTRY.c.line).where(AUDIT_ENTRY.c.number > _last(connection))
                rows = connection.execute(query.order_by(AUDIT_ENTRY.c.number).limit(AT_A_TIME)).all()
                if not rows:
                    return made
                marks = self._marks(connection, [(row.number, row.line) for row in rows])
            with self.database.write() as connection:
                connection.execute(insert_into(connection, MARK).on_conflict_do_nothing(), marks)
            made += len(marks)

    def find(self, wanted: Wanted, seen: Collection[str] | None, below: int = 0) -> tuple[list[Found], int]:
        """A page of entries, the newest first.

        Args:
            wanted: Which.
            seen: Only those that concern one of these nodes; ``None`` for all.
            below: Only those with a smaller number; 0 for all.

        Returns:
            The entries, and the ``below`` of the next page; 0 where there is none.
        """
        self.catch_up()
        clauses = [*_clauses(wanted), *([] if seen is None else [_any_of(seen)])]
        if below:
            clauses.append(MARK.c.number < below)
        columns = MARK.c.number, AUDIT_ENTRY.c.line, MARK.c.job, MARK.c.permit, MARK.c.project
        query = select(*columns).join(AUDIT_ENTRY, AUDIT_ENTRY.c.number == MARK.c.number).where(*clauses)
        with self.database.read() as connection:
            rows = connection.execute(query.order_by(MARK.c.number.desc()).limit(PAGE + 1)).all()
        found = [Found(*row) for row in rows[:PAGE]]
        return found, found[-1].number if len(rows) > PAGE else 0

    def kinds(self) -> list[str]:
        """The kinds of entries that there are, in order."""
        with self.database.read() as connection:
            return list(connection.execute(select(MARK.c.kind).distinct().order_by(MARK.c.kind)).scalars())

    def asked(self, jobs: Collection[str]) -> dict[str, Entry]:
        """Identifiers of questions to the entries that say what was asked."""
        if not jobs:
            return {}
        query = select(MARK.c.job, AUDIT_ENTRY.c.line).join(AUDIT_ENTRY, AUDIT_ENTRY.c.number == MARK.c.number)
        with self.database.read() as connection:
            rows = connection.execute(query.where(MARK.c.kind == "asked", MARK.c.job.in_(set(jobs)))).all()
        found = {row.job: entry_in(row.line) for row in rows}
        return {job: entry for job, entry in found.items() if entry is not None}

    def answered(self) -> dict[str, int]:
        """Permit to the number of its questions that at least one node has answered."""
        self.catch_up()
        told = MARK.c.kind == "answered", MARK.c.refused.is_(False), MARK.c.permit != ""
        query = select(MARK.c.permit, func.count(MARK.c.job.distinct())).where(*told).group_by(MARK.c.permit)
        with self.database.read() as connection:
            last = _last(connection)
            if last not in self._counted:
                found = {str(permit): int(number) for permit, number in connection.execute(query).all()}
                self._counted.clear()
                self._counted[last] = found
                return found
            return self._counted.get(last, {})

    def _marks(self, connection: Connection, rows: Sequence[tuple[int, str]]) -> list[dict[str, Any]]:
        """The marks of entries; one whose text was changed so that it cannot be read is marked as such."""
        permits = self.permits()
        read = [(number, entry_in(line)) for number, line in rows]
        answers = _answers(connection, [entry for _, entry in read if entry is not None and entry.kind == "answered"])
        jobs = {text_in(entry.body, "job") for _, entry in read if entry is not None}
        before = select(MARK.c.job, MARK.c.permit).where(MARK.c.kind == "asked", MARK.c.job.in_(jobs))
        under = {str(row.job): str(row.permit) for row in connection.execute(before)}
        marks = []
        for number, entry in read:
            if entry is None:
                marks.append(_mark(number, "unreadable", ""))
                continue
            job = text_in(entry.body, "job")
            if entry.kind == "asked":
                under[job] = text_in(entry.body, "permit")
            permit = text_in(entry.body, "permit") or (under.get(job, "") if job else "")
            marks.append(_of(entry, permit, permits.get(permit), answers) | {"number": number})
        return marks


def _of(entry: Entry, permit: str, known: Permit | None, answers: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    nodes = nodes_in(entry)
    project = text_in(entry.body, "project") or (known.project if known else "")
    datasets: list[str] = []
    if entry.kind == "answered" and nodes:
        datasets = _answered(answers, text_in(entry.body, "job"), nodes[0])
    elif known is not None:
        datasets = [f"{h.node}/{h.dataset}" for h in known.datasets]
        nodes = nodes or sorted({h.node for h in known.datasets})
    told = {"job": text_in(entry.body, "job"), "permit": permit, "project": project}
    return _mark(entry.number, entry.kind, entry.time) | told | {
        "nodes": _lines(nodes), "datasets": _lines(datasets), "refused": "refused" in entry.body
    }  # fmt: skip


def _mark(number: int, kind: str, time: str) -> dict[str, Any]:
    empty = dict.fromkeys(("job", "permit", "project", "nodes", "datasets"), "")
    return {"number": number, "kind": kind[:40], "time": time[:24], **empty, "refused": False}


def _last(connection: Connection) -> int:
    """The number of the last entry that is marked."""
    return int(connection.execute(select(func.max(MARK.c.number))).scalar() or 0)


def _answers(connection: Connection, entries: Sequence[Entry]) -> dict[tuple[str, str], str]:
    """Question and node to the answer, as far as the hub still has it."""
    jobs = {text_in(entry.body, "job") for entry in entries}
    if not jobs:
        return {}
    query = select(WORK.c.job, WORK.c.recipient, WORK.c.result).where(WORK.c.job.in_(jobs))
    return {(row.job, row.recipient): row.result for row in connection.execute(query)}


def _answered(answers: Mapping[tuple[str, str], str], job: str, node: str) -> list[str]:
    """The datasets of an answer."""
    try:
        body = json.loads(answers.get((job, node)) or "{}")
        return sorted({f"{node}/{one['dataset']}" for one in body.get("datasets", ())})
    except (ValueError, TypeError, KeyError, AttributeError):
        return []


def _lines(names: Sequence[str]) -> str:
    return "".join(f"\n{name}" for name in names) + "\n" if names else ""


def _clauses(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [
        column == value
        for column, value in (
            (MARK.c.kind, wanted.kind),
            (MARK.c.project, wanted.project),
            (MARK.c.permit, wanted.permit),
        )
        if value
    ]
    if wanted.node:
        found.append(_names(MARK.c.nodes, wanted.node))
    if wanted.dataset:
        found.append(_names(MARK.c.datasets, wanted.dataset))
    if wanted.since:
        found.append(MARK.c.time >= wanted.since)
    if wanted.until:
        found.append(MARK.c.time < wanted.before)
    line = func.lower(cast(AUDIT_ENTRY.c.line, String))
    return [*found, *(line.contains(word.lower(), autoescape=True) for word in wanted.words)]


def _names(column: ColumnElement[str], name: str) -> ColumnElement[bool]:
    return column.contains(f"\n{name}\n", autoescape=True)


def _any_of(nodes: Collection[str]) -> ColumnElement[bool]:
    """Whether an entry concerns one of these nodes; never, where there is none."""
    return or_(MARK.c.number < 0, *(_names(MARK.c.nodes, node) for node in sorted(nodes)))

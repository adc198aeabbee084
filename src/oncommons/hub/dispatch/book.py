"""The book of runs: each is kept from the moment in which it is asked until its time is over.

::

    running ──end──▶ done or failed
       └────cancel─▶ cancelled

A run that goes on has a holder, the process that drives it, for a while; of a process that was killed the runs can be
taken over when that is over.  What was answered in its rounds goes when it has ended.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update

from oncommons.hub.dispatch.tables import RUN
from oncommons.hub.search.permitted import Under
from oncommons.schema.errors import BadRequest, NotFound
from oncommons.schema.errors_of_analyses import TooManyRuns
from oncommons.schema.run import Run, parse_run_text
from oncommons.storage.database import Database
from oncommons.storage.worklist import drop_jobs

MOST_OF_ONE = 3
"""Runs that go on at once, of one person under one permit."""
MOST_OF_ALL = 20
"""Runs that go on at once, at a hub."""
MOST_LISTED = 200
KEEP_SECONDS = 90 * 86_400
"""How long a run is kept after it has ended."""
HELD_SECONDS = 15.0
"""How long a process drives a run before it has to say that it still does."""
UNKNOWN = "This hub knows of no such run of yours."
State = Literal["running", "done", "failed", "cancelled"]


@dataclass(frozen=True)
class Kept:
    """A run as it is kept.

    Attributes:
        key: What the names of its rounds begin with.
        permit: The permit's identifier.
        person: Who asked, as the permit calls them.
        id: Its identifier, as its asker gave it.
        run: What is asked, as JSON text.
        title: Of the analysis.
        version: Of the analysis.
        state: ``running``, ``done``, ``failed`` or ``cancelled``.
        asked: When, in seconds since the epoch.
        ended: When; ``None`` while it goes on.
        standing: Where it stands, as JSON text; empty before its first round.
        progress: The round and the nodes when it ended, as JSON text; empty before.
        record: What came of it, as JSON text; empty for nothing.
        error: Why it failed, as JSON text; empty where it did not.
    """

    key: str
    permit: str
    person: str
    id: str
    run: str
    title: str
    version: int
    state: State
    asked: float
    ended: float | None = None
    standing: str = ""
    progress: str = ""
    record: str = ""
    error: str = ""

    @property
    def under(self) -> Under:
        """By what it was asked."""
        return Under(self.permit, self.person)

    def read(self) -> Run:
        """What is asked."""
        return parse_run_text(self.run)


@dataclass(frozen=True)
class Asked:
    """A run that is asked: its identifier, what is asked, and title and version of the analysis."""

    id: str
    run: Run
    title: str
    version: int


@dataclass(frozen=True)
class Ended:
    """How a run ended.

    Attributes:
        state: ``done``, ``failed`` or ``cancelled``.
        at: When, in seconds since the epoch.
        progress: The round and the nodes, as JSON text.
        record: What came of it, as JSON text.
        error: Why it failed, as JSON text.
    """

    state: State
    at: float
    progress: str
    record: str = ""
    error: str = ""


_COLUMNS = [RUN.c[one.name] for one in fields(Kept)]


@dataclass(frozen=True)
class RunBook:
    """The runs in the hub's database.

    Attributes:
        database: The hub's database.
        holder: Stands for this process.
    """

    database: Database
    holder: str

    def begin(self, under: Under, asked: Asked, now: float) -> tuple[Kept, bool]:
        """Keep a run that begins; asked again under the same identifier it is the same run.

        Args:
            under: By what it is asked.
            asked: What is asked.
            now: Seconds since the epoch.

        Returns:
            The run, and whether it is a new one, which this process drives from now on.

        Raises:
            BadRequest: another run was asked under this identifier.
            TooManyRuns: as many go on as may at once.
            NoSuchPermit: the person's account was erased.
        """
        text = json.dumps(asked.run.to_json(), separators=(",", ":"))
        with self.database.write() as connection:
            under.hold(connection)
            known = connection.execute(select(*_COLUMNS).where(_named(under, asked.id))).mappings().first()
            if known is not None:
                if known["run"] != text:
                    raise BadRequest("Another run was asked under this identifier.")
                return Kept(**known), False
            _check_room(connection, under)
            whose = (uuid.uuid4().hex, under.permit, under.person, asked.id)
            kept = Kept(*whose, text, asked.title, asked.version, "running", now)
            held = {"holder": self.holder, "until": now + HELD_SECONDS}
            connection.execute(insert(RUN), vars(kept) | held)
        return kept, True

    def one(self, under: Under, identifier: str) -> Kept:
        """A run of somebody.

        Raises:
            NotFound: they have asked for none of that name under this permit.
        """
        with self.database.read() as connection:
            found = connection.execute(select(*_COLUMNS).where(_named(under, identifier))).mappings().first()
        if found is None:
            raise NotFound(UNKNOWN)
        return Kept(**found)

    def of(self, under: Under) -> Sequence[Kept]:
        """The runs of somebody under a permit, the newest first, without their records."""
        light = [one for one in _COLUMNS if one.name != "record"]
        query = select(*light).where(_of(under)).order_by(RUN.c.asked.desc(), RUN.c.key).limit(MOST_LISTED)
        with self.database.read() as connection:
            return [Kept(**row) for row in connection.execute(query).mappings()]

    def keep(self, key: str, standing: str, now: float) -> bool:
        """Keep where a run stands that this process drives; false where it does not, or where the run has ended."""
        with self.database.write() as connection:
            changed = update(RUN).where(self._mine(key)).values(standing=standing, until=now + HELD_SECONDS)
            return connection.execute(changed).rowcount == 1

    def end(self, key: str, ended: Ended) -> bool:
        """End a run that this process drives, and remove what was answered in its rounds; false as :meth:`keep`."""
        values = {"state": ended.state, "ended": ended.at, "standing": "", **{n: getattr(ended, n) for n in _TOLD}}
        with self.database.write() as connection:
            done = connection.execute(update(RUN).where(self._mine(key)).values(values)).rowcount == 1
            if done:
                drop_jobs(connection, key)
        return done

    def cancel(self, key: str, ended: Ended) -> bool:
        """Cancel a run, whichever process drives it; false where it had ended."""
        values = {"state": "cancelled", "ended": ended.at, "progress": ended.progress}
        with self.database.write() as connection:
            going = (RUN.c.key == key) & (RUN.c.state == "running")
            return connection.execute(update(RUN).where(going).values(values)).rowcount == 1

    def now(self, kept: Kept) -> Kept:
        """A run as it is kept now; as it was where it is not kept any more."""
        with self.database.read() as connection:
            found = connection.execute(select(*_COLUMNS).where(RUN.c.key == kept.key)).mappings().first()
        return kept if found is None else Kept(**found)

    def drop_over(self, key: str) -> None:
        """Remove what was answered in the rounds of a run that has ended or is not kept any more, and where it stood."""
        going = select(RUN.c.key).where(RUN.c.key == key, RUN.c.state == "running")
        with self.database.write() as connection:
            if connection.execute(going).first() is None:
                drop_jobs(connection, key)
                connection.execute(update(RUN).where(RUN.c.key == key).values(standing=""))

    def take(self, now: float, driven: Collection[str]) -> Sequence[Kept]:
        """Take over the runs that nobody drives any more.

        Args:
            now: Seconds since the epoch.
            driven: Keys of those that this process drives; it says that it still does.
        """
        free = (RUN.c.state == "running") & RUN.c.key.not_in(driven) & (RUN.c.until <= now)
        held = {"holder": self.holder, "until": now + HELD_SECONDS}
        with self.database.write() as connection:
            connection.execute(update(RUN).where(self._going, RUN.c.key.in_(driven)).values(until=now + HELD_SECONDS))
            keys = list(connection.execute(update(RUN).where(free).values(held).returning(RUN.c.key)).scalars())
            rows = connection.execute(select(*_COLUMNS).where(RUN.c.key.in_(keys)).order_by(RUN.c.asked)).mappings()
            return [Kept(**row) for row in rows]

    def leave(self) -> None:
        """Drive no run any more, so that another process, or this one when it is back, need not wait."""
        with self.database.write() as connection:
            connection.execute(update(RUN).where(self._going).values(until=0.0))

    def forget(self, before: float) -> int:
        """Remove the runs that ended before; returns how many."""
        with self.database.write() as connection:
            return connection.execute(delete(RUN).where(RUN.c.ended < before)).rowcount

    @property
    def _going(self) -> ColumnElement[bool]:
        return (RUN.c.holder == self.holder) & (RUN.c.state == "running")

    def _mine(self, key: str) -> ColumnElement[bool]:
        return (RUN.c.key == key) & self._going


_TOLD = ("progress", "record", "error")


def runs_of(connection: Connection, person: str) -> list[dict[str, Any]]:
    """What is kept of runs of a person under all permits, the oldest first."""
    columns = (RUN.c.key, RUN.c.id, RUN.c.permit, RUN.c.title, RUN.c.state, RUN.c.asked, RUN.c.run)
    query = select(*columns).where(RUN.c.person == person, RUN.c.permit != "").order_by(RUN.c.asked, RUN.c.key)
    return [dict(row) for row in connection.execute(query).mappings()]


def _of(under: Under) -> ColumnElement[bool]:
    return (RUN.c.permit == under.permit) & (RUN.c.person == under.person)


def _named(under: Under, identifier: str) -> ColumnElement[bool]:
    return _of(under) & (RUN.c.id == identifier)


def _check_room(connection: Connection, under: Under) -> None:
    going = select(func.count()).select_from(RUN).where(RUN.c.state == "running")
    if connection.execute(going.where(_of(under))).scalar_one() >= MOST_OF_ONE:
        raise TooManyRuns(f"{MOST_OF_ONE} analyses of yours are being made; wait until one ends, or cancel it.")
    if connection.execute(going).scalar_one() >= MOST_OF_ALL:
        raise TooManyRuns(f"{MOST_OF_ALL} analyses are being made at this hub; ask again in some minutes.")

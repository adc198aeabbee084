"""What a node knows of permits: which it has seen, what its data manager decided, and what was asked under each.

Tables, in a file of their own::

    permit  (id, project, text, seen, revoked)
    project (name, consented, restriction)
    asked   (permit, question, cost, made)
    shown   (project, consented)                 consent to its having images, which is given by itself
    opened  (token, permit, person, seen)        whose the tokens for images were that an audit log names
    run                                          questions for which the data manager is asked one by one, see
                                                 oncommons.storage.awaited
    heard   (hub, number)                        the number of the hub's newest list of permits that it took back
    gone    (permit, number)                     what stood on such lists

Every decision is read anew for every question, so one made by another process holds at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from oncommons.storage.awaited import RUNS, Awaited, permit_errors
from oncommons.storage.owned import alone, open_owned

PERMITS = "permits.sqlite"
_TABLES = """
CREATE TABLE IF NOT EXISTS permit (
    id TEXT PRIMARY KEY, project TEXT NOT NULL, text TEXT NOT NULL, seen REAL, revoked REAL
) STRICT;
CREATE TABLE IF NOT EXISTS project (
    name TEXT PRIMARY KEY, consented REAL, restriction TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE TABLE IF NOT EXISTS asked (
    permit TEXT NOT NULL, question BLOB NOT NULL, cost INTEGER NOT NULL, made REAL NOT NULL,
    PRIMARY KEY (permit, question)
) STRICT;
CREATE TABLE IF NOT EXISTS shown (project TEXT PRIMARY KEY, consented REAL) STRICT;
CREATE TABLE IF NOT EXISTS opened (
    token TEXT PRIMARY KEY, permit TEXT NOT NULL, person TEXT NOT NULL, seen REAL NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS heard (hub TEXT PRIMARY KEY, number INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS gone (permit TEXT PRIMARY KEY, number INTEGER NOT NULL) STRICT;
"""
_STANDING = (
    "SELECT name, project.consented, restriction, shown.consented FROM project LEFT JOIN shown ON project = name"
)


@dataclass(frozen=True)
class Seen:
    """A permit that the node has seen or taken back.

    Attributes:
        id: Its identifier.
        project: Its project; empty where it was taken back before it was seen.
        text: It itself, signed.
        seen: When it was seen last, in seconds since the epoch; ``None`` for never.
        revoked: When it was taken back here; ``None`` where it was not.
    """

    id: str
    project: str
    text: str
    seen: float | None
    revoked: float | None


@dataclass(frozen=True)
class Standing:
    """What a data manager decided about a project.

    Attributes:
        consented: When they consented to its questions; ``None`` where they did not.
        restriction: What they took away, as JSON; empty for nothing.
        images: When they consented to its having images; ``None`` where they did not.
    """

    consented: float | None = None
    restriction: str = ""
    images: float | None = None


@dataclass(frozen=True)
class Visit:
    """A token that opened images here: its identifier, permit and person, and when it was shown first."""

    token: str
    permit: str
    person: str
    seen: float


class Permitted:
    """The file, opened; for one thread at a time, and for several processes.

    Args:
        path: The file; made where it is missing.

    Attributes:
        runs: Questions for which the data manager is asked one by one.

    Raises:
        StorageFailed: it cannot be opened, or is not one.
    """

    def __init__(self, path: Path) -> None:
        with permit_errors():
            self._connection = open_owned(path, _TABLES + RUNS)
        self.runs = Awaited(self._connection)

    def note(self, permit: str, project: str, text: str, now: float) -> None:
        """Note that a permit was shown."""
        query = (
            "INSERT INTO permit VALUES (?, ?, ?, ?, NULL) ON CONFLICT (id) DO UPDATE SET project = excluded.project, "
            "text = excluded.text, seen = excluded.seen"
        )
        self._write(query, permit, project, text, now)

    def revoke(self, permit: str, now: float) -> None:
        """Take a permit back, seen or not; one that was taken back stays so."""
        query = (
            "INSERT INTO permit VALUES (?, '', '', NULL, ?) ON CONFLICT (id) DO UPDATE "
            "SET revoked = coalesce(revoked, excluded.revoked)"
        )
        self._write(query, permit, now)

    def consent(self, project: str, now: float | None) -> None:
        """Note a data manager's consent to a project; ``None`` withdraws it."""
        query = "INSERT INTO project (name, consented) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET consented = excluded.consented"
        self._write(query, project, now)

    def consent_to_images(self, project: str, now: float | None) -> None:
        """Note a data manager's consent to a project's having images; ``None`` withdraws it."""
        with self.alone():
            self._write("INSERT OR IGNORE INTO project (name) VALUES (?)", project)
            query = "INSERT INTO shown VALUES (?, ?) ON CONFLICT (project) DO UPDATE SET consented = excluded.consented"
            self._write(query, project, now)

    def open(self, visit: Visit, project: str) -> None:
        """Note whose a token for images is, and that its permit was shown; once a token."""
        if self._one("SELECT count(*) FROM opened WHERE token = ?", visit.token):
            return
        query = (
            "INSERT INTO permit VALUES (?, ?, '', ?, NULL) ON CONFLICT (id) DO UPDATE SET project = excluded.project, "
            "seen = excluded.seen"
        )
        with self.alone():
            self._write(query, visit.permit, project, visit.seen)
            self._write(
                "INSERT OR IGNORE INTO opened VALUES (?, ?, ?, ?)", visit.token, visit.permit, visit.person, visit.seen
            )

    def visits(self) -> list[Visit]:
        """Every token that opened images, the first one first."""
        with permit_errors():
            found = self._connection.execute("SELECT token, permit, person, seen FROM opened ORDER BY seen, token")
            return [Visit(*row) for row in found.fetchall()]

    def forget_visits(self, before: float) -> int:
        """Forget whose the tokens were that were shown first before a time; how many there were."""
        with permit_errors():
            return self._connection.execute("DELETE FROM opened WHERE seen < ?", [before]).rowcount

    def restrict(self, project: str, restriction: str) -> None:
        """Note what is taken away from a project, as JSON; empty for nothing."""
        query = "INSERT INTO project (name, restriction) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET restriction = excluded.restriction"
        self._write(query, project, restriction)

    def permits(self) -> list[Seen]:
        """Every permit that was seen or taken back, in order of identifier."""
        with permit_errors():
            found = self._connection.execute("SELECT id, project, text, seen, revoked FROM permit ORDER BY id")
            return [Seen(*row) for row in found.fetchall()]

    def projects(self) -> dict[str, Standing]:
        """Project to what was decided about it."""
        with permit_errors():
            found = self._connection.execute(f"{_STANDING} ORDER BY name")
            return {name: Standing(*row) for name, *row in found.fetchall()}

    def is_revoked(self, permit: str) -> bool:
        """Whether a permit was taken back, here or by the hub."""
        query = "SELECT EXISTS (SELECT 1 FROM permit WHERE id = ?1 AND revoked IS NOT NULL) OR EXISTS (SELECT 1 FROM gone WHERE permit = ?1)"
        return self._one(query, permit) == 1

    def heard(self, hub: str) -> int:
        """The number of the newest list of permits that a hub took back; 0 before there was one."""
        return self._one("SELECT number FROM heard WHERE hub = ?", hub)

    def hear(self, hub: str, number: int, permits: Iterable[str]) -> bool:
        """Note a list of permits that a hub took back, which they are for good; false where it is not a newer one."""
        with self.alone():
            if number <= self.heard(hub):
                return False
            self._write("INSERT OR REPLACE INTO heard VALUES (?, ?)", hub, number)
            for permit in permits:
                self._write("INSERT OR IGNORE INTO gone VALUES (?, ?)", permit, number)
        return True

    def gone(self) -> frozenset[str]:
        """The permits of which the hub has said that it took them back."""
        with permit_errors():
            return frozenset(name for (name,) in self._connection.execute("SELECT permit FROM gone").fetchall())

    def standing(self, project: str) -> Standing:
        """What was decided about a project."""
        with permit_errors():
            row = self._connection.execute(f"{_STANDING} WHERE name = ?", [project]).fetchone()
        return Standing(*row[1:]) if row else Standing()

    def has_asked(self, permit: str, question: bytes) -> bool:
        """Whether a question, by its digest, was asked under a permit."""
        return self._one("SELECT 1 FROM asked WHERE permit = ? AND question = ?", permit, question) == 1

    def questions(self, permit: str) -> int:
        """How many different questions were asked under a permit, and let through."""
        return self._one("SELECT count(*) FROM asked WHERE permit = ?", permit)

    def spent(self, permit: str) -> int:
        """What the questions under a permit have cost."""
        return self._one("SELECT coalesce(sum(cost), 0) FROM asked WHERE permit = ?", permit)

    def charge(self, permit: str, question: bytes, cost: int, now: float) -> None:
        """Note what a question cost; the same again costs nothing."""
        self._write("INSERT OR IGNORE INTO asked VALUES (?, ?, ?, ?)", permit, question, cost, now)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Let nobody else write inside the block; all of it is there when it ends without an error, or nothing.

        A block inside such a block belongs to it.
        """
        with permit_errors(), nullcontext() if self._connection.in_transaction else alone(self._connection):
            yield

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _one(self, query: str, *values: str | bytes) -> int:
        with permit_errors():
            row = self._connection.execute(query, values).fetchone()
        return int(row[0]) if row else 0

    def _write(self, query: str, *values: object) -> None:
        with permit_errors():
            self._connection.execute(query, values)

"""What a node told under the rule ``private``, and what it took from whose budget; beside what else was told.

Tables, in the file of :mod:`oncommons.storage.released`::

    private_answer (question, tables, answer, epsilon, made)
    private_spent  (project, question, tables, epsilon, made)

``question`` is the digest of a question, ``tables`` names the state of the node's tables, ``epsilon`` is in millionths.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from oncommons.storage.owned import alone, open_owned
from oncommons.storage.released import PATIENCE, telling_errors

_TABLES = """
CREATE TABLE IF NOT EXISTS private_answer (
    question BLOB NOT NULL, tables TEXT NOT NULL, answer TEXT NOT NULL, epsilon INTEGER NOT NULL, made REAL NOT NULL,
    PRIMARY KEY (question, tables)
) STRICT;
CREATE INDEX IF NOT EXISTS private_answer_when ON private_answer (made, epsilon);
CREATE TABLE IF NOT EXISTS private_spent (
    project TEXT NOT NULL, question BLOB NOT NULL, tables TEXT NOT NULL, epsilon INTEGER NOT NULL, made REAL NOT NULL,
    PRIMARY KEY (project, question, tables)
) STRICT;
CREATE INDEX IF NOT EXISTS private_spent_when ON private_spent (project, made, epsilon);
"""
Allow = Callable[[int, int, int], None]
"""Takes what a question costs the project, what the project spent, and what all spent with it; raises where it is too much."""


@dataclass(frozen=True)
class Wish:
    """A question of a project.

    Attributes:
        project: Who asks.
        question: Its digest.
        tables: The state of the node's tables.
        cost: What a new answer takes, in millionths.
        made: When, in seconds since the epoch.
        since: When the period of the budget began.
    """

    project: str
    question: bytes
    tables: str
    cost: int
    made: float
    since: float


class Spending:
    """The ledger, opened; for one thread at a time, and for several processes.

    Args:
        path: Its file; made where it is missing.

    Raises:
        StorageFailed: it cannot be opened, or is not one.
    """

    def __init__(self, path: Path) -> None:
        with telling_errors():
            self._connection = open_owned(path, _TABLES, patience=PATIENCE)

    def spent(self, project: str, since: float) -> int:
        """What a project took since a time, in millionths."""
        return self._sum("private_spent WHERE project = ? AND made > ?", project, since)

    def altogether(self, since: float) -> int:
        """What all answers together took since a time, in millionths; an answer that several got counts once."""
        return self._sum("private_answer WHERE made > ?", since)

    def projects(self, since: float) -> dict[str, int]:
        """Project to what it took since a time, in millionths."""
        query = "SELECT project, sum(epsilon) FROM private_spent WHERE made > ? GROUP BY project ORDER BY project"
        with telling_errors():
            return dict(self._connection.execute(query, [since]).fetchall())

    def settle(self, wish: Wish, allow: Allow, make: Callable[[], str]) -> str:
        """The answer to a question: the one that was given before, or a new one that is paid for and remembered.

        Looking, paying, answering and remembering are one transaction: of two who ask at once, the second waits.
        Nothing is asked of the data before the budget has let the question through.

        Args:
            wish: The question.
            allow: Says whether the budget suffices.
            make: Makes a new answer.

        Raises:
            BudgetSpent: the budget does not suffice; nothing was entered.
            StorageFull: the disk is full; nothing was entered.
            StorageFailed: the file cannot be written; nothing was entered.
        """
        with telling_errors(), alone(self._connection):
            return self._settle(wish, allow, make)

    def _settle(self, wish: Wish, allow: Allow, make: Callable[[], str]) -> str:
        key = [wish.question, wish.tables]
        query = "SELECT answer, epsilon FROM private_answer WHERE question = ? AND tables = ?"
        found = self._connection.execute(query, key).fetchone()
        paid = "SELECT 1 FROM private_spent WHERE project = ? AND question = ? AND tables = ?"
        if found and self._connection.execute(paid, [wish.project, *key]).fetchone():
            return str(found[0])
        cost = int(found[1]) if found else wish.cost
        altogether = self.altogether(wish.since)
        allow(cost, self.spent(wish.project, wish.since), altogether if found else altogether + cost)
        answer = str(found[0]) if found else make()
        if not found:
            self._connection.execute(
                "INSERT INTO private_answer VALUES (?, ?, ?, ?, ?)", [*key, answer, cost, wish.made]
            )
        self._connection.execute(
            "INSERT INTO private_spent VALUES (?, ?, ?, ?, ?)", [wish.project, *key, cost, wish.made]
        )
        return answer

    def _sum(self, where: str, *values: object) -> int:
        with telling_errors():
            row = self._connection.execute(f"SELECT coalesce(sum(epsilon), 0) FROM {where}", values).fetchone()
        return int(row[0])

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

"""What was heard of saved questions, node by node, and how the numbers that are waited for changed by it.

A node that is away for a night must not make a number look unreached in the morning, so its last number stays in the
sum until it tells another one, or until its key is revoked.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Executable, Table, func, select, update

from oncommons.hub.people.register import hold_accounts
from oncommons.hub.saved.tables import HEARD, SAVED, SIGHTING, WATCH, WATCHER
from oncommons.hub.saved.waiters import WATCH_SECONDS, tell_end, tell_waiters
from oncommons.hub.search.permitted import NONE, Under
from oncommons.policy.access.deciding import is_refused_by
from oncommons.schema.answer import Answer, Count, NodeAnswer, total
from oncommons.schema.dataset import rule_of
from oncommons.schema.errors import QuestionError
from oncommons.schema.errors_of_permits import BeyondPermit, ConsentAwaited, PermitNeeded, TooManyWait
from oncommons.schema.parsing import parse_question
from oncommons.schema.question import Question
from oncommons.schema.saved import Heard, Sighting, Standing, standing_of, utc
from oncommons.storage.database import Database, insert_into

UNKNOWN: Standing = "not known"
_BY_PERMITS = frozenset({PermitNeeded.code, BeyondPermit.code})
"""With these a node says that it tells the question nothing any more."""
_BY_CONSENT = frozenset({ConsentAwaited.code, TooManyWait.code})
"""With these it says that its data manager consents to each question by itself."""
NOTHING = Count(0, None, "suppressed")
"""What is noted where no node is left that told a number."""


@dataclass(frozen=True)
class Asked:
    """When a node was asked a saved question last, and when it told a number last, in seconds since the epoch.

    Attributes:
        asked: When it was asked.
        told: When it told the number that is kept; ``None`` where there is none.
        rule: The disclosure rule under which it told that; empty where it did not say.
        consents: Whether it has said that its data manager consents to each question by itself: an answer then uses up a
            consent, which somebody waits for.
    """

    asked: float
    told: float | None
    rule: str = ""
    consents: bool = False

    @property
    def is_answered(self) -> bool:
        """Whether it answered when it was asked last."""
        return self.told is not None and self.told >= self.asked


class Watched(NamedTuple):
    """A question of which a number is waited for: its digest, what it asks, and by what it is asked."""

    digest: str
    question: Question
    under: Under = NONE


class Logbook:
    """The log in the hub's database.

    Args:
        database: The hub's database.
    """

    def __init__(self, database: Database) -> None:
        self.database = database

    def end(self, now: float) -> None:
        """Wait no longer for numbers for which nobody has said for a year that they wait."""
        with self.database.write() as connection:
            end_watches(connection, now)

    def watched(self, now: float) -> list[Watched]:
        """The questions of which a number is waited for; those looked at longest ago first."""
        query = (
            select(SAVED.c.digest, SAVED.c.question, SAVED.c.permit, SAVED.c.person)
            .join(WATCH, WATCH.c.digest == SAVED.c.digest)
            .where(WATCH.c.made > now - WATCH_SECONDS)
            .group_by(SAVED.c.digest)
            .order_by(func.coalesce(SAVED.c.checked, 0.0), SAVED.c.digest)
        )
        return self._questions(query)

    def permitted(self) -> list[Watched]:
        """The questions under a permit of which something was heard or seen, also where no number is waited for."""
        known = select(HEARD.c.digest).union(select(SIGHTING.c.digest))
        query = select(SAVED.c.digest, SAVED.c.question, SAVED.c.permit, SAVED.c.person).where(SAVED.c.permit != "")
        return self._questions(query.where(SAVED.c.digest.in_(known)).order_by(SAVED.c.digest))

    def _questions(self, query: Executable) -> list[Watched]:
        with self.database.read() as connection:
            rows = connection.execute(query).all()
        found = []
        for row in rows:
            with suppress(QuestionError):  # the dictionary no longer has what it asks
                under = Under(row.permit, row.person)
                found.append(Watched(str(row.digest), parse_question(json.loads(row.question)), under))
        return found

    def stop(self, digest: str, now: float) -> None:
        """Wait for no number of a question any more, and forget what was heard, seen and told of it: its permit ended.

        Who waits is told so.

        Args:
            digest: The saved question.
            now: Seconds since the epoch.
        """
        with self.database.write() as connection:
            _hold(connection, digest)
            tell_end(connection, digest, now)
            for table in (WATCH, HEARD, SIGHTING):
                connection.execute(table.delete().where(table.c.digest == digest))
            connection.execute(update(SAVED).where(SAVED.c.digest == digest).values(count="", checked=None))

    def asked(self, digest: str = "") -> Mapping[str, Mapping[str, Asked]]:
        """Digest of a question to node to when it was asked that, and told a number; of all questions, or of one."""
        query = select(HEARD)
        found: dict[str, dict[str, Asked]] = {}
        with self.database.read() as connection:
            for row in connection.execute(query.where(HEARD.c.digest == digest) if digest else query).mappings():
                rule = json.loads(row["count"]).get("rule", "") if row["count"] else ""
                one = Asked(row["asked"], row["told"], rule, row["consents"])
                found.setdefault(row["digest"], {})[row["node"]] = one
        return found

    def ask(self, digest: str, nodes: Collection[str], now: float) -> None:
        """Note that nodes are being asked; nothing where the question went with its person's account."""
        with self.database.write() as connection:
            for node in sorted(nodes) if _hold(connection, digest) else ():
                key = {"digest": digest, "node": node}
                _put(connection, HEARD, key, key | {"asked": now, "count": "", "told": None}, {"asked": now})

    def hear(
        self, digest: str, answer: Answer | None, members: Collection[str], now: float, asked: float | None = None
    ) -> None:
        """Note what nodes answered, and which numbers that reaches.

        Args:
            digest: The saved question.
            answer: The answer, or nothing where nobody had to be asked; nodes that are not included in it keep the
                number that they told before, unless they refuse because of a permit.
            members: Nodes that may answer and whose number counts; what others told is forgotten, unless they were asked
                since.
            now: Seconds since the epoch.
            asked: The moment that :meth:`ask` noted; ``now`` where it is left out.  A node that was asked anew since
                then keeps what it told to that.
        """
        asked_at = now if asked is None else asked
        with self.database.write() as connection:
            _hold(connection, digest)
            for node in answer.asked if answer else ():
                mine = (HEARD.c.digest == digest, HEARD.c.node == node.node, HEARD.c.asked == asked_at)
                connection.execute(update(HEARD).where(*mine).values(_noted(node, now)))
            gone = (HEARD.c.digest == digest, HEARD.c.node.not_in(members), HEARD.c.asked <= asked_at)
            connection.execute(HEARD.delete().where(*gone))
            self._settle(connection, digest, now)

    def heard(self, digest: str) -> tuple[Heard, ...]:
        """What each node said last."""
        with self.database.read() as connection:
            query = select(HEARD).where(HEARD.c.digest == digest).order_by(HEARD.c.node)
            rows = connection.execute(query).mappings().all()
        return tuple(
            Heard(
                row["node"],
                utc(row["asked"]),
                Count.from_json(json.loads(row["count"])) if row["count"] else None,
                utc(row["told"]),
                Asked(row["asked"], row["told"]).is_answered,
                row["code"],
            )
            for row in rows
        )

    def sightings(self, digest: str, most: int) -> tuple[Sighting, ...]:
        """How the numbers of a question changed, the newest first."""
        query = select(SIGHTING).where(SIGHTING.c.digest == digest).order_by(SIGHTING.c.seen.desc(), SIGHTING.c.reach)
        with self.database.read() as connection:
            return tuple(_sighting(row) for row in connection.execute(query.limit(most)).mappings())

    def newest(self, most: int) -> list[tuple[str, Sighting]]:
        """How numbers of questions changed that everybody sees, each with its question's digest, the newest first."""
        order = SIGHTING.c.seen.desc(), SIGHTING.c.digest, SIGHTING.c.reach
        with self.database.read() as connection:
            seen = select(SIGHTING).join(SAVED, SAVED.c.digest == SIGHTING.c.digest).where(SAVED.c.permit == "")
            rows = connection.execute(seen.order_by(*order).limit(most)).mappings().all()
        return [(row["digest"], _sighting(row)) for row in rows]

    def _settle(self, connection: Connection, digest: str, now: float) -> None:
        """From what the nodes told follow the sum, and what becomes of each number that is waited for."""
        told = select(HEARD).where(HEARD.c.digest == digest, HEARD.c.count != "")
        rows = connection.execute(told).mappings().all()
        count = total(Count.from_json(json.loads(row["count"])) for row in rows) if rows else None
        text = "" if count is None else json.dumps(count.to_json())
        connection.execute(update(SAVED).where(SAVED.c.digest == digest).values(count=text, checked=now))
        nodes = json.dumps({row["node"]: utc(row["told"]) for row in rows}, sort_keys=True)
        known = _standings(connection, digest)
        watched = select(WATCH.c.reach).where(WATCH.c.digest == digest, WATCH.c.made > now - WATCH_SECONDS)
        for reach in connection.execute(watched).scalars().all():
            standing = standing_of(count, reach)
            if known.get(reach, UNKNOWN) != standing:
                told_then = json.dumps((count or NOTHING).to_json())
                what = {"standing": standing, "before": known.get(reach, UNKNOWN), "count": told_then, "nodes": nodes}
                key = {"digest": digest, "reach": reach, "seen": now}
                _put(connection, SIGHTING, key, key | what, what)
                tell_waiters(connection, (digest, reach), (known.get(reach, UNKNOWN), standing), now)
        certain = 0 if count is None else count.at_least
        open_ = (WATCH.c.digest == digest, WATCH.c.reached.is_(None), WATCH.c.reach <= certain)
        connection.execute(update(WATCH).where(*open_).values(reached=now))


def end_watches(connection: Connection, now: float) -> None:
    """Take away the numbers for which nobody has said for a year that they wait; what was seen of them stays."""
    connection.execute(WATCH.delete().where(WATCH.c.made <= now - WATCH_SECONDS))


def _hold(connection: Connection, digest: str) -> bool:
    """Have others wait with a question, and those leave later who are told of it or have saved it; whether it is there.

    Its people come first, as where an account is erased, and the question goes with it.
    """
    waiting = select(WATCHER.c.person).where(WATCHER.c.digest == digest)
    saved = select(SAVED.c.person).where(SAVED.c.digest == digest)
    hold_accounts(connection, set(connection.execute(waiting.union(saved)).scalars()))
    mine = select(SAVED.c.digest).where(SAVED.c.digest == digest)
    return connection.execute(mine.with_for_update()).first() is not None


def _noted(node: NodeAnswer, now: float) -> Mapping[str, Any]:
    """What is noted of what a node said; that its data manager consents to each question is not forgotten."""
    code = node.code if node.status != "answered" else ""
    consents = code in _BY_CONSENT or is_refused_by("declined", node.reason)
    noted: dict[str, Any] = {"code": code, **({"consents": True} if consents else {})}
    if node.status == "answered":
        return noted | {"count": json.dumps(node.certain.to_json() | {"rule": rule_of(node.policy)}), "told": now}
    return noted | ({"count": "", "told": None} if code in _BY_PERMITS else {})


def _put(
    connection: Connection, table: Table, key: Mapping[str, Any], row: Mapping[str, Any], again: Mapping[str, Any]
) -> None:
    """Insert a row; where its key is there already, change that row."""
    put = insert_into(connection, table).on_conflict_do_update(index_elements=list(key), set_=dict(again))
    connection.execute(put, row)


def _standings(connection: Connection, digest: str) -> Mapping[int, Standing]:
    """Each number that is waited for, and what was last seen of it."""
    query = select(SIGHTING.c.reach, SIGHTING.c.standing).where(SIGHTING.c.digest == digest).order_by(SIGHTING.c.seen)
    rows: Sequence[Any] = connection.execute(query).all()
    return {row.reach: row.standing for row in rows}


def _sighting(row: Mapping[Any, Any]) -> Sighting:
    seen = datetime.fromtimestamp(
        row["seen"], UTC
    ).isoformat()  # not rounded, since entries of feeds are told apart by it
    body = {**row, "seen": seen, "count": json.loads(row["count"]), "nodes": json.loads(row["nodes"])}
    return Sighting.from_json(body)

"""Imported labels in the hub's database, and in memory as long as nothing has changed there."""

from __future__ import annotations

import json
from dataclasses import replace
from threading import Lock

from sqlalchemy import delete, func, insert, select

from oncommons.hub.labels.reading import ReadLabels
from oncommons.hub.labels.tables import LABEL, LABEL_SET
from oncommons.schema.errors_of_rows import NoSuchLabels
from oncommons.schema.labels import Label, Labels, LabelSet, labels_of
from oncommons.storage.audit_hub import enter
from oncommons.storage.chain import Event
from oncommons.storage.database import Database

Stamp = tuple[int, float]


class Drawer:
    """The labels of one hub.

    Several programs may share the database: a command imports while the hub serves, which sees it with its next look.

    Args:
        database: The hub's database.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self._lock = Lock()
        self._held: tuple[Stamp | None, Labels] = (None, Labels())

    def put(self, name: str, read: ReadLabels, edition: str, source: str, now: float) -> tuple[LabelSet, bool]:
        """Keep a set of labels, in the place of one of the same name.

        Args:
            name: What to call it.
            read: The labels.
            edition: Of which edition of which classification.
            source: Where they come from.
            now: Seconds since the epoch.

        Returns:
            The set, and whether anything has changed; the same labels again change nothing.
        """
        new = LabelSet(
            name=name,
            edition=edition,
            source=source,
            languages=tuple(sorted({one.language for one in read.labels})),
            systems=tuple(sorted({one.code.partition(":")[0] for one in read.labels})),
            codes=len({one.code for one in read.labels}),
            imported=now,
            digest=read.digest,
        )
        rows = [
            {"name": name, "number": i, "code": o.code, "language": o.language, "synonym": o.synonym, "text": o.text}
            for i, o in enumerate(read.labels)
        ]
        with self.database.write() as connection:
            old = connection.execute(select(LABEL_SET.c.about).where(LABEL_SET.c.name == name)).scalar()
            if old is not None and replace(_set(old), imported=now) == new:
                return _set(old), False
            connection.execute(delete(LABEL).where(LABEL.c.name == name))
            connection.execute(delete(LABEL_SET).where(LABEL_SET.c.name == name))
            connection.execute(insert(LABEL_SET), [{"name": name, "about": json.dumps(new.to_json()), "imported": now}])
            connection.execute(insert(LABEL), rows)
            enter(connection, Event("labels", {"name": name, "codes": new.codes, "content": new.digest}, now))
        return new, True

    def remove(self, name: str, now: float) -> LabelSet:
        """Forget a set of labels.

        Args:
            name: What it is called.
            now: Seconds since the epoch.

        Raises:
            NoSuchLabels: there is none of that name.
        """
        with self.database.write() as connection:
            old = connection.execute(select(LABEL_SET.c.about).where(LABEL_SET.c.name == name)).scalar()
            if old is None:
                there = ", ".join(one.name for one in self.sets()) or "none"
                raise NoSuchLabels(f"No labels are called {name[:60]!r}; there are: {there}.")
            connection.execute(delete(LABEL).where(LABEL.c.name == name))
            connection.execute(delete(LABEL_SET).where(LABEL_SET.c.name == name))
            enter(connection, Event("labels removed", {"name": name}, now))
        return _set(old)

    def sets(self) -> tuple[LabelSet, ...]:
        """Every set, the newest first."""
        query = select(LABEL_SET.c.about).order_by(LABEL_SET.c.imported.desc(), LABEL_SET.c.name)
        with self.database.read() as connection:
            return tuple(_set(row.about) for row in connection.execute(query))

    def labels(self) -> Labels:
        """Every label, of two sets the newer before the older; read anew only when something has changed."""
        stamp = self._stamp()
        with self._lock:
            if self._held[0] != stamp:
                self._held = (stamp, self._read())
            return self._held[1]

    def _stamp(self) -> Stamp:
        query = select(func.count(), func.max(LABEL_SET.c.imported), func.sum(LABEL_SET.c.imported))
        with self.database.read() as connection:
            number, newest, together = connection.execute(query).one()
        return int(number), float(newest or 0) + float(together or 0)

    def _read(self) -> Labels:
        sets = self.sets()
        query = select(LABEL.c.name, LABEL.c.code, LABEL.c.language, LABEL.c.text, LABEL.c.synonym).order_by(
            LABEL.c.name, LABEL.c.number
        )
        by_set: dict[str, list[Label]] = {one.name: [] for one in sets}
        with self.database.read() as connection:
            for name, *row in connection.execute(query):
                by_set.setdefault(name, []).append(Label(*row))
        return labels_of(sets, (row for rows in by_set.values() for row in rows))


def _set(about: str) -> LabelSet:
    body = json.loads(about)
    return LabelSet(**body | {"languages": tuple(body["languages"]), "systems": tuple(body["systems"])})

"""The kept images as the ledger knows them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from threading import Lock
from typing import BinaryIO, NamedTuple

import orjson

from oncommons.node.share.dicomweb.kept import KeptInstance, KeptSeries
from oncommons.schema.errors import NotFound
from oncommons.storage.ledger import Entry, Ledger

NOBODY: Container[str] = frozenset()


@dataclass(frozen=True)
class Part:
    """A part of the images, for who may not see all.

    Attributes:
        datasets: Only objects of these datasets; ``None`` for all.
        hidden: Tells which series are not shown, by identifier; the same object as long as nothing changes.
        lock: Kept while the ledger is used; one for all who use the same ledger.
    """

    datasets: Collection[str] | None = None
    hidden: Callable[[], Container[str]] = lambda: NOBODY
    lock: Lock = field(default_factory=Lock)


class _Known(NamedTuple):
    """Series as they were read: what they are of, and by what they can be asked for."""

    of: tuple[int, Container[str], Container[str]]
    rows: Sequence[KeptSeries]
    places: frozenset[tuple[str, str]]


class LedgerImages:
    """Kept images, from the ledger; what an import adds is seen by the next call.

    Args:
        ledger: The ledger; nobody else may write through it.
        open_: Opens the file of an entry.
        gone: Tells whose images are not shown, by pseudonym; the same object as long as nothing changes.
        part: Which of the images there are, for somebody who sees a part; all where there is none.
    """

    def __init__(
        self,
        ledger: Ledger,
        open_: Callable[[Entry], BinaryIO],
        gone: Callable[[], Container[str]] = lambda: NOBODY,
        part: Part | None = None,
    ) -> None:
        self._ledger, self._open, self._gone, self._part = ledger, open_, gone, part or Part()
        self._known = _Known((-1, NOBODY, NOBODY), (), frozenset())

    def series(self) -> Sequence[KeptSeries]:
        """All series, in order of study and series; read anew only when the ledger, or who is gone, has changed."""
        with self._part.lock:
            return self._read().rows

    def instances(self, study: str = "", series: str = "", sop: str = "") -> Iterator[KeptInstance]:
        """Objects of a study, a series or all, in order of study, series and object.

        What is in no series of a part is not looked for, so that it takes no longer than what does not exist.
        """
        with self._part.lock:
            if self._part.datasets is not None and (study, series) not in self._read().places:
                return
            entries = self._ledger.objects(study, series, sop, self._part.datasets)
            gone, hidden = self._gone(), self._part.hidden()
        for entry in (one for one in entries if one.patient not in gone and one.series not in hidden):
            yield KeptInstance(
                entry.patient,
                entry.study,
                entry.series,
                entry.sop,
                entry.syntax,
                _attributes(entry),
                partial(self._opened, entry),
            )

    def _read(self) -> _Known:
        """What is known of the series; whoever calls keeps the lock."""
        version, gone, hidden = self._ledger.version(), self._gone(), self._part.hidden()
        known = self._known.of
        if known[0] != version or known[1] is not gone or known[2] is not hidden:
            found = self._ledger.one_of_each_series(self._part.datasets)
            rows = [_series(*row) for row in found if row[1].patient not in gone and row[1].series not in hidden]
            named = {(row.study, row.series) for row in rows}
            places = {("", ""), *named, *((study, "") for study, _ in named), *(("", series) for _, series in named)}
            self._known = _Known((version, gone, hidden), rows, frozenset(places))
        return self._known

    def _opened(self, entry: Entry) -> BinaryIO:
        """The file, but for one of a person who has gone since it was found."""
        if entry.patient in self._gone():
            raise NotFound("There is no such object.")
        return self._open(entry)


def _series(number: int, entry: Entry) -> KeptSeries:
    return KeptSeries(entry.patient, entry.study, entry.series, number, _attributes(entry))


def _attributes(entry: Entry) -> Mapping[str, str]:
    found: dict[str, str] = orjson.loads(entry.attributes)
    return found or {"00080060": entry.modality}  # of what was kept before attributes were

"""The kept images as the ledger knows them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from threading import Lock
from typing import BinaryIO

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
        self._known: tuple[tuple[int, Container[str], Container[str]], Sequence[KeptSeries]] | None = None

    def series(self) -> Sequence[KeptSeries]:
        """All series, in order of study and series; read anew only when the ledger, or who is gone, has changed."""
        with self._part.lock:
            version, gone, hidden = self._ledger.version(), self._gone(), self._part.hidden()
            known = self._known
            if known is None or known[0][0] != version or known[0][1] is not gone or known[0][2] is not hidden:
                rows = self._ledger.one_of_each_series(self._part.datasets)
                found = [_series(*row) for row in rows if row[1].patient not in gone and row[1].series not in hidden]
                known = self._known = (version, gone, hidden), found
            return known[1]

    def instances(self, study: str = "", series: str = "", sop: str = "") -> Iterator[KeptInstance]:
        """Objects of a study, a series or all, in order of study, series and object."""
        with self._part.lock:
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

"""The kept images as the ledger knows them."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from functools import partial
from threading import Lock
from typing import BinaryIO

import orjson

from oncommons.node.share.dicomweb.kept import KeptInstance, KeptSeries
from oncommons.schema.errors import NotFound
from oncommons.storage.ledger import Entry, Ledger

NOBODY: Container[str] = frozenset()


class LedgerImages:
    """Kept images, from the ledger; what an import adds is seen by the next call.

    Args:
        ledger: The ledger; nobody else may write through it.
        open_: Opens the file of an entry.
        gone: Tells whose images are not shown, by pseudonym; the same object as long as nothing changes.
    """

    def __init__(
        self,
        ledger: Ledger,
        open_: Callable[[Entry], BinaryIO],
        gone: Callable[[], Container[str]] = lambda: NOBODY,
    ) -> None:
        self._ledger, self._open, self._gone = ledger, open_, gone
        self._lock = Lock()
        self._known: tuple[int, Container[str], Sequence[KeptSeries]] | None = None

    def series(self) -> Sequence[KeptSeries]:
        """All series, in order of study and series; read anew only when the ledger, or who is gone, has changed."""
        with self._lock:
            version, gone = self._ledger.version(), self._gone()
            if self._known is None or self._known[0] != version or self._known[1] is not gone:
                rows = self._ledger.one_of_each_series()
                self._known = version, gone, [_series(*row) for row in rows if row[1].patient not in gone]
            return self._known[2]

    def instances(self, study: str = "", series: str = "", sop: str = "") -> Iterator[KeptInstance]:
        """Objects of a study, a series or all, in order of study, series and object."""
        with self._lock:
            entries, gone = self._ledger.objects(study, series, sop), self._gone()
        for entry in (one for one in entries if one.patient not in gone):
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

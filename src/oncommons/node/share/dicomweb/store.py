"""The kept images as the ledger knows them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from threading import Lock
from typing import BinaryIO

import orjson

from oncommons.node.share.dicomweb.kept import KeptInstance, KeptSeries
from oncommons.storage.ledger import Entry, Ledger


class LedgerImages:
    """Kept images, from the ledger; what an import adds is seen by the next call.

    Args:
        ledger: The ledger; nobody else may write through it.
        open_: Opens the file of an entry.
    """

    def __init__(self, ledger: Ledger, open_: Callable[[Entry], BinaryIO]) -> None:
        self._ledger, self._open = ledger, open_
        self._lock = Lock()
        self._known: tuple[int, Sequence[KeptSeries]] | None = None

    def series(self) -> Sequence[KeptSeries]:
        """All series, in order of study and series; read anew only when the ledger has changed."""
        with self._lock:
            version = self._ledger.version()
            if self._known is None or self._known[0] != version:
                self._known = version, [_series(*row) for row in self._ledger.one_of_each_series()]
            return self._known[1]

    def instances(self, study: str = "", series: str = "", sop: str = "") -> Iterator[KeptInstance]:
        """Objects of a study, a series or all, in order of study, series and object."""
        with self._lock:
            entries = self._ledger.objects(study, series, sop)
        for entry in entries:
            yield KeptInstance(
                entry.patient,
                entry.study,
                entry.series,
                entry.sop,
                entry.syntax,
                _attributes(entry),
                partial(self._open, entry),
            )


def _series(number: int, entry: Entry) -> KeptSeries:
    return KeptSeries(entry.patient, entry.study, entry.series, number, _attributes(entry))


def _attributes(entry: Entry) -> Mapping[str, str]:
    found: dict[str, str] = orjson.loads(entry.attributes)
    return found or {"00080060": entry.modality}  # of what was kept before attributes were

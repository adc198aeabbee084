"""Where images rest: one directory a series, one file an object, under the identifiers that this node gave them.

A file is written as a draft, made durable and moved to its place; only then does the ledger speak of it.  Whatever
stops an import, what the ledger names is whole, and what it does not name is imported again to the same bytes.
Several processes may settle files at the same time; each batch has the shelf for itself.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import BinaryIO, Literal

from oncommons.schema.errors import NotFound
from oncommons.storage.blobs import Blobs, Folder
from oncommons.storage.decisions import Decision
from oncommons.storage.files import alone_in, plain_file_errors
from oncommons.storage.ledger import Entry, Ledger

_PIECE = 1024 * 1024
Settled = Literal["kept", "duplicate", "quarantined", "refused", "conflict"]


@dataclass(frozen=True)
class Finished:
    """A file of which it is known what becomes of it.

    Attributes:
        entry: What the ledger will say.
        draft: What will be kept or laid aside; none where nothing is.
        origin: Where the file came from; told in quarantine, and there only.
        decision: What a person decided about it, where one did.
    """

    entry: Entry
    draft: Path | None = None
    origin: str = ""
    decision: Decision | None = None


@dataclass(frozen=True)
class Shelf:
    """The images of one node and their ledger.

    Attributes:
        images: Place of the kept images.
        quarantine: Directory of the files that wait for a person.
        ledger: What became of every file.
    """

    images: Blobs
    quarantine: Path
    ledger: Ledger

    def settle(self, batch: Sequence[Finished]) -> list[Settled]:
        """Put files in their places, durably, and then enter them in the ledger; tells what became of each.

        A file that is kept already is a duplicate, and so is one that would be kept as the same bytes: an object that
        comes from an archive has another head than in a folder.  One whose SOP Instance UID another file has is a
        conflict: nothing is entered of it.

        Raises:
            MachineError: the disk is full or broken; the ledger speaks of none of them.
        """
        with alone_in(self.quarantine):
            told = self._judge(batch)
            settled = [f for f, what in zip(batch, told, strict=True) if what not in {"duplicate", "conflict"}]
            self._move(settled)
            self.ledger.write([f.entry for f in settled], [f.decision for f in settled if f.decision])
            self._forget(f.entry.digest for f in settled if f.entry.outcome != "quarantined")
        return told

    def laid_aside(self, entry: Entry) -> tuple[Path, str]:
        """The copy of a file in quarantine, and where it came from; there may be no copy."""
        note = self._origin(entry.digest)
        with plain_file_errors():
            return self.quarantine / entry.digest, note.read_text("utf-8") if note.exists() else ""

    def open(self, entry: Entry) -> BinaryIO:
        """A kept object, to be read; it can be searched.

        Raises:
            NotFound: it is not there.
            MachineError: it cannot be read.
        """
        return self.images.open(_name(entry))

    def is_kept(self, finished: Finished) -> bool:
        """Whether what would be kept is, byte by byte, what is kept under the same name."""
        if finished.draft is None:
            return False
        try:
            with plain_file_errors(), self.open(finished.entry) as kept, finished.draft.open("rb") as draft:
                return all(a == b for a, b in zip_longest(_pieces(kept), _pieces(draft)))
        except NotFound:  # it is kept in another series
            return False

    def _judge(self, batch: Sequence[Finished]) -> list[Settled]:
        told: list[Settled] = []
        outcomes = self.ledger.outcomes_of([f.entry.digest for f in batch])
        digests = {digest for digest, outcome in outcomes.items() if outcome == "kept"}
        sops: set[str] = set()
        held = self.ledger.held([f.entry.sop for f in batch if f.entry.outcome == "kept"])
        for finished in batch:
            entry = finished.entry
            if entry.digest in digests:
                told.append("duplicate")
            elif entry.outcome == "kept" and entry.sop in sops:
                told.append("conflict")
            elif entry.outcome == "kept" and entry.sop in held:
                told.append("duplicate" if self.is_kept(finished) else "conflict")
            else:
                told.append(entry.outcome)
            if told[-1] == "kept":
                digests.add(entry.digest)
                sops.add(entry.sop)
        return told

    def _move(self, settled: Sequence[Finished]) -> None:
        with_draft = [(f, f.draft) for f in settled if f.draft is not None]
        self.images.put({_name(f.entry): draft for f, draft in with_draft if f.entry.outcome == "kept"})
        aside = [(f, draft) for f, draft in with_draft if f.entry.outcome != "kept"]
        with plain_file_errors():
            for finished, _ in aside:
                if finished.origin:
                    self._origin(finished.entry.digest).write_text(finished.origin, "utf-8", "backslashreplace")
        Folder(self.quarantine).put({f.entry.digest: draft for f, draft in aside})

    def _forget(self, digests: Iterable[str]) -> None:
        """Take away what an earlier import may have laid aside."""
        with plain_file_errors():
            for digest in digests:
                for name in (digest, f"{digest}.from"):
                    try:
                        os.unlink(f"{self.quarantine}/{name}")  # noqa: PTH108  mostly it is not there, and quickly told so
                    except FileNotFoundError:
                        continue

    def _origin(self, digest: str) -> Path:
        return self.quarantine / f"{digest}.from"


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    return iter(lambda: file.read(_PIECE), b"")


def _name(entry: Entry) -> str:
    return f"{entry.series}/{entry.sop}.dcm"

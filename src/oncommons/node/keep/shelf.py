"""Where images rest: one directory a series, one file an object, under the identifiers that this node gave them.

A file is written beside its place, made durable and moved there; only then does the ledger speak of it.  Whatever
stops an import, what the ledger names is whole, and what it does not name is imported again to the same bytes.
"""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from oncommons.storage.files import alone_in, plain_file_errors, sync
from oncommons.storage.ledger import Entry, Ledger

_BATCH_FILES, _BATCH_BYTES = 128, 64 * 1024 * 1024
_DRAFT = ".draft"


@dataclass
class Shelf:
    """The images of one node and their ledger; what was put is safe when the block has ended without an error.

    Only one import at a time may enter the block; the lock goes with the process that holds it.

    Attributes:
        images: Directory of the kept images.
        quarantine: Directory of the files that wait for a person.
        ledger: What became of every file.
    """

    images: Path
    quarantine: Path
    ledger: Ledger
    _entries: list[Entry] = field(default_factory=list)
    _drafts: dict[Path, None] = field(default_factory=dict)
    _sops: dict[str, str] = field(default_factory=dict)
    _digests: dict[str, Entry] = field(default_factory=dict)
    _bytes: int = 0
    _inside: ExitStack = field(default_factory=ExitStack)

    def entry(self, digest: str) -> Entry | None:
        """What became of a file, those included that are not yet safe."""
        return self._digests.get(digest) or self.ledger.entry(digest)

    def holder(self, sop: str) -> str | None:
        """The digest of the file that was kept under a SOP Instance UID."""
        return self._sops.get(sop) or self.ledger.holder(sop)

    def keep(self, entry: Entry, content: bytes) -> None:
        """Put an object in its place.

        Raises:
            MachineError: the disk is full or broken; the ledger does not speak of the object.
        """
        self._write(self.images / entry.series / f"{entry.sop}.dcm", content)
        self._sops[entry.sop] = entry.digest
        self._enter(entry)

    def note(self, entry: Entry, content: bytes) -> None:
        """Note a file that is not kept; one that a person must look at is laid aside as it came, if it could be read."""
        if entry.outcome == "quarantined" and content:
            self._write(self.quarantine / entry.digest, content)
        self._enter(entry)

    def settle(self) -> None:
        """Make everything so far durable, and then enter it in the ledger."""
        with plain_file_errors():
            for place in self._drafts:
                sync(_draft(place))
                _draft(place).rename(place)
            for folder in {above for place in self._drafts for above in (place.parent, place.parent.parent)}:
                sync(folder)
            sync(self.images.parent)
        self.ledger.write(self._entries)
        with plain_file_errors():
            for entry in self._entries:
                if entry.outcome != "quarantined":  # it may have been laid aside by an earlier import
                    (self.quarantine / entry.digest).unlink(missing_ok=True)
        for waiting in (self._entries, self._drafts, self._sops, self._digests):
            waiting.clear()
        self._bytes = 0

    def __enter__(self) -> Self:
        with ExitStack() as inside:
            inside.enter_context(alone_in(self.images))
            with plain_file_errors():
                self._tidy()
            self._inside = inside.pop_all()
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        with self._inside:
            if kind is None:
                self.settle()

    def _tidy(self) -> None:
        """Take away what an import that was stopped has left in quarantine: drafts, and files that were kept since."""
        for path in self.quarantine.glob("*"):
            entry = self.ledger.entry(path.name)
            if path.suffix == _DRAFT or (entry is not None and entry.outcome != "quarantined"):
                path.unlink()

    def _enter(self, entry: Entry) -> None:
        self._entries.append(entry)
        self._digests[entry.digest] = entry
        if len(self._entries) >= _BATCH_FILES or self._bytes >= _BATCH_BYTES:
            self.settle()

    def _write(self, place: Path, content: bytes) -> None:
        with plain_file_errors():
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(_draft(place), os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(content)
        self._drafts[place] = None
        self._bytes += len(content)


def _draft(place: Path) -> Path:
    return place.with_name(place.name + _DRAFT)

"""Whether the hub's own log is whole, told to who looks at it: read on from where it was read last.

This is a comfort.  A hub that lies would lie here, too; ``oncommons audit verify`` proves it with what nodes keep.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from threading import Lock
from typing import Any

from oncommons.storage.audit_hub import HubLog
from oncommons.storage.chain import Fault, Head, Reader, moment

MOST_READ = 50_000
"""Entries that are read for one look; the next look goes on."""
MOST_FAULTS = 20


@dataclass(frozen=True)
class Proof:
    """How far the log was read, and what was found.

    Attributes:
        size: How many entries the log has.
        head: The last entry that was read, since the hub began or was asked to begin anew.
        at: When, in seconds since the epoch.
        faults: Where it is not what it was.
    """

    size: int = 0
    head: Head = field(default_factory=Head)
    at: float = 0.0
    faults: tuple[Fault, ...] = ()

    @property
    def state(self) -> str:
        """``whole``, ``whole so far`` where it was not read to its end, or ``not whole``."""
        if self.faults:
            return "not whole"
        return "whole" if self.head.size >= self.size else "whole so far"

    def to_json(self) -> Mapping[str, Any]:
        """The proof as JSON."""
        told = {"state": self.state, "entries": self.size, "read": self.head.size, "head": self.head.digest}
        return {**told, "at": moment(self.at), "faults": [fault.to_json() for fault in self.faults]}


class Prover:
    """Reads one log, by one thread at a time.

    Args:
        log: The hub's log.
    """

    def __init__(self, log: HubLog) -> None:
        self.log = log
        self._lock = Lock()
        self._last = Proof()

    def prove(self, now: float, *, anew: bool = False) -> Proof:
        """Read on, at most :data:`MOST_READ` entries, and tell what was found so far.

        Args:
            now: Seconds since the epoch.
            anew: Read from the first entry again.
        """
        with self._lock:
            before = Proof() if anew or self._last.faults else self._last
            size = self.log.head()  # first, since others may enter while we read
            reader = Reader(last=before.head)
            for line in islice(self.log.lines(before.head.size), MOST_READ):
                reader.read(line)
            faults = [*reader.faults, *_ends(before.head, reader, size)]
            whole = max(size.size, reader.last.size)
            self._last = Proof(whole, reader.last, now, tuple(faults[:MOST_FAULTS]))
            return self._last


def _ends(before: Head, reader: Reader, head: Head) -> list[Fault]:
    """What is wrong with the end of a log that should go as far as its head says."""
    if len(reader.digests) >= MOST_READ:
        return []  # the rest is read next time
    if head.size == before.size:
        return [] if head == before or not before.size else [_other(head)]
    return reader.compare([head]) if reader.digests else [_other(head)]


def _other(head: Head) -> Fault:
    words = f"Entry {head.size} is not there, or not what it was when it was the last."
    return Fault("rewritten", head.size, head.size, words)

"""The arithmetic of an audit log: entries of which each holds the hash of the one before.

The hash of an entry is ``SHA-256(TAG || former || entry)``: a tag that no other use of SHA-256 begins with (domain
separation, as RFC 9162 section 2.1.1 does it), the 32 bytes of the former hash (zeros before the first entry), and the
entry's number, time, kind and body in the canonical form of RFC 8785.  Nothing here opens a file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, Protocol

from oncommons.storage.canonical import canonical, read_canonical

TAG = b"oncommons audit entry 1\0"
START = "0" * 64
"""What stands before the first entry."""
What = Literal[
    "unreadable", "changed", "removed", "reordered", "repeated", "inserted", "cut off", "rewritten", "foreign"
]
_PARTS = frozenset({"number", "time", "kind", "body", "former", "hash"})
_HASH = 64


@dataclass(frozen=True)
class Event:
    """Something to enter.

    Attributes:
        kind: What kind of thing happened, in a word.
        body: What happened, as JSON.
        time: When, in seconds since the epoch.
        of: Whose checkpoint is in the body, if there is one; only helps to find it again.
    """

    kind: str
    body: Mapping[str, Any]
    time: float
    of: str = ""


@dataclass(frozen=True)
class Head:
    """How far a log goes: the number of its entries, and the hash of the last one."""

    size: int = 0
    digest: str = START


class Signed(Protocol):
    """What the owner of a log says of it: how far it goes, and when that was signed (seconds since the epoch)."""

    @property
    def head(self) -> Head:
        """How far the log goes."""

    @property
    def made(self) -> int:
        """When it was signed."""


def came_late(earlier: Signed, later: Signed) -> bool:
    """Whether what came later was signed no later, when the log was shorter; then it accuses nobody."""
    return later.head.size < earlier.head.size and later.made <= earlier.made


def contradicts(earlier: Head, later: Head) -> bool:
    """Whether a log that only grows cannot have had both: it became shorter, or another one of the same length."""
    return later.size < earlier.size or (later.size == earlier.size and later.digest != earlier.digest)


@dataclass(frozen=True)
class Entry:
    """An entry of a log.

    Attributes:
        number: Its place; the first is 1.
        time: When it was entered (ISO 8601, UTC, milliseconds).
        kind: As :attr:`Event.kind`.
        body: As :attr:`Event.body`.
        former: Hash of the entry before, in hexadecimal.
        digest: Its own hash.
    """

    number: int
    time: str
    kind: str
    body: Mapping[str, Any]
    former: str
    digest: str

    @property
    def head(self) -> Head:
        """The head of a log that ends with this entry."""
        return Head(self.number, self.digest)

    def to_json(self) -> dict[str, Any]:
        """The entry as JSON."""
        return {**_content(self), "former": self.former, "hash": self.digest}

    def to_line(self) -> str:
        """The entry as it is kept: one line, canonical."""
        return canonical(self.to_json()).decode()

    @classmethod
    def from_line(cls, line: str) -> Entry:
        """Read an entry; whether its hash is right is not looked at.

        Raises:
            ValueError: it is not one, or not written in the one way that an entry is written in.
        """
        body = read_canonical(line)
        if not isinstance(body, dict) or body.keys() != _PARTS:
            raise ValueError("not an entry")
        entry = cls(body["number"], body["time"], body["kind"], body["body"], body["former"], body["hash"])
        texts = all(isinstance(one, str) for one in (entry.time, entry.kind, entry.former, entry.digest))
        if type(entry.number) is not int or not texts or not isinstance(entry.body, dict) or len(entry.former) != _HASH:
            raise ValueError("not the parts of an entry")
        bytes.fromhex(entry.former)
        return entry


def next_entry(event: Event, head: Head) -> Entry:
    """The entry of an event after the last one of a log.

    Raises:
        ValueError: the body is not JSON.
    """
    draft = Entry(head.size + 1, moment(event.time), event.kind, event.body, head.digest, "")
    return Entry(draft.number, draft.time, draft.kind, draft.body, draft.former, digest_of(draft))


def digest_of(entry: Entry) -> str:
    """The hash that an entry has to have, in hexadecimal."""
    return hashlib.sha256(TAG + bytes.fromhex(entry.former) + canonical(_content(entry))).hexdigest()


def _is_right(entry: Entry, line: str) -> bool:
    """Whether the hash of an entry is right; its line without the two hashes is just what is hashed."""
    before, _, after = line.rpartition(f'"former":"{entry.former}","hash":"{entry.digest}",')
    content = f"{before}{after}".encode()
    return hashlib.sha256(TAG + bytes.fromhex(entry.former) + content).hexdigest() == entry.digest


def moment(seconds: float) -> str:
    """A time as entries have it."""
    text = datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
    return text.removesuffix("+00:00") + "Z"


def _content(entry: Entry) -> dict[str, Any]:
    return {"number": entry.number, "time": entry.time, "kind": entry.kind, "body": dict(entry.body)}


@dataclass(frozen=True)
class Fault:
    """Where a log is not what it was.

    Attributes:
        what: What was done, as far as the log tells.
        first: The first entry that it concerns.
        last: The last one.
        words: The same in a sentence.
    """

    what: What
    first: int
    last: int
    words: str

    def to_json(self) -> dict[str, Any]:
        """The fault as JSON."""
        return dict(vars(self))


@dataclass
class Reader:
    """Reads a log from its first line on, and notes where it is not what it was.

    Attributes:
        faults: What was found so far, in order of place.
        digests: Number of each good entry to its hash.
        last: The entry read last that could be read.
    """

    faults: list[Fault] = field(default_factory=list)
    digests: dict[int, str] = field(default_factory=dict)
    last: Head = field(default_factory=Head)

    def read(self, line: str) -> Entry | None:
        """Read the next line; ``None`` where it is no entry."""
        here = self.last.size + 1
        try:
            entry = Entry.from_line(line)
        except ValueError:
            self._note("unreadable", here, here, f"Entry {here} cannot be read: its text was changed.")
            self.last = Head(here, "")
            return None
        if not _is_right(entry, line):
            self._note("changed", entry.number, entry.number, f"Entry {entry.number} was changed: its hash is another.")
        self._place(entry, here)
        self.digests.setdefault(entry.number, entry.digest)
        self.last = entry.head
        return entry

    def _place(self, entry: Entry, here: int) -> None:
        n = entry.number
        if n in self.digests:
            self._note("repeated", n, n, f"Entry {n} stands a second time after entry {self.last.size}.")
        elif n > here:
            self._note("removed", here, n - 1, f"{_entries(here, n - 1)} not where {_one(here, n - 1)} should be.")
        elif n < here:
            self._note("reordered", n, n, f"Entry {n} stands after entry {self.last.size}.")
        elif self.last.digest and entry.former != self.last.digest:
            words = (
                f"Entry {n} does not follow from entry {n - 1} as it stands here: something was changed or put between."
            )
            self._note("inserted", n, n, words)

    def _note(self, what: What, first: int, last: int, words: str) -> None:
        self.faults.append(Fault(what, first, last, words))

    def compare(self, heads: Iterable[Head]) -> list[Fault]:
        """What is not as it was when the log had these heads, in order of place."""
        whole = {(head.size, head.digest) for head in heads}
        known = sorted(
            whole, key=lambda one: (one[0], self.digests.get(one[0]) == one[1])
        )  # who contradicts comes first
        found: list[Fault] = []
        agreed, top = 0, max(self.digests, default=0)
        for size, digest in known:
            if size > top:
                words = f"Entries {top + 1} to {size} are cut off: the log once had {size:,}."
                if agreed < top:
                    words += f" What stands in entries {agreed + 1} to {top} was compared with nothing."
                return [*found, Fault("cut off", top + 1, size, words)]
            if size and self.digests.get(size) != digest:
                words = (
                    f"Something of entries {agreed + 1} to {size} is not what it was when entry {size} was the last."
                )
                return [*found, Fault("rewritten", agreed + 1, size, words)]
            agreed = size
        return found


def _entries(first: int, last: int) -> str:
    return f"Entry {first} is" if first == last else f"Entries {first} to {last} are"


def _one(first: int, last: int) -> str:
    return "it" if first == last else "they"

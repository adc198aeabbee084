"""Whether a log is what it was: its own arithmetic, and what others keep of it; values in, values out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError

from oncommons.schema.errors_of_protocols import BadCheckpoint
from oncommons.service.identity import read_checkpoint, thumbprint_of
from oncommons.storage.chain import Entry, Fault, Head, Reader, came_late, contradicts

_PARTS_OF_JWS = 3


@dataclass(frozen=True)
class Kept:
    """A checkpoint of somebody else's log that is kept in an entry of a log.

    Attributes:
        entry: Number of the entry.
        time: When it was kept.
        log: Whose log, as its owner's key is called.
        head: How far that log went.
        made: When it was signed, as it says, in seconds since the epoch.
        text: The signed checkpoint.
    """

    entry: int
    time: str
    log: str
    head: Head
    made: int
    text: str

    def to_json(self) -> dict[str, Any]:
        """The kept checkpoint as JSON."""
        told = {"entry": self.entry, "time": self.time, "log": self.log, "size": self.head.size}
        return {**told, "head": self.head.digest, "checkpoint": self.text}


@dataclass(frozen=True)
class Report:
    """What was found of a log.

    Attributes:
        name: What the log is called here.
        log: The name of its owner's key.
        last: Its last entry, if there is one.
        entries: How many lines were read.
        faults: Where it is not what it was, in order of place.
        compared: With how many checkpoints of others it was compared.
        kept: What it keeps of other logs.
        others: Where those other logs are not what they were, as far as their own checkpoints tell.
    """

    name: str
    log: str
    last: Entry | None
    entries: int
    faults: tuple[Fault, ...]
    compared: int
    kept: tuple[Kept, ...]
    others: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        """Whether nothing is wrong with this log."""
        return not self.faults

    def to_json(self) -> dict[str, Any]:
        """The report as JSON."""
        return {
            "name": self.name,
            "log": self.log,
            "whole": self.is_whole,
            "entries": self.entries,
            "head": self.last.digest if self.last else "",
            "faults": [fault.to_json() for fault in self.faults],
            "compared": self.compared,
            "keeps": len(self.kept),
            "others": list(self.others),
        }


@dataclass(frozen=True)
class Reading:
    """A log that was read from its beginning.

    Attributes:
        name: What to call it.
        jwk: The public key of its owner.
        reader: What has read it.
        first: Its first entry that could be read.
        last: Its last one.
        entries: How many lines it has.
        kept: The checkpoints of others in it.
    """

    name: str
    jwk: Mapping[str, Any]
    reader: Reader
    first: Entry | None
    last: Entry | None
    entries: int
    kept: tuple[Kept, ...]

    def report(self, own: Iterable[Head], texts: Iterable[str]) -> Report:
        """Compare it with what others keep of it.

        Args:
            own: Heads that the log had, as its own store notes.
            texts: Checkpoints that others keep; those of other logs are passed over.

        Raises:
            BadCheckpoint: a checkpoint of this log was not signed by its owner.
        """
        log = thumbprint_of(self.jwk)
        heads = [read_checkpoint(text, self.jwk).head for text in dict.fromkeys(texts) if claimed(text)[0] == log]
        faults = [*self.reader.faults, *_foreign(self.first, log), *self.reader.compare([*own, *heads])]
        ordered, others = sorted(faults, key=lambda fault: fault.first), contradictions(self.kept)
        return Report(self.name, log, self.last, self.entries, tuple(ordered), len(heads), self.kept, tuple(others))


def read_log(name: str, lines: Iterable[str], jwk: Mapping[str, Any]) -> Reading:
    """Read a log from its beginning.

    Args:
        name: What to call it.
        lines: Its entries, as they are kept.
        jwk: The public key of its owner.
    """
    reader, first, last, kept, number = Reader(), None, None, [], 0
    for number, line in enumerate(lines, 1):  # noqa: B007  the last one counts the lines
        last = reader.read(line) or last
        first = first or last
        if last is not None and reader.last == last.head:
            kept += _kept_in(last)
    return Reading(name, jwk, reader, first, last, number, tuple(kept))


def _kept_in(entry: Entry) -> list[Kept]:
    text = entry.body.get("checkpoint")
    if not isinstance(text, str) or not text:
        return []
    try:
        return [Kept(entry.number, entry.time, *claimed(text), text)]
    except BadCheckpoint:  # nobody enters such; so the entry was changed, which its hash has told
        return []


def _foreign(first: Entry | None, log: str) -> list[Fault]:
    if first is None or (first.kind == "begun" and first.body.get("log") == log):
        return []
    return [Fault("foreign", 1, 1, "The log does not begin as that of the key that lies beside it.")]


def contradictions(kept: Iterable[Kept]) -> list[str]:
    """Where a log of somebody else cannot be what it was: it became shorter, or another one of the same length.

    A shorter one that was signed no later than one kept before it only came late, and is passed over.
    """
    last: dict[str, Kept] = {}
    found = []
    for one in kept:
        before = last.get(one.log, one)
        if came_late(before, one):
            continue
        if contradicts(before.head, one.head):
            found.append(
                f"The log {one.log} had {before.head.size:,} entries when entry {before.entry} kept its checkpoint, and "
                f"{'other' if one.head.size == before.head.size else f'{one.head.size:,}'} ones at entry {one.entry}."
            )
        last[one.log] = one
    return found


def claimed(text: str) -> tuple[str, Head, int]:
    """Whose log a checkpoint is of, how far it goes, and when it was signed, as it says; who signed it is not looked at.

    Raises:
        BadCheckpoint: it is not one.
    """
    try:
        claims = json.loads(jws.extract_compact(text.encode()).payload)
        return str(claims["log"]), Head(int(claims["size"]), str(claims["head"])), int(claims["iat"])
    except (JoseError, ValueError, KeyError, TypeError, OverflowError, RecursionError) as fault:
        raise BadCheckpoint("A checkpoint cannot be read.", detail=repr(fault)) from fault


def checkpoints_in(text: str) -> list[str]:
    """Every checkpoint in a text: an export, what a hub shows under ``/api/audit``, or the bare checkpoints by lines."""
    try:
        return list(_within(json.loads(text)))
    except ValueError:
        pass
    found: list[str] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        try:
            found += _within(json.loads(line))
        except ValueError:
            found += [line] if line.count(".") == _PARTS_OF_JWS - 1 else []
    return found


def _within(value: object) -> Iterable[str]:
    if isinstance(value, dict):
        for name, part in value.items():
            if name == "checkpoint" and isinstance(part, str) and part:
                yield part
            else:
                yield from _within(part)
    elif isinstance(value, list):
        for part in value:
            yield from _within(part)

"""Checkpoints between the hub and its nodes: each keeps in its own log what the other's log was, signed."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace

from joserfc.jwk import OKPKey

from oncommons.hub.link.registry import Node
from oncommons.schema.errors_of_protocols import BadCheckpoint
from oncommons.service.identity import Checkpoint, read_checkpoint, sign_checkpoint
from oncommons.storage.audit_hub import HubLog, Pending
from oncommons.storage.chain import Entry, Event, came_late, contradicts

log = logging.getLogger("oncommons.audit")
LONGEST = 2_000
"""Characters of a checkpoint."""
CAME = "checkpoint"
"""The kind of an event that is nothing but the coming of a checkpoint."""


@dataclass
class Witness:
    """The hub's side.

    Attributes:
        log: The hub's log.
        key: The hub's key.
    """

    log: HubLog
    key: OKPKey
    _signed: tuple[Checkpoint, str] | None = None
    _checked: dict[str, dict[str, Checkpoint]] = field(default_factory=dict)
    """Of each node, by its key: the last two checkpoints that were checked."""

    def checkpoint(self, now: float) -> str:
        """The checkpoint of the hub's log as it is now."""
        return self.signed(now)[1]

    def signed(self, now: float) -> tuple[Checkpoint, str]:
        """What the hub says of its log as it is now, and the same signed."""
        head, before = self.log.head(), self._signed
        if before is not None and before[0].head == head:
            return before
        said = Checkpoint(self.key.thumbprint(), head, int(now))
        self._signed = found = (said, sign_checkpoint(self.key, head, now))
        return found

    def last_of(self, node: Node) -> tuple[Entry, Checkpoint] | None:
        """The last entry that keeps a checkpoint of a node, and the checkpoint; ``None`` without one of its key."""
        entry = self.log.kept_of(node.name)
        found = self._in(node, entry)
        return None if entry is None or found is None else (entry, found)

    def keep(self, node: Node, text: str, event: Event) -> Event | Pending:
        """What is entered of an event to which a node sent a checkpoint: just the event where it sent none.

        It is judged when it is entered.  Where the node's log cannot be what it was, ``contradicts`` has the number of
        the entry of the hub's log that holds the earlier checkpoint; it stays with all that come after.  A checkpoint
        that only came late is not entered; then nothing is entered of an event that is nothing but its coming.

        Args:
            node: Who sent it.
            text: The signed checkpoint.
            event: What happened.

        Raises:
            BadCheckpoint: the node's key has not signed it.
        """
        if not text:
            return event
        new = self._read(node, text[:LONGEST])

        def settle(last: Entry | None) -> Event | None:
            earlier, against = self._in(node, last), 0
            if last is not None and earlier is not None:
                against = contradicted(last)
                if not against and came_late(earlier, new):
                    return None if event.kind == CAME else event
                if not against and contradicts(earlier.head, new.head):
                    against = last.number
                    log.warning("The audit log of %s is not what it was: see entry %d.", node.name, against)
            told = {"checkpoint": text} | ({"contradicts": against} if against else {})
            return replace(event, body={**event.body, **told}, of=node.name)

        return Pending(node.name, settle)

    def _in(self, node: Node, entry: Entry | None) -> Checkpoint | None:
        """The checkpoint of a node in an entry that keeps one; ``None`` for one of an earlier key of the name."""
        if entry is None:
            return None
        try:
            return self._read(node, str(entry.body.get("checkpoint")))
        except BadCheckpoint:
            return None

    def _read(self, node: Node, text: str) -> Checkpoint:
        """A checkpoint, whose signature is not looked at twice."""
        key = str(node.jwk["kid"])
        before = self._checked.get(key, {})
        if text in before:
            return before[text]
        found = read_checkpoint(text, node.jwk)
        self._checked[key] = dict([*before.items()][-1:]) | {text: found}
        return found


def contradicted(entry: Entry) -> int:
    """The number of the entry with an earlier checkpoint that the one in this entry does not agree with; else 0."""
    return int(entry.body.get("contradicts", 0))

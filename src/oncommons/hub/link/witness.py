"""Checkpoints between the hub and its nodes: each keeps in its own log what the other's log was, signed."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import Any

from joserfc.jwk import OKPKey

from oncommons.hub.link.registry import Node
from oncommons.schema.errors import OncommonsError
from oncommons.service.identity import Checkpoint, read_checkpoint, sign_checkpoint
from oncommons.storage.audit_hub import HubLog
from oncommons.storage.chain import Head

log = logging.getLogger("oncommons.audit")
LONGEST = 2_000
"""Characters of a checkpoint."""


@dataclass
class Witness:
    """The hub's side.

    Attributes:
        log: The hub's log.
        key: The hub's key.
    """

    log: HubLog
    key: OKPKey
    _signed: tuple[Head, str] = (Head(), "")
    _checked: dict[str, tuple[str, Checkpoint]] = field(default_factory=dict)
    """Of each node, by its key: the checkpoint that was checked last."""

    def checkpoint(self, now: float) -> str:
        """The checkpoint of the hub's log as it is now."""
        head = self.log.head()
        if self._signed[0] != head or not self._signed[1]:
            self._signed = (head, sign_checkpoint(self.key, head, now))
        return self._signed[1]

    def keep(self, node: Node, text: str) -> dict[str, Any]:
        """What is entered of a checkpoint that a node sent: nothing where it sent none.

        Where the node's log cannot be what it was, ``contradicts`` has the number of the entry of the hub's log that
        holds the earlier checkpoint; it stays with all that come after.

        Raises:
            BadCheckpoint: the node's key has not signed it.
        """
        if not text:
            return {}
        earlier, against = self._earlier(node)
        new = self._read(node, text[:LONGEST])
        if not against and earlier is not None and earlier[0].log == new.log and _contradict(earlier[0].head, new.head):
            against = earlier[1]
            log.warning("The audit log of %s is not what it was: see entry %d of the hub's log.", node.name, against)
        return {"checkpoint": text} | ({"contradicts": against} if against else {})

    def _earlier(self, node: Node) -> tuple[tuple[Checkpoint, int] | None, int]:
        """The checkpoint of a node that was kept last and where, and what it contradicts itself."""
        entry = self.log.kept_of(node.name)
        if entry is None:
            return None, 0
        try:
            found = self._read(node, str(entry.body.get("checkpoint")))
        except OncommonsError:  # of an earlier key of a node of this name
            return None, 0
        return (found, entry.number), int(entry.body.get("contradicts", 0))

    def _read(self, node: Node, text: str) -> Checkpoint:
        """A checkpoint, whose signature is not looked at twice in a row."""
        key = str(node.jwk["kid"])
        before, found = self._checked.get(key, ("", None))
        if found is None or before != text:
            found = read_checkpoint(text, node.jwk)
            self._checked[key] = (text, found)
        return found


def _contradict(earlier: Head, later: Head) -> bool:
    return later.size < earlier.size or (later.size == earlier.size and later.digest != earlier.digest)

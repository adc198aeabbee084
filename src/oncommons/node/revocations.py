"""Where a node hears which permits its hub has taken back: verified, the newest only, and kept for good."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from oncommons.node.permits import Gate
from oncommons.node.recording import record
from oncommons.schema.errors_of_permits import NoticeNotTrusted
from oncommons.schema.federation import Revoked


@dataclass
class Revocations:
    """Hears what the hub took back; all processes of the node keep to it at once, also without the hub.

    Attributes:
        gate: Where permits are checked.
    """

    gate: Gate
    _refused: str = ""
    """The list that was refused last: a hub that tells the same again fills no log."""

    def number(self) -> int:
        """The number of the newest list that the node has; 0 for none."""
        return self.gate.ledger.heard(self.gate.desk.home.joined().issuer)

    def hear(self, text: str) -> None:
        """Take a list, where the hub has signed it for this node and it is newer than the one that is there.

        Raises:
            NoticeNotTrusted: it is not; that is entered in the audit log, and what the node knew goes on holding.
            MachineError: it cannot be kept, or not be entered; nothing has changed.
        """
        try:
            self._take(self._read(text))
        except NoticeNotTrusted as fault:
            if text != self._refused:
                self._enter({"what": "list of the hub refused", "code": fault.code, "message": fault.message})
                self._refused = text
            raise

    def _read(self, text: str) -> Revoked:
        found = self.gate.orders.read_revoked(text)
        if found.node != self.gate.desk.home.joined().name:
            raise NoticeNotTrusted("The list of permits that were taken back was made for another node.")
        return found

    def _take(self, told: Revoked) -> None:
        ledger, hub = self.gate.ledger, self.gate.desk.home.joined().issuer
        with ledger.alone():
            fresh = sorted(set(told.permits) - ledger.gone())
            if not ledger.hear(hub, told.number, told.permits):
                raise NoticeNotTrusted(
                    "The list of permits that were taken back is not newer than the one that is here."
                )
            self._enter({"what": "taken back by the hub", "number": told.number, "permits": fresh})

    def _enter(self, told: Mapping[str, Any]) -> None:
        record(self.gate.desk.home, "permit", told, self.gate.clock)

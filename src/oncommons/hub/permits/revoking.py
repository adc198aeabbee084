"""What the hub tells its nodes of permits that it has taken back: a signed list a node, numbered, when it has changed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from oncommons.hub.permits.book import Entry, PermitBook
from oncommons.schema.errors import OncommonsError
from oncommons.schema.federation import CLOCK_LEEWAY, Revoked

log = logging.getLogger("oncommons.permits")


@dataclass
class Revoking:
    """Makes the lists.

    Attributes:
        book: The permits.
        clock: Seconds since the epoch.
    """

    book: PermitBook
    clock: Callable[[], float]
    _known: tuple[Mapping[str, Entry], Mapping[str, int]] | None = None

    def newer(self, node: str, number: int) -> str:
        """The list for a node, where it has an older one; else nothing.

        Permits that have ended are left out, since the node refuses them anyway.  Where the book cannot be read, nothing
        is told: no permit opens anything at this hub then, and the node goes on with what it knows.

        Args:
            node: Its name.
            number: That of the list which it has; 0 for none.
        """
        try:
            entries = self.book.entries()
        except OncommonsError as fault:
            log.warning("%s %s %s", fault.code, fault.message, fault.detail)
            return ""
        newest = self._newest(entries).get(node, 0)
        if newest <= number:
            return ""
        now = self.clock()
        permits = tuple(
            name
            for name, one in entries.items()
            if one.number and one.permit.at(node) and one.permit.not_after + CLOCK_LEEWAY > now
        )
        return self.book.issuer.revoked(Revoked(node, newest, permits), now)

    def _newest(self, entries: Mapping[str, Entry]) -> Mapping[str, int]:
        """The number of each node's list, worked out once for each state of the book."""
        known = self._known
        if known is not None and known[0] is entries:
            return known[1]
        found: dict[str, int] = {}
        for one in entries.values():
            for holding in one.permit.datasets if one.number else ():
                found[holding.node] = max(found.get(holding.node, 0), one.number)
        self._known = (entries, found)
        return found

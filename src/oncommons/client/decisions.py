"""Decisions about applications at a hub, over its public wire: what the pages for those who decide call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from oncommons.client.transport import Caller, File, in_path


class Decisions(Caller):
    """Decisions at a hub, as one caller sees them."""

    def mine(self) -> dict[str, Any]:
        """What waits for the caller, the most urgent first, and every application that they know.

        Raises:
            NotSignedIn: the session has ended.
        """
        return self._call("GET", "/api/decisions")

    def one(self, application: str) -> dict[str, Any]:
        """An application, as far as it is the caller's to see.

        Raises:
            NotFound: there is none, or they have nothing to do with it.
        """
        return self._call("GET", f"/api/decisions/{in_path(application)}")

    def step(self, application: str, holder: str, move: str, sent: Mapping[str, Any]) -> dict[str, Any]:
        """Take a step; the application after it.

        Args:
            application: Its identifier.
            holder: In whose case; empty for the application itself.
            move: Of the table of states.
            sent: What the step says, and ``seen``.

        Raises:
            NotTheirMove: it is not for the caller to do, or not now.
            MovedOn: what they looked at has changed since.
        """
        case = f"/holders/{in_path(holder)}" if holder else ""
        return self._call("POST", f"/api/decisions/{in_path(application)}{case}/{in_path(move)}", dict(sent))

    def document(self, application: str, document: str) -> File:
        """A document of an application; raises as :meth:`one`."""
        return self.transport.fetch(f"/api/decisions/{in_path(application)}/documents/{in_path(document)}")

    def permits(self) -> list[dict[str, Any]]:
        """The caller's permits, the newest first."""
        found: list[dict[str, Any]] = self._call("GET", "/api/permits")["permits"]
        return found

    def new_pass(self, permit: str) -> str:
        """A new pass for one of the caller's permits, told this once."""
        return str(self._call("POST", f"/api/permits/{in_path(permit)}/pass", {})["pass"])

    def uses(self) -> dict[str, Any]:
        """Permits that name data of the organisations at which the caller looks after data or decides."""
        return self._call("GET", "/api/uses")

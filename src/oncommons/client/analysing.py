"""Analyses at a hub, over its public wire: what the pages that make and follow them call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from oncommons.client.transport import Caller, in_path

_SLACK = 15.0
"""Seconds that a reply may take beyond those for which it is waited."""


class Analysing(Caller):
    """Analyses at a hub, as one caller sees them: their pass and session go along with every call."""

    def analyses(self) -> dict[str, Any]:
        """The analyses that the hub can put together, and which nodes make them."""
        return self._call("GET", "/api/analyses")

    def begin(self, run: Mapping[str, Any]) -> str:
        """Begin a run; its identifier.

        Args:
            run: As :mod:`oncommons.schema.run` has it.

        Raises:
            QuestionError: it asks for what cannot be; ``at`` says where.
            PermitError: no pass is shown, or its permit does not let it through.
        """
        return str(self._call("POST", "/api/runs", dict(run))["id"])

    def one(self, identifier: str, wait: float = 0) -> dict[str, Any]:
        """How far a run is, and its record once it is done.

        Args:
            identifier: Of the run.
            wait: Seconds to wait for its end.

        Raises:
            NotFound: there is none, or it is somebody else's.
        """
        params = {"wait": wait} if wait else None
        return self._call("GET", f"/api/runs/{in_path(identifier)}", params=params, timeout=wait + _SLACK)

    def cancel(self, identifier: str) -> None:
        """End a run before it is done; raises as :meth:`one`."""
        self._call("POST", f"/api/runs/{in_path(identifier)}/cancel", {})

    def mine(self) -> list[dict[str, Any]]:
        """The caller's own runs, the newest first."""
        found: list[dict[str, Any]] = self._call("GET", "/api/runs")["runs"]
        return found

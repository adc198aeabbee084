"""What a hub tells of projects to everybody, and of its audit log to officers, over its public wire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from oncommons.client.transport import Caller, in_path


class Records(Caller):
    """Projects and audit entries of a hub, as one caller sees them."""

    def projects(self) -> list[dict[str, Any]]:
        """Every project that was given a permit, those that go on first."""
        found: list[dict[str, Any]] = self.transport.call("GET", "/api/projects")["projects"]
        return found

    def project(self, permit: str) -> dict[str, Any]:
        """One project.

        Raises:
            NotFound: there is none.
        """
        return self._call("GET", f"/api/projects/{in_path(permit)}")

    def entries(self, wanted: Mapping[str, str]) -> dict[str, Any]:
        """A page of entries of the hub's audit log, and whether it is whole; see the route for what can be wanted.

        Raises:
            NotSignedIn: the session has ended.
            NotAllowed: the caller is neither an access officer nor an operator.
            BadRequest: what is wanted cannot be.
        """
        params = {name: value for name, value in wanted.items() if value}
        return self._call("GET", "/api/audit/entries", params=params, timeout=120.0)

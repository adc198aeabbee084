"""A person's inbox at a hub, over its public wire: what the pages call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from oncommons.client.transport import Caller, in_path


class Inbox(Caller):
    """The inbox of one caller."""

    def counts(self) -> dict[str, int]:
        """How much waits (``waiting``), and how much news is ``unread``.

        Raises:
            NotSignedIn: the session has ended.
        """
        return self._call("GET", "/api/account/inbox/count")

    def look(self, page: int = 1) -> dict[str, Any]:
        """What waits, and a page of news."""
        return self._call("GET", "/api/account/inbox", params={"page": str(page)})

    def read(self, notices: Sequence[str] | None = None) -> None:
        """Mark notices as read; all of them where none is named."""
        self._call("POST", "/api/account/inbox/read", body={"all": True} if notices is None else {"ids": list(notices)})

    def wishes(self) -> dict[str, Any]:
        """How the caller is told by e-mail (``wishes``), and whether the hub sends any (``sends``)."""
        return self._call("GET", "/api/account/inbox/wishes")

    def wish(self, wishes: Mapping[str, str]) -> None:
        """Choose how to be told, kind by kind."""
        self._call("PUT", "/api/account/inbox/wishes", body=dict(wishes))

    def watches(self) -> list[dict[str, Any]]:
        """The numbers of saved questions for which the caller waits: ``id``, ``name``, ``reach``, ``until``, ``permit``.

        Those under a permit are there for a caller who shows its pass.
        """
        found: list[dict[str, Any]] = self._call("GET", "/api/account/watches")["watches"]
        return found

    def leave(self, question: str) -> None:
        """Wait no more for the numbers of a saved question."""
        self._call("DELETE", f"/api/account/watches/{in_path(question)}")

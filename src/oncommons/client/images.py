"""The images of a node, opened under a permit: a token of the hub, made anew when it is about to end."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING, Any

from oncommons.schema.federation import ImageToken

if TYPE_CHECKING:
    from oncommons.client.connection import Connection

EARLIER_SECONDS = 60.0
"""So long before its end a token is not used any more; clocks differ, and a request takes its time."""


class Images:
    """Opens the images of a node for programs that speak DICOMweb.

    It is what ``requests`` takes as ``auth``, and so what ``dicomweb-client`` takes with its session.

    Args:
        connection: The hub.
        node: Name of the node.
        permit: The pass of a permit.
        clock: Seconds since the epoch.
    """

    def __init__(self, connection: Connection, node: str, permit: str, clock: Callable[[], float] = time.time) -> None:
        self.node = node
        self._connection, self._permit, self._clock = connection, permit, clock
        self._lock = Lock()
        self._token: ImageToken | None = None

    def token(self) -> str:
        """A token that holds for at least a minute more, unless the permit ends before.

        Raises:
            PermitError: as :meth:`oncommons.Connection.image_token`.
            HubUnreachable: the hub cannot be reached.
        """
        with self._lock:
            if self._token is None or self._clock() > self._token.ends - EARLIER_SECONDS:
                self._token = self._connection.image_token(self.node, self._permit)
            return self._token.token

    def __call__(self, request: Any) -> Any:
        """Show the token with a request of ``requests``."""
        request.headers["Authorization"] = f"Bearer {self.token()}"
        return request

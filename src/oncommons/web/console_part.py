"""What every part of a node's console is made of: the node's own API, its look, and where requests come from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from oncommons.client.steward import Steward


@dataclass(frozen=True)
class ConsolePart:
    """Some pages of the console.

    Attributes:
        steward: To the node.
        page: Makes a page from its template.
        witness: What the browser said of where a request comes from.
    """

    steward: Steward
    page: Callable[..., Response]
    witness: Callable[[Request], Mapping[str, str]]

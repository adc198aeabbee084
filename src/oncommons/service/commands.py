"""What the commands of hub and node share: the ``--json`` option and one way to say a result."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


@dataclass(frozen=True)
class Wiring:
    """What the front door hands to the commands, as Typer's context object.

    Attributes:
        find_version: Finds the version of oncommons, which takes longer than most commands need to start.
        finish: Puts pages over a hub's application (ASGI); the hub itself does not know the web.
        finish_console: Puts the data manager's pages over the application of a node's console.
    """

    find_version: Callable[[], str]
    finish: Callable[[Any], None]
    finish_console: Callable[[Any], None] = lambda _: None

    @property
    def version(self) -> str:
        """Version of oncommons."""
        return self.find_version()


def say(body: Any, text: str, *, as_json: bool) -> None:
    """Print a result on standard output: as JSON in one line, or as text."""
    typer.echo(json.dumps(body, ensure_ascii=False) if as_json else text)

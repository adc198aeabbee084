"""What the commands of hub and node share: the ``--json`` option and one way to say a result."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any

import typer

INTERRUPTED = 130
"""Exit code of a command that Ctrl-C has ended, as shells have it: 128 and the number of the signal."""
UNCHANGED = "Nothing has changed; repeat the command to try again."
"""What becomes of work that is done as a whole or not at all, when it is stopped."""
INCOMPLETE = 30
"""Exit code of a command of the node that has done its work but for what it could not read or get: that of a node that
cannot do its work."""
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


class Terminated(KeyboardInterrupt):
    """The process was asked to end, as a system does that shuts down; for a service that is no fault."""


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


@contextmanager
def stoppable(words: str) -> Iterator[None]:
    """Work that a person may stop with Ctrl-C: it is told in a sentence what stays, and how to go on.

    The command ends with 130 after Ctrl-C, and with 0 after :class:`Terminated`.

    Args:
        words: What became of what was done so far, and how to go on.
    """
    try:
        yield
    except KeyboardInterrupt as stopped:
        typer.echo(f"Stopped. {words}", err=True)
        raise typer.Exit(0 if isinstance(stopped, Terminated) else INTERRUPTED) from None


def end_when_terminated() -> None:
    """Have SIGTERM end this process as Ctrl-C does, with all that is still to be done in order."""
    signal.signal(signal.SIGTERM, _terminate)


def _terminate(_number: int, _frame: object) -> None:
    raise Terminated

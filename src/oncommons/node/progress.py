"""What a person at a terminal sees of a command at work; programs and logs see nothing of it.

The package that draws it is only brought where somebody looks: to begin takes longer with it.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import cast


@contextmanager
def advancing(words: str, total: Callable[[], int | None]) -> Iterator[Callable[[], None]]:
    """A bar that goes on by one each time the function is called that is given.

    Nothing is begun before the first call, since drawing takes a thread and processes are begun while there is none.

    Args:
        words: What is done.
        total: Tells how many there will be, nothing where that is not known; it is asked where somebody looks.
    """
    if not sys.stderr.isatty():
        yield _nothing
        return
    drawing, console = importlib.import_module("rich.progress"), importlib.import_module("rich.console").Console
    columns = [*drawing.Progress.get_default_columns(), drawing.MofNCompleteColumn()]
    progress = drawing.Progress(*columns, console=console(stderr=True))
    bar = progress.add_task(importlib.import_module("rich.markup").escape(words), total=total())

    def advance() -> None:
        progress.start()
        progress.advance(bar)

    try:
        yield advance
    finally:
        progress.stop()


def working(words: str) -> AbstractContextManager[object]:
    """A sign, while a block lasts, that something is done.

    Args:
        words: What is done.
    """
    if not sys.stderr.isatty():
        return nullcontext()
    console = importlib.import_module("rich.console").Console(stderr=True)
    return cast("AbstractContextManager[object]", console.status(words))


def _nothing() -> None:
    """Nobody looks."""

"""Ways in that other packages bring: an entry point of the group ``oncommons.sources``.

``oncommons node import xnat:LUNG`` asks the source that a package has registered as ``xnat`` for what it calls
``LUNG``.  A source finds objects and gives their bytes; what becomes of each is decided behind it, as for every way in.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TypeAlias, cast

from oncommons.imaging.pieces import Data
from oncommons.node.receive.archive import arrivals_in
from oncommons.node.receive.arrival import Arrival
from oncommons.schema.errors import OncommonsError, UnreadableSource

GROUP = "oncommons.sources"
ImageSource: TypeAlias = Callable[[str, Path], Iterable[Arrival]]
"""Given what follows the colon, and a directory for large files, the objects there; each can be pickled."""
_NAMED = re.compile(r"([a-z][a-z0-9_-]+):(.*)", re.DOTALL)


def arrivals_from(named: str, room: Path) -> Iterator[Arrival]:
    """The objects at a place: files of a folder or archive, or those of a source that a package brings.

    Args:
        named: A path, or the name of a source, a colon, and what that source is to find; an existing path is a path.
        room: Directory in which large files lie while they are taken in.

    Raises:
        UnreadableSource: there is no such place or source, or the source failed.
    """
    name, rest = split(named)
    if not name:
        return arrivals_in(Path(named), room)
    return _told(name, partial(_loaded(name), rest, room))


def split(named: str) -> tuple[str, str]:
    """The name of a source and what it is to find; of a path, an empty name and the path."""
    match = _NAMED.fullmatch(named)
    if match is None or os.path.exists(named):  # noqa: PTH110  also of what is too long for a path
        return "", named
    return match[1], match[2]


def installed() -> dict[str, EntryPoint]:
    """The sources that installed packages bring, by name."""
    return {point.name: point for point in entry_points(group=GROUP)}


def _loaded(name: str) -> ImageSource:
    sources = installed()
    if name not in sources:
        have = ", ".join(sorted(sources)) or "none"
        raise UnreadableSource(f"There is no source {name!r} and no such file; sources that are installed: {have}.")
    try:
        return cast("ImageSource", sources[name].load())
    except Exception as fault:
        raise UnreadableSource(f"The source {name!r} does not start: {_kind(fault)}.", detail=repr(fault)) from fault


@dataclass(frozen=True)
class _Told:
    """An object of a source, whose faults are told as those of the source itself."""

    name: str
    source: str
    arrival: Arrival

    @property
    def content(self) -> Data:
        """Its bytes, where it holds them already."""
        held: Data = getattr(self.arrival, "content", b"")
        return held

    def read(self) -> Data:
        """Its bytes."""
        with _telling(self.source):
            return self.arrival.read()


def _told(name: str, begin: Callable[[], Iterable[Arrival]]) -> Iterator[Arrival]:
    """The objects of a source."""
    with _telling(name):
        for arrival in begin():
            yield _Told(arrival.name, name, arrival)


@contextmanager
def _telling(source: str) -> Iterator[None]:
    """Tell the faults of a source without their words, which may name somebody."""
    try:
        yield
    except OncommonsError:
        raise
    except Exception as fault:
        said = f"The source {source!r} failed: {_kind(fault)}. What was kept stays; repeat the command to take in the rest."
        raise UnreadableSource(said, detail=repr(fault)) from fault


def _kind(fault: Exception) -> str:
    return type(fault).__name__

"""A watched folder: files are ready when they have stopped changing.

Found by looking again and again, which works on every file system, network shares included.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from oncommons.node.receive.folder import files_in
from oncommons.storage.files import plain_file_errors

DONE = "done"
"""Folder in the watched one that files are moved to."""
_MOST_ROOMS = 10_000
Mark: TypeAlias = tuple[int, int]
"""Size in bytes and time of the last change in nanoseconds."""


@dataclass(frozen=True)
class Seen:
    """What is known of a file.

    Attributes:
        mark: Its size and time when it was last looked at.
        since: Since when it has them, in seconds of a steady clock.
        ready: Whether it was told to be ready.
    """

    mark: Mark
    since: float
    ready: bool = False


def step(
    before: Mapping[Path, Seen], there: Mapping[Path, Mark], now: float, quiet: float
) -> tuple[list[Path], dict[Path, Seen]]:
    """Which files have become ready, and what is known now.

    A file is ready once; if it changes afterwards, it is ready again.  A file that has gone is forgotten.

    Args:
        before: What was known.
        there: The files that are there.
        now: Seconds of a steady clock.
        quiet: Seconds that a file must not have changed.
    """
    after, ready = {}, []
    for path, mark in there.items():
        seen = before.get(path)
        if seen is None or seen.mark != mark:
            seen = Seen(mark, now)
        if not seen.ready and now - seen.since >= quiet:
            seen = replace(seen, ready=True)
            ready.append(path)
        after[path] = seen
    return ready, after


def scan(folder: Path) -> dict[Path, Mark]:
    """Every entry below a folder that is not a folder; those in its ``done`` are left out, and links are not followed.

    Raises:
        UnreadableSource: the folder cannot be listed.
    """
    found, done = {}, folder / DONE
    for path in files_in(folder):
        if not path.is_relative_to(done):
            with suppress(OSError):  # it has gone meanwhile
                about = os.lstat(path)
                found[path] = (about.st_size, about.st_mtime_ns)
    return found


def watch(folder: Path, quiet: float, clock: Callable[[], float], wait: Callable[[], bool]) -> Iterator[list[Path]]:
    """The files of a folder, a few at a time, as they become ready.

    Args:
        folder: The folder.
        quiet: Seconds that a file must not have changed.
        clock: Seconds of a steady clock.
        wait: Waits until the next look; true ends it.

    Raises:
        UnreadableSource: the folder cannot be listed.
    """
    known: dict[Path, Seen] = {}
    ended = False
    while not ended:
        ready, known = step(known, scan(folder), clock(), quiet)
        if ready:
            yield ready
        ended = wait()


def origin_of(name: str, files: Mapping[str, Path]) -> Path | None:
    """The file that something came from: itself, or the archive that it is in.

    Args:
        name: The name of what came in.
        files: The files it may have come from, by their names.
    """
    while name not in files:
        name, slash, _ = name.rpartition("/")
        if not slash:
            return None
    return files[name]


def move_away(path: Path, folder: Path) -> None:
    """Move a file of a watched folder into its ``done``, and never over another; one that has gone stays so.

    Raises:
        MachineError: it cannot be moved.
    """
    inside = path.relative_to(folder)
    with plain_file_errors():
        places = (folder / DONE / room / inside for room in ("", *map(str, range(2, _MOST_ROOMS))))
        place = next(place for place in places if not os.path.lexists(place))
        place.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):
            path.rename(place)

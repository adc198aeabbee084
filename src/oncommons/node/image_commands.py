"""Commands of a node's data manager for images: taking them in, and what waits in quarantine."""

from __future__ import annotations

import gc
import os
import pwd
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Annotated

import typer

from oncommons.node.flow import import_images, reject_images, release_images
from oncommons.node.home import Home, open_home
from oncommons.node.intake import ImageReport, Taken
from oncommons.node.progress import advancing
from oncommons.node.receive.archive import arrivals_of, is_archive
from oncommons.node.receive.arrival import Arrival
from oncommons.node.receive.folder import files_in
from oncommons.node.receive.sources import arrivals_from, split
from oncommons.node.receive.table import About
from oncommons.node.receive.watched import move_away, origin_of, watch
from oncommons.schema.errors import NotFound, UnreadableSource, every_error
from oncommons.service.commands import AsJson, say
from oncommons.storage.decisions import Decision, Person
from oncommons.storage.ledger import Entry, Ledger

Dir = Annotated[Path, typer.Option("--dir", envvar="ONCOMMONS_NODE", help="Directory of the node.")]
HERE = Path()

quarantine = typer.Typer(help="Files that were laid aside and wait for a person.")
Files = Annotated[list[str], typer.Argument(help="Files, by the beginning of their digest as the list shows it.")]
_SHORTEST = 8
_OBJECTS = 10_000
"""New objects after which garbage is looked for while images are imported."""


def take_in(home: Home, named: str, dataset: str, title: str, processes: int, *, as_json: bool) -> None:
    """Take in a folder, an archive, a file of images or those of a source, and tell what became of each in four numbers.

    Args:
        home: The node.
        named: The folder, archive or file; or a source, a colon, and what it is to find.
        dataset: Which dataset they belong to; empty for the folder's name.
        title: The dataset's title; empty for its name.
        processes: How many processes de-identify; 0 chooses.
        as_json: Whether the report is told as JSON.

    Raises:
        UnreadableSource: there is no such place or source; or a source is given without a dataset.
    """
    source, rest = split(named)
    if source and not dataset:
        raise UnreadableSource(f"What comes from the source {source!r} needs --dataset NAME.")
    folder = rest if source else os.fsencode(Path(named).resolve().name).decode("utf-8", "replace")  # any bytes
    name = dataset or folder
    with (
        _collecting_rarely(),
        advancing(f"Importing {folder}", lambda: None if source else expected(Path(named))) as advance,
    ):
        arrivals = arrivals_from(named, home.drafts)
        report = import_images(home, arrivals, name, About(title), lambda *_: advance(), processes)
    say({"dataset": name, **report.to_json()}, _report_text(name, report), as_json=as_json)


@contextmanager
def _collecting_rarely() -> Iterator[None]:
    """Look for garbage among what the block makes alone, and rarely: an import hardly leaves any."""
    often = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_OBJECTS, *often[1:])
    try:
        yield
    finally:
        gc.set_threshold(*often)
        gc.unfreeze()


@dataclass(frozen=True)
class Watching:
    """A folder that is watched, and how.

    Attributes:
        place: The folder.
        dataset: Which dataset its images belong to.
        title: The dataset's title; empty for its name.
        quiet: Seconds that a file must not have changed.
        move: Whether files that are kept are moved into its sub-folder ``done``.
    """

    place: Path
    dataset: str
    title: str = ""
    quiet: float = 10
    move: bool = False


def keep_watch(
    home: Home,
    watching: Watching,
    clock: Callable[[], float],
    wait: Callable[[], bool],
    *,
    as_json: bool,
    ended: Callable[[], bool] = lambda: False,
) -> None:
    """Take in the files of a folder as they become ready, and tell each time what became of them.

    Args:
        home: The node.
        watching: The folder, and how it is watched.
        clock: Seconds of a steady clock.
        wait: Waits until the next look; true ends it.
        as_json: Whether what came is told as JSON, a line each time.
        ended: Whether no more files are to be taken in; those that are left out are not moved, and come again.
    """
    for ready in watch(watching.place, watching.quiet, clock, wait):
        report, kept = _take_ready(home, watching, ready, ended)
        for path in kept if watching.move and not ended() else []:
            move_away(path, watching.place)
        say({"dataset": watching.dataset, **report.to_json()}, _report_text(watching.dataset, report), as_json=as_json)


def _take_ready(
    home: Home, watching: Watching, ready: Sequence[Path], ended: Callable[[], bool]
) -> tuple[ImageReport, list[Path]]:
    """What came of files that have become ready, and those of which all is kept."""
    names, left = {str(path): path for path in ready}, set()

    def tell(arrival: Arrival, taken: Taken) -> None:
        if taken.outcome not in {"kept", "duplicate"}:
            left.add(origin_of(arrival.name, names))

    arrivals = takewhile(lambda _: not ended(), arrivals_of(ready, room=home.drafts))
    report = import_images(home, arrivals, watching.dataset, About(watching.title), tell)
    return report, [path for path in ready if path not in left]


def expected(place: Path) -> int | None:
    """How many files will come in; nothing where there are archives, which tell when they are read."""
    total = 0
    for path in files_in(place):
        if is_archive(path, any_name=path == place):
            return None
        total += 1
    return total


def _report_text(dataset: str, report: ImageReport) -> str:
    reasons = {kind.code: kind.title for kind in every_error()}
    lines = [
        f"{report.came:,} files came in; each is in one of these four numbers:",
        f"  {report.kept:>8,} kept, de-identified; dataset {dataset} has {report.series:,} series now",
        f"  {report.duplicate:>8,} were there already",
        *(f"           {n:>8,} in dataset {name}, where they stay" for name, n in sorted(report.elsewhere.items())),
        f"  {report.quarantined.total():>8,} in quarantine",
        *(f"           {n:>8,} {reasons[code]} ({code})" for code, n in sorted(report.quarantined.items())),
        f"  {report.refused:>8,} are not DICOM",
    ]
    if report.faces:
        lines.append(
            f"From {len(report.faces):,} of the series a face could be rebuilt: they are slices of a head. "
            "Do not publish them without a permit that covers it."
        )
    if report.quarantined:
        lines.append("Next: oncommons node quarantine list")
    return "\n".join(lines)


@quarantine.command("list", epilog="Example: oncommons node quarantine list --dir ./athens")
def list_waiting(
    folder: Dir = HERE,
    decided: Annotated[bool, typer.Option("--decided", help="Tell instead what people decided, and who.")] = False,
    as_json: AsJson = False,
) -> None:
    """Tell which files wait, and why; or what people decided about files, the newest first."""
    with closing(Ledger(open_home(folder).ledger_file)) as ledger:
        waiting, made = ledger.waiting(), ledger.decisions()
    if decided:
        told = [{"file": d.digest, **d.to_json()} for d in made]
        text = "\n".join(f"{d.digest[:16]}  {_decision_text(d)}" for d in made)
        say({"decided": told}, text or "Nothing was decided.", as_json=as_json)
        return
    by_file: dict[str, list[Decision]] = {}
    for one in made:
        by_file.setdefault(one.digest, []).append(one)
    body, lines = [], []
    for e in waiting:
        found = by_file.get(e.digest, [])
        fields = {"file": e.digest, "dataset": e.dataset, "code": e.code, "reason": e.reason, "bytes": e.size}
        body.append({**fields, "decisions": [d.to_json() for d in found]})
        lines.append(f"{e.digest[:16]}  {e.code}  {e.reason}  ({e.size:,} bytes, for {e.dataset})")
        lines += [f"{'':16}  {_decision_text(d)}" for d in found]
    say({"quarantine": body}, "\n".join(lines) or "Nothing is in quarantine.", as_json=as_json)


def _decision_text(one: Decision) -> str:
    return f"{one.what} by {one.who} ({one.way}) at {one.made}: {one.became}"


def this_person() -> Person:
    """The user of this machine who runs a command; behind sudo also who called it."""
    try:
        name = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a container may run under a number without a name
        name = f"user {os.getuid()}"
    caller = os.environ.get("SUDO_USER", name)
    return Person(name if caller == name else f"{caller} as {name}", "command line")


@quarantine.command("release", epilog="Example: oncommons node quarantine release 3f2a91c07b5d --dir ./athens")
def release(files: Files, folder: Dir = HERE, as_json: AsJson = False) -> None:
    """Keep files whose pixels you have looked at and found to show nothing that tells who the patient is.

    They are de-identified as all others.  A file that waits for another reason is tried again.
    """
    home = open_home(folder)
    told = release_images(home, _named(home, files), this_person())
    body = [{"file": t.digest, "outcome": t.outcome, "code": t.code, "reason": t.message} for t in told]
    lines = [f"{t.digest[:16]}  {t.outcome}{f'  {t.code}  {t.message}' if t.code else ''}" for t in told]
    say({"released": body}, "\n".join(lines), as_json=as_json)


@quarantine.command("reject", epilog="Example: oncommons node quarantine reject 3f2a91c07b5d --dir ./athens")
def reject(files: Files, folder: Dir = HERE, as_json: AsJson = False) -> None:
    """Delete the copies of files in quarantine; if they come again, they are refused."""
    home = open_home(folder)
    waiting = _named(home, files)
    reject_images(home, waiting, this_person())
    text = "\n".join(f"{e.digest[:16]}  rejected" for e in waiting)
    say({"rejected": [e.digest for e in waiting]}, text, as_json=as_json)


def _named(home: Home, files: Sequence[str]) -> list[Entry]:
    """Files of quarantine by the beginning of their digest; all are found, or none is touched."""
    with closing(Ledger(home.ledger_file)) as ledger:
        return [_one(ledger, name) for name in files]


def _one(ledger: Ledger, name: str) -> Entry:
    found = ledger.find(name) if len(name) >= _SHORTEST and name.isalnum() else []
    if len(found) != 1 or found[0].outcome != "quarantined":
        raise NotFound(f"No single file of quarantine begins with {name[:64]!r}; oncommons node quarantine list.")
    return found[0]

"""What a node does beside answering its hub, in the same process: it receives, watches a folder, and serves its console."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from threading import Event, Thread
from time import monotonic
from typing import Any

import typer

from oncommons.node.home import Home
from oncommons.node.image_commands import Watching, keep_watch
from oncommons.node.pacs import Reception
from oncommons.node.pacs_console import tally_text
from oncommons.node.receive.dimse.listening import Listening
from oncommons.node.receive.table import About
from oncommons.schema.errors import OncommonsError, UnreadableSource

log = logging.getLogger("oncommons.node")

_SENT = "received"
"""Dataset of what is sent to the console, where no other is named."""
_LOOK_SECONDS = 5.0
"""How often a watched folder is looked at."""
_PAUSE_SECONDS = 60.0
"""How long a watched folder that cannot be used is left alone."""


@dataclass(frozen=True)
class Asked:
    """What a node is asked to do beside answering.

    Attributes:
        dataset: Which dataset the images belong to that come in.
        title: The dataset's title; empty for its name.
        receive: Port to receive images at; nothing where it does not receive.
        aet: Its application entity title.
        calling: AE titles that may send; none for all.
        watch: Folder to watch; nothing where none is watched.
        quiet: Seconds that a file there must not have changed.
        move: Whether files that are kept are moved away.
        console: Port of its console; nothing where it is not served.
        dicomweb: Whether the console serves DICOMweb.
        beacon: Whether the console serves a GA4GH Beacon.
        host: Address to listen at; empty for all addresses when receiving, and for this machine only at the console.
        certificate: PEM file of its certificate, for TLS and HTTPS.
        key: PEM file of the certificate's key.
        ca: PEM file of the authorities whose senders are let in.
    """

    dataset: str = ""
    title: str = ""
    receive: int | None = None
    aet: str = "ONCOMMONS"
    calling: tuple[str, ...] = ()
    watch: Path | None = None
    quiet: float = 10
    move: bool = False
    console: int | None = None
    dicomweb: bool = False
    beacon: bool = False
    host: str = ""
    certificate: str = ""
    key: str = ""
    ca: str = ""


Told = tuple[dict[str, Any], list[str]]
"""What there is to tell, as JSON and in lines."""


@contextmanager
def beside(home: Home, asked: Asked, finish: Callable[[Any], None], *, as_json: bool) -> Iterator[Told]:
    """Do what is asked as long as the block lasts, and tell of it; what is being taken in when it ends is finished.

    Args:
        home: The node.
        asked: What it is asked to do.
        finish: Puts pages over the console.
        as_json: Whether what comes out of the watched folder is told as JSON, a line each time.

    Raises:
        UnreadableSource: there is no such folder, or the dataset has no name.
        MissingPackage: a package is not installed.
        PacsError: a title cannot be one.
        MachineError: a port, a certificate or the disk cannot be used.
    """
    if not asked.dataset and (asked.receive is not None or asked.watch):
        raise UnreadableSource("The dataset needs a name: --dataset NAME.")
    if asked.watch and not asked.watch.is_dir():
        raise UnreadableSource(f"There is no folder {asked.watch.name} to watch.")
    body: dict[str, Any] = {}
    lines: list[str] = []
    with ExitStack() as inside:
        if asked.receive is not None:
            port = _receive(home, asked, asked.receive, inside)
            body |= {"receiving": asked.aet, "port": port}
            lines.append(f"{asked.aet} receives at port {port}, for dataset {asked.dataset}.")
        if asked.console is not None:
            serving = import_module("oncommons.node.console_serving")  # a node without a console needs no web server
            place = (asked.host or "127.0.0.1", asked.console, asked.certificate, asked.key)
            more = {"dicomweb": asked.dicomweb, "beacon": asked.beacon}
            told = serving.Asked(*place, dataset=asked.dataset or _SENT, **more)
            console = inside.enter_context(serving.ConsoleBeside(home, told, finish))
            body |= {"console": dict(console.body)}
            lines.append(console.text)
        if asked.watch:
            name = os.fsencode(asked.watch).decode("utf-8", "replace")
            watching = Watching(asked.watch, asked.dataset, asked.title, asked.quiet, asked.move)
            _watch(home, watching, inside, as_json=as_json)
            body |= {"watching": name}
            lines.append(f"Watching {name}, for dataset {asked.dataset}.")
        yield body, lines


def _receive(home: Home, asked: Asked, port: int, inside: ExitStack) -> int:
    """Receive until the stack is closed; gives the port."""
    secure = (asked.certificate, asked.key, asked.ca)
    settings = Listening(asked.dataset, asked.aet, asked.host, port, asked.calling, *secure)
    reception = Reception(home, settings, About(asked.title))
    inside.callback(lambda: typer.echo(tally_text(reception.tally), err=True))
    inside.enter_context(reception)
    indexing = Thread(target=reception.index_until_ended, name="oncommons index")
    indexing.start()
    inside.callback(indexing.join)
    inside.callback(reception.end_indexing)
    return reception.port


def _watch(home: Home, watching: Watching, inside: ExitStack, *, as_json: bool) -> None:
    ended = Event()
    thread = Thread(target=watch_on, args=[home, watching, ended], kwargs={"as_json": as_json}, name="oncommons folder")
    thread.start()
    inside.callback(thread.join)
    inside.callback(ended.set)


def watch_on(
    home: Home,
    watching: Watching,
    ended: Event,
    *,
    as_json: bool,
    pauses: tuple[float, float] = (_LOOK_SECONDS, _PAUSE_SECONDS),
) -> None:
    """Watch a folder until told to end; where the folder or the disk cannot be used, try again after a while.

    Args:
        home: The node.
        watching: The folder, and how it is watched.
        ended: Set when it is to end.
        as_json: Whether what came is told as JSON.
        pauses: Seconds between two looks, and after a fault.
    """
    look, pause = pauses
    while not ended.is_set():
        try:
            keep_watch(home, watching, monotonic, lambda: ended.wait(look), as_json=as_json, ended=ended.is_set)
        except OncommonsError as fault:
            log.error(  # noqa: TRY400  an error of ours says what to do, and a traceback would not
                "The watched folder is looked at again in %.0f s: %s %s %s",
                pause,
                fault.code,
                fault.message,
                fault.detail,
            )
        except Exception:
            log.exception("The watched folder is looked at again in %.0f s.", pause)
        else:
            break
        ended.wait(pause)

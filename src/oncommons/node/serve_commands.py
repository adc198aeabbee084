"""The command that runs a node: answering its hub, and what else is wanted, in one process."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from oncommons.node.home import open_home
from oncommons.node.image_commands import HERE, Dir
from oncommons.service.commands import AsJson, Wiring, end_when_terminated, say, stoppable
from oncommons.service.logs import start_logs
from oncommons.service.memory import keep_startup

ReceiveAt = Annotated[
    int | None,
    typer.Option(
        "--receive", min=0, max=65535, help="Port to receive images at, too (DICOM C-STORE); 0 takes a free one."
    ),
]
ConsoleAt = Annotated[
    int | None,
    typer.Option("--console", min=0, max=65535, help="Port to serve the console at, too; 0 takes a free one."),
]
Host = Annotated[
    str,
    typer.Option(
        help="Address to listen at; if left out, images are received at all addresses of this machine, and the "
        "console is for this machine only."
    ),
]
Aet = Annotated[str, typer.Option(help="Receiving: application entity title of this node.")]
Calling = Annotated[list[str] | None, typer.Option(help="Receiving: a title that may send; may be repeated.")]
Ca = Annotated[str, typer.Option(help="Receiving: PEM file of the certificates to let in.")]
Quiet = Annotated[float, typer.Option(min=0, help="Watching: seconds that a file must not have changed.")]
Move = Annotated[bool, typer.Option("--move", help="Watching: move what is kept into the sub-folder done.")]
DicomWeb = Annotated[bool, typer.Option("--dicomweb", help="Console: serve DICOMweb under /dicom-web.")]
Beacon = Annotated[
    bool, typer.Option("--beacon", help="Console: serve a GA4GH Beacon of released counts under /beacon.")
]

_STOPPED = "The node answers no more; what has come in is kept. Start it again with the same command."


def serve(
    context: typer.Context,
    folder: Dir = HERE,
    receive: ReceiveAt = None,
    watch: Annotated[Path | None, typer.Option(help="Folder to watch, too.")] = None,
    console: ConsoleAt = None,
    dataset: Annotated[str, typer.Option(help="Which dataset the images belong to that come in.")] = "",
    title: Annotated[str, typer.Option(help="The dataset's title.")] = "",
    aet: Aet = "ONCOMMONS",
    calling: Calling = None,
    quiet: Quiet = 10,
    move: Move = False,
    dicomweb: DicomWeb = False,
    beacon: Beacon = False,
    host: Host = "",
    certificate: Annotated[str, typer.Option(help="PEM file of this node's certificate, for TLS and HTTPS.")] = "",
    key: Annotated[str, typer.Option(help="PEM file of the certificate's key.")] = "",
    ca: Ca = "",
    verbose: Annotated[bool, typer.Option("--verbose", help="Log every step.")] = False,
    as_json: AsJson = False,
) -> None:
    """Answer the hub's questions until stopped; with more options, receive, watch a folder and serve the console, too.

    Without --receive and --console no port is opened.
    """
    start_logs(verbose=verbose)
    home = open_home(folder)
    membership = home.joined()
    wiring: Wiring = context.obj
    end_when_terminated()
    work = import_module("oncommons.node.beside")  # the other commands start without it
    asked: dict[str, Any] = {"dataset": dataset.strip(), "title": title}
    asked |= {"host": host, "certificate": certificate, "key": key, "ca": ca}
    asked |= {"receive": receive, "aet": aet, "calling": tuple(calling or ())}
    asked |= {"watch": watch, "quiet": quiet, "move": move, "console": console, "dicomweb": dicomweb, "beacon": beacon}
    what = work.Asked(**asked)
    running = work.beside(home, what, wiring.finish_console, as_json=as_json)
    with stoppable(_STOPPED), running as (beside, lines):
        answers = f"{membership.name} answers the questions of {membership.url}. Ctrl-C ends it."
        body = {"serving": membership.name, "url": membership.url, **beside}
        say(body, "\n".join([*lines, answers]), as_json=as_json)
        keep_startup()
        import_module("oncommons.node.membership").serve_node(home, wiring.version)

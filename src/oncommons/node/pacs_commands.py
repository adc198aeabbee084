"""Commands of a node's data manager for archives: receiving what they send, and pulling studies from them."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from oncommons.node.home import open_home
from oncommons.node.image_commands import HERE, Dir
from oncommons.service.commands import INCOMPLETE, AsJson, say, stoppable
from oncommons.service.logs import start_logs

Dataset = Annotated[str, typer.Option(help="Which dataset the images belong to.")]
Title = Annotated[str, typer.Option(help="The dataset's title.")]
Aet = Annotated[str, typer.Option(help="Application entity title of this node.")]
Host = Annotated[str, typer.Option(help="Address to listen at; all addresses of this machine if left out.")]
Port = Annotated[int, typer.Option(min=0, max=65535, help="Port to listen at; 0 takes a free one.")]
Certificate = Annotated[str, typer.Option(help="PEM file of this node's certificate; switches TLS on.")]
Key = Annotated[str, typer.Option(help="PEM file of the certificate's private key.")]
Ca = Annotated[str, typer.Option(help="PEM file of the certificates to trust.")]


def receive(
    dataset: Dataset,
    folder: Dir = HERE,
    title: Title = "",
    aet: Aet = "ONCOMMONS",
    host: Host = "",
    port: Port = 11112,
    calling: Annotated[list[str] | None, typer.Option(help="A title that may send; may be repeated.")] = None,
    associations: Annotated[int, typer.Option(min=1, help="How many senders may be connected at a time.")] = 16,
    certificate: Certificate = "",
    key: Key = "",
    ca: Ca = "",
    verbose: Annotated[bool, typer.Option("--verbose", help="Log every connection.")] = False,
    as_json: AsJson = False,
) -> None:
    """Receive images from archives and scanners (DICOM C-STORE) until stopped.

    Each object is de-identified and kept, or laid aside, before its sender is told that it has arrived.  Nothing can be
    asked for at this port.  With --ca, only senders with a certificate are let in.
    """
    start_logs(verbose=verbose)
    settings = {
        "dataset": dataset,
        "aet": aet,
        "host": host,
        "port": port,
        "calling": tuple(calling or ()),
        "certificate": certificate,
        "key": key,
        "ca": ca,
        "associations": associations,
    }
    console = _console()
    with stoppable("What was received is kept and indexed; start it again to receive more."):
        console.receive(open_home(folder), settings, title, as_json=as_json)


def pull(
    archive: Annotated[
        str,
        typer.Argument(help="dicom:TITLE@HOST:PORT, dicom+tls:TITLE@HOST:PORT, or the address of DICOMweb services."),
    ],
    dataset: Dataset,
    folder: Dir = HERE,
    study: Annotated[list[str] | None, typer.Option(help="A Study Instance UID; may be repeated.")] = None,
    studies: Annotated[Path | None, typer.Option(help="CSV file with a column of Study Instance UIDs.")] = None,
    title: Title = "",
    aet: Aet = "ONCOMMONS",
    host: Host = "",
    port: Port = 11112,
    certificate: Certificate = "",
    key: Key = "",
    ca: Ca = "",
    user: Annotated[str, typer.Option(envvar="ONCOMMONS_PACS_USER", help="DICOMweb: name of the user.")] = "",
    password: Annotated[str, typer.Option(envvar="ONCOMMONS_PACS_PASSWORD", help="DICOMweb: the password.")] = "",
    token: Annotated[str, typer.Option(envvar="ONCOMMONS_PACS_TOKEN", help="DICOMweb: a bearer token.")] = "",
    as_json: AsJson = False,
) -> None:
    """Fetch studies from an archive, and tell of each whether all of it is here.

    A dicom: archive sends to --port of this node, under the title --aet, which its people must have entered there.
    What is kept is not fetched again, so a pull that was stopped is repeated.  The exit code is 30 where something lacks.
    """
    console = _console()
    settings = {"dataset": dataset, "aet": aet, "host": host, "port": port}
    settings |= {"certificate": certificate, "key": key, "ca": ca}
    login = console.Login(user, password, token, ca)
    with stoppable("What has arrived stays; repeat the command for the rest."):
        report = console.pull(open_home(folder), (archive, study or [], studies), login, settings, title)
    say({"dataset": dataset, **report.to_json()}, console.pull_text(report), as_json=as_json)
    if not report.is_complete:
        raise typer.Exit(INCOMPLETE)


def _console() -> Any:
    return import_module("oncommons.node.pacs_console")

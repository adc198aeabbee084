"""Commands of a data manager for images that people of permits have: serve them, and see who had which."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from importlib import import_module
from typing import Annotated, Any

import typer

from oncommons.node.home import Home, open_home
from oncommons.node.image_commands import HERE, Dir
from oncommons.node.permitting import day
from oncommons.node.recording import open_log, record
from oncommons.service.commands import AsJson, say
from oncommons.service.logs import start_logs
from oncommons.storage.permitted import Permitted

SERVE_EXAMPLE = "Example: oncommons node permits serve --url https://images.hospital.example --dir ./athens"
VISITS_EXAMPLE = "Example: oncommons node permits visits --uid 2.25.7400478248304 --dir ./athens"


def serve_images(
    folder: Dir = HERE,
    host: Annotated[str, typer.Option(help="Address to listen at; the proxy in front must reach it.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port; 0 takes a free one.", min=0, max=65535)] = 8644,
    url: Annotated[str, typer.Option(help="Address under which researchers reach it, where that is another.")] = "",
    origin: Annotated[
        list[str] | None,
        typer.Option(help="Address of a viewer whose pages may ask, such as https://viewer.example; may be repeated."),
    ] = None,
    certificate: Annotated[str, typer.Option(help="PEM file of a certificate, to serve HTTPS itself.")] = "",
    key: Annotated[str, typer.Option(help="PEM file of the certificate's key.")] = "",
    verbose: Annotated[bool, typer.Option("--verbose", help="Log every step.")] = False,
    as_json: AsJson = False,
) -> None:
    """Serve images by DICOMweb to people whose permits name them, until stopped; see policy --images."""
    start_logs(verbose=verbose)
    serving = import_module("oncommons.node.outside_serving")  # the other commands need no server
    listen = import_module("oncommons.service.serving").Listen(host, port, certificate, key)
    asked = serving.AskedOutside(listen, url, tuple(origin or ()))
    serving.serve_outside(open_home(folder), asked, partial(say, as_json=as_json))


def visits(
    uid: Annotated[str, typer.Option(help="Only who asked for this study, series or object, by its identifier.")] = "",
    forget_before: Annotated[
        str,
        typer.Option(help="First delete whose the tokens were that were shown before this day, such as 2027-01-31."),
    ] = "",
    folder: Dir = HERE,
    as_json: AsJson = False,
) -> None:
    """List whose tokens were shown here for images, and how often each asked, refusals included."""
    home = open_home(folder)
    with closing(Permitted(home.permits_file)) as ledger:
        if forget_before:
            gone = ledger.forget_visits(day(forget_before, "forget-before"))
            record(home, "permit", {"what": "names behind tokens deleted", "before": forget_before, "tokens": gone})
        known = {one.token: one for one in ledger.visits()}
    found: list[dict[str, Any]] = [
        {"token": token, "permit": permit, "person": known[token].person if token in known else None}
        | {"requests": len(times), "first": times[0], "last": times[-1]}
        for token, (permit, times) in _asked(home, uid).items()
    ]
    lines = [
        f"{v['last'][:16]}  {v['permit']:<20} {v['person'] or 'name deleted':<20} {v['requests']:,} requests"
        for v in found
    ]
    say({"visits": found}, "\n".join(lines) or "Nobody has.", as_json=as_json)


def _asked(home: Home, uid: str) -> dict[str, tuple[str, list[str]]]:
    """Token to its permit and the times at which it was shown; for one study, series or object where it is named."""
    wanted = import_module("oncommons.node.outside").tracer(home)(uid) if uid else ""
    found: dict[str, tuple[str, list[str]]] = {}
    for entry in _entries(home):
        body = entry["body"]
        if not wanted or wanted in {body.get(name) for name in ("study", "series", "sop")}:
            found.setdefault(body["token"], (body["permit"], []))[1].append(entry["time"])
    return found


def _entries(home: Home) -> Iterator[dict[str, Any]]:
    """Entries of the audit log that are about images."""
    with closing(open_log(home)) as log:
        for line in log.lines():
            entry = json.loads(line)
            if entry["kind"] == "images":
                yield entry

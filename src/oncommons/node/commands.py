"""Commands of a node's data manager."""

from __future__ import annotations

import importlib
import os
from functools import partial
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Annotated, Any

import typer

from oncommons.node.analysis_commands import analyses
from oncommons.node.budget_commands import budget_command, budget_shown
from oncommons.node.check_commands import check
from oncommons.node.clinical_commands import clinical
from oncommons.node.compressing import load_codec
from oncommons.node.confiding import load_mechanism
from oncommons.node.home import Home, make_home, open_home
from oncommons.node.image_commands import HERE, Dir, Watching, keep_watch, quarantine
from oncommons.node.import_commands import IMPORT_EXAMPLE, import_command
from oncommons.node.mapping_commands import mappings
from oncommons.node.optout_commands import optout
from oncommons.node.optouts import open_seen
from oncommons.node.outside_commands import SERVE_EXAMPLE, VISITS_EXAMPLE, serve_images, visits
from oncommons.node.pacs_commands import pull, receive
from oncommons.node.partner_commands import partners
from oncommons.node.permit_commands import permits
from oncommons.node.recording import record
from oncommons.node.run_commands import AGREE_EXAMPLE, DECLINE_EXAMPLE, WAITING_EXAMPLE, agree, decline, waiting
from oncommons.node.serve_commands import serve
from oncommons.policy.access.demands import DEMANDS, SHOWINGS, Demand, Showing
from oncommons.policy.disclosure.counts import DEFAULT_K, Policy
from oncommons.schema.errors import BadPolicy
from oncommons.service.commands import AsJson, Wiring, end_when_terminated, say, stoppable
from oncommons.service.logs import start_logs
from oncommons.storage.blobs import blobs_at

app = typer.Typer(no_args_is_help=True, help="Run a node: data stay here, answers go out.")
app.add_typer(quarantine, name="quarantine")
app.add_typer(mappings, name="mappings")
app.add_typer(optout, name="optout")
permits.command("serve", epilog=SERVE_EXAMPLE)(serve_images)
permits.command("visits", epilog=VISITS_EXAMPLE)(visits)
permits.command("waiting", epilog=WAITING_EXAMPLE)(waiting)
permits.command("agree", epilog=AGREE_EXAMPLE)(agree)
permits.command("decline", epilog=DECLINE_EXAMPLE)(decline)
app.add_typer(permits, name="permits")
app.add_typer(analyses, name="analyses")
app.add_typer(partners, name="partners")
app.command("check", epilog="Example: oncommons node check --dataset lung --dir ./athens")(check)

Rule = Annotated[str, typer.Option(help="noise, threshold, private, or open for data that are public anyway.")]
K = Annotated[int, typer.Option(help="The threshold: the larger it is, the less can be learned of few people.")]


@app.command("init", epilog="Example: oncommons node init ./athens --policy noise --k 10")
def init(
    folder: Annotated[Path, typer.Argument(help="Directory to make.")],
    policy: Rule = "noise",
    k: K = DEFAULT_K,
    images: Annotated[str, typer.Option(help="Object store for the images, such as s3://bucket/athens.")] = "",
    compress: Annotated[bool, typer.Option("--compress", help="Keep images losslessly compressed.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make a node: its directory, its key and its disclosure policy."""
    if images:
        blobs_at(images)
    if compress:
        load_codec()
    home = make_home(folder, _policy_of(policy, k), images, compress=compress)
    record(home, "policy", {"policy": str(home.policy)})
    text = f"{folder} is a node. Next: oncommons node join URL CODE --dir {folder}"
    say({"node": str(folder), "policy": str(home.policy)}, text, as_json=as_json)


@app.command("join", epilog="Example: oncommons node join https://hub.example.org CODE --dir ./athens")
def join(
    context: typer.Context,
    url: Annotated[str, typer.Argument(help="Address of the hub.")],
    code: Annotated[str, typer.Argument(help="The one-time code that the hub's operator gave.")],
    folder: Dir = HERE,
    ca: Annotated[str, typer.Option(help="File of certificates to trust, such as a corporate CA's.")] = "",
    as_json: AsJson = False,
) -> None:
    """Join a federation with an invitation; registers this node's public key and pins the hub's."""
    wiring: Wiring = context.obj
    work = importlib.import_module("oncommons.node.membership")  # the other commands need no hub
    membership = work.join_hub(open_home(folder), url, code, ca, wiring.version).joined()
    text = f"Joined {membership.url} as {membership.name}. Next: node import and node serve, with --dir {folder}"
    say({"name": membership.name, "url": membership.url}, text, as_json=as_json)


@app.command("policy", epilog="Example: oncommons node policy noise --k 10 --dir ./athens")
def policy(
    rule: Annotated[
        str, typer.Argument(help="noise, threshold, private, or open for data that are public anyway; else it stays.")
    ] = "",
    k: Annotated[int | None, typer.Option(help="The threshold, with a rule; 10 where it is left out.")] = None,
    permits: Annotated[
        str,
        typer.Option(
            help="optional, required, or a permit and your own consent: consent to its project, or run to each question."
        ),
    ] = "",
    images: Annotated[
        str, typer.Option(help="Images for the outside: off, permit, or consent: a permit and your own consent to it.")
    ] = "",
    folder: Dir = HERE,
    as_json: AsJson = False,
) -> None:
    """Change the disclosure policy, which permits are needed, or who outside may have images.

    A serving node follows at its next start; what is said of images holds at once.
    """
    if not rule and k is not None:
        raise BadPolicy("--k belongs to a rule: name it, too. Nothing was changed.")
    home, demand, showing = open_home(folder), _demand_of(permits), _showing_of(images)
    if rule:
        home = home.with_policy(_policy_of(rule, DEFAULT_K if k is None else k))
    if demand is not None:
        home = home.with_demand(demand)
    if showing is not None:
        home = home.with_showing(showing)
    body = {"policy": str(home.policy), "permits": home.demand, "images": home.showing}
    record(home, "policy", body)
    text = f"Policy: {home.policy}. Permits: {home.demand}."
    text += f" Images for the outside: {home.showing}." if home.showing != "off" else ""
    say(body, text, as_json=as_json)


app.command("budget", epilog="Example: oncommons node budget --tests 5000 --days 30 --hourly 500 --dir ./athens")(
    budget_command
)


@app.command("compress", epilog="Example: oncommons node compress --dir ./athens")
def compress_command(
    folder: Dir = HERE,
    off: Annotated[bool, typer.Option("--off", help="Keep pixels as they come again.")] = False,
    as_json: AsJson = False,
) -> None:
    """Keep images losslessly compressed (JPEG-LS) from now on; what is kept already stays as it is.

    Imports follow at once; a console, a receiver and a watched folder at their next start.
    """
    home = open_home(folder)
    if not off:
        load_codec()
    home.with_compress(compress=not off)
    text = "Pixels are kept as they come." if off else "Images that come from now on are kept losslessly compressed."
    say({"compress": not off}, text, as_json=as_json)


app.command("import", epilog=IMPORT_EXAMPLE)(import_command)
app.command("clinical", epilog="Example: oncommons node clinical outcomes.csv --mapping outcomes.toml --dir ./athens")(
    clinical
)
app.command("receive", epilog="Example: oncommons node receive --port 11112 --dataset lung --dir ./athens")(receive)
app.command("serve", epilog="Example: oncommons node serve --receive 11112 --dataset lung --dir ./athens")(serve)
app.command("pull", epilog="Example: oncommons node pull dicom:ARCHIVE@10.1.2.3:104 --study 1.2.3 --dataset lung")(pull)


@app.command("watch", epilog="Example: oncommons node watch /mnt/export --dataset lung --move --dir ./athens")
def watch_command(
    place: Annotated[Path, typer.Argument(metavar="FOLDER", help="The folder to watch.")],
    dataset: Annotated[str, typer.Option(help="Which dataset the images belong to.")],
    folder: Dir = HERE,
    title: Annotated[str, typer.Option(help="The dataset's title.")] = "",
    quiet: Annotated[float, typer.Option(min=0, help="Seconds that a file must not have changed.")] = 10,
    every: Annotated[float, typer.Option(min=0.01, help="Seconds between two looks.")] = 5,
    move: Annotated[bool, typer.Option("--move", help="Move what is kept into the folder's sub-folder done.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take in the images and archives that are put into a folder, until stopped."""
    home = open_home(folder)
    end_when_terminated()
    name, ended = os.fsencode(place).decode("utf-8", "replace"), Event()
    say({"watching": name}, f"Watching {name}. Ctrl-C ends it.", as_json=as_json)
    watching = Watching(place, dataset, title, quiet, move)
    with stoppable("What was taken in so far stays; start it again for the rest."):
        keep_watch(home, watching, monotonic, lambda: ended.wait(every), as_json=as_json)


@app.command("console", epilog="Example: oncommons node console --dicomweb --dir ./athens")
def console(
    context: typer.Context,
    folder: Dir = HERE,
    host: Annotated[
        str, typer.Option(help="Address to listen at; 0.0.0.0 for every address of this machine.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port; 0 takes a free one.", min=0, max=65535)] = 8643,
    url: Annotated[str, typer.Option(help="Address under which others reach it, where that is another.")] = "",
    dicomweb: Annotated[bool, typer.Option("--dicomweb", help="Serve DICOMweb under /dicom-web.")] = False,
    beacon: Annotated[bool, typer.Option("--beacon", help="Serve a GA4GH Beacon under /beacon.")] = False,
    dataset: Annotated[str, typer.Option(help="Dataset of the images that are sent by DICOMweb.")] = "received",
    origin: Annotated[
        list[str] | None,
        typer.Option(help="Address of a viewer whose pages may ask, such as https://viewer.example; may be repeated."),
    ] = None,
    new_token: Annotated[bool, typer.Option("--new-token", help="Make a new token; the old one ends.")] = False,
    certificate: Annotated[str, typer.Option(help="PEM file of a certificate, to serve HTTPS itself.")] = "",
    key: Annotated[str, typer.Option(help="PEM file of the certificate's key.")] = "",
    verbose: Annotated[bool, typer.Option("--verbose", help="Log every step.")] = False,
    as_json: AsJson = False,
) -> None:
    """Serve this node inside the hospital, to those who have its token, until stopped."""
    start_logs(verbose=verbose)
    serving = importlib.import_module("oncommons.node.console_serving")  # the other commands need no server
    asked = serving.Asked(
        host=host,
        port=port,
        certificate=certificate,
        key=key,
        url=url,
        origins=tuple(origin or ()),
        dicomweb=dicomweb,
        beacon=beacon,
        dataset=dataset,
        new_token=new_token,
    )
    wiring: Wiring = context.obj
    tell = partial(say, as_json=as_json)
    serving.serve_console(open_home(folder), asked, tell, wiring.finish_console)


@app.command("status", epilog="Example: oncommons node status --dir ./athens")
def status(folder: Dir = HERE, as_json: AsJson = False) -> None:
    """Tell what this node is, holds and releases."""
    home = open_home(folder)
    body = _status(home)
    lines = [f"{key:<10} {value}" for key, value in body.items()]
    say(body, "\n".join(lines), as_json=as_json)


def _status(home: Home) -> dict[str, Any]:
    connection = open_seen(home)
    datasets, series = 0, 0
    if connection is not None:
        with connection:
            found = connection.execute(
                "SELECT (SELECT count(*) FROM dataset), (SELECT count(*) FROM series)"
            ).fetchall()
            datasets, series = found[0]
    return {
        "name": home.membership.name if home.membership else "not joined",
        "hub": home.membership.url if home.membership else "",
        "policy": str(home.policy),
        **({"permits": home.demand} if home.demand != "optional" else {}),
        **({"images": f"for the outside: {home.showing}"} if home.showing != "off" else {}),
        **({"budget": budget_shown(home)} if home.policy.rule == "private" else {}),
        "datasets": datasets,
        "series": series,
    }


def _demand_of(named: str) -> Demand | None:
    """What a node is to demand, or nothing where nothing is named."""
    if named and named not in DEMANDS:
        raise BadPolicy(f"--permits is {', '.join(DEMANDS)}, not {named[:30]!r}. Nothing was changed.")
    return DEMANDS[named] if named else None


def _showing_of(named: str) -> Showing | None:
    """Who outside is to have images, or nothing where nothing is named."""
    if named and named not in SHOWINGS:
        raise BadPolicy(f"--images is {', '.join(SHOWINGS)}, not {named[:30]!r}. Nothing was changed.")
    return SHOWINGS[named] if named else None


def _policy_of(rule: str, k: int) -> Policy:
    """A policy that this node can apply."""
    policy = Policy.of(rule, k)
    if policy.rule == "private":
        load_mechanism()
    return policy

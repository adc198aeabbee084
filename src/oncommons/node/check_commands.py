"""The command that checks the images that a node keeps."""

from __future__ import annotations

from contextlib import closing
from importlib import import_module
from typing import Annotated

import typer

from oncommons.node.home import Home, open_home
from oncommons.node.image_commands import HERE, Dir
from oncommons.node.progress import working
from oncommons.service.commands import AsJson, say, stoppable
from oncommons.storage.ledger import Ledger

NOTHING = "This node holds nothing yet. Next: oncommons node import FOLDER"


def check(
    folder: Dir = HERE,
    dataset: Annotated[str, typer.Option(help="One dataset; all if left out.")] = "",
    quick: Annotated[
        bool, typer.Option("--quick", help="Believe the ledger instead of reading the files again.")
    ] = False,
    pixels: Annotated[
        bool, typer.Option("--pixels", help="Decode compressed pixels, too, every frame; needs the extra [viewer].")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Check the images: series that are not whole, contradictions, copies, links, and how well people hide.

    Of every dataset, tables included, it tells how much of what the headers state is mapped to codes, and what is not.

    The result is noted, so that the next check tells what has changed.  With --json the true numbers are for this
    node's own people; ``card`` holds what may be published.
    """
    work = import_module("oncommons.node.checking")  # the other commands start without them
    quality, wording = (import_module(f"oncommons.node.report.{name}") for name in ("quality", "wording"))
    home = open_home(folder)
    coverage = import_module("oncommons.node.report.harmonised")
    with stoppable("What was checked so far is lost; repeat the command."), working("Checking …"):
        found = import_module("oncommons.node.harmonising").checked(home, dataset)
        reports = [] if found and not kept(home, dataset) else work.check(home, dataset, quick=quick, pixels=pixels)
    body = [{**report.to_json(), "card": quality.quality_card(report, home.policy)} for report in reports]
    texts = [*map(wording.report_text, reports), *map(coverage.coverage_text, found)]
    told = {"datasets": body, "mapped": [one.to_json() for one in found]}
    say(told, "\n\n".join(texts) or NOTHING, as_json=as_json)


def kept(home: Home, dataset: str) -> bool:
    """Whether a node keeps images of a dataset, or any."""
    with closing(Ledger(home.ledger_file)) as ledger:
        return any(counts.get("kept") and dataset in {"", name} for name, counts in ledger.outcomes().items())

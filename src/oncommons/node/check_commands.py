"""The command that checks the images that a node keeps."""

from __future__ import annotations

from importlib import import_module
from typing import Annotated

import typer
from rich.console import Console

from oncommons.node.home import open_home
from oncommons.node.image_commands import HERE, Dir
from oncommons.service.commands import AsJson, say

NOTHING = "This node keeps no images yet. Next: oncommons node import FOLDER"


def check(
    folder: Dir = HERE,
    dataset: Annotated[str, typer.Option(help="One dataset; all if left out.")] = "",
    quick: Annotated[
        bool, typer.Option("--quick", help="Believe the ledger instead of reading the files again.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Check the images: series that are not whole, contradictions, copies, links, and how well people hide.

    The result is noted, so that the next check tells what has changed.  With --json the true numbers are for this
    node's own people; ``card`` holds what may be published.
    """
    work = import_module("oncommons.node.checking")  # the other commands start without them
    quality, wording = (import_module(f"oncommons.node.report.{name}") for name in ("quality", "wording"))
    home = open_home(folder)
    with Console(stderr=True).status("Checking the images …"):
        reports = work.check(home, dataset, quick=quick)
    body = [{**report.to_json(), "card": quality.quality_card(report, home.policy)} for report in reports]
    say({"datasets": body}, "\n\n".join(map(wording.report_text, reports)) or NOTHING, as_json=as_json)

"""Commands of a data manager for single questions: what waits for their consent, agree, decline."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Annotated, Any

import typer

from oncommons.node.home import open_home
from oncommons.node.image_commands import HERE, Dir, this_person
from oncommons.node.permitting import AGREED_DAYS, MOST_DAYS, Manager
from oncommons.schema.permit import written
from oncommons.service.commands import AsJson, say

WAITING_EXAMPLE = "Example: oncommons node permits waiting --dir ./athens"
AGREE_EXAMPLE = "Example: oncommons node permits agree 3f2a91c07b5d --dir ./athens"
DECLINE_EXAMPLE = (
    "Example: oncommons node permits decline 3f2a91c07b5d --reason 'Please leave out the age.' --dir ./athens"
)
Name = Annotated[str, typer.Argument(help="Which question, as permits waiting names it.")]


def waiting(folder: Dir = HERE, as_json: AsJson = False) -> None:
    """List the questions that wait for your consent, and those that you decided about of late: who asks what, and for what."""
    home = open_home(folder)
    found = import_module("oncommons.node.shown").runs_json(
        home
    )  # needs cryptography, which other commands start without
    lines = [line for one in found for line in _lines(one)]
    if home.demand != "run":
        lines.append("This node does not ask for consent to each question: oncommons node policy --permits run.")
    say({"runs": found}, "\n".join(lines) or "Nothing waits.", as_json=as_json)


def agree(
    run: Name,
    days: Annotated[int, typer.Option(min=1, max=MOST_DAYS, help="Days within which it can be asked.")] = AGREED_DAYS,
    folder: Dir = HERE,
    as_json: AsJson = False,
) -> None:
    """Consent to one question under one permit: it is answered once, when it is asked again in time."""
    home = open_home(folder)
    done = Manager(home, this_person()).agree(run, days)
    ends = written(int(done.until))
    text = f"Agreed: {done.id} is answered once, where it is asked again before {ends}."
    say({"run": done.id, "state": done.state, "until": ends}, text, as_json=as_json)


def decline(
    run: Name,
    reason: Annotated[str, typer.Option(help="Why, for whoever asks: one line, no digits, nothing about patients.")],
    folder: Dir = HERE,
    as_json: AsJson = False,
) -> None:
    """Decline one question under one permit; whoever asks it again is told the reason."""
    home = open_home(folder)
    done = Manager(home, this_person()).decline(run, reason)
    text = f"Declined: whoever asks {done.id} again is told why."
    say({"run": done.id, "state": done.state, "reason": done.reason}, text, as_json=as_json)


def _lines(one: dict[str, Any]) -> Iterator[str]:
    yield f"{one['run']}  {one['state']:<8} {one['person']} asks under {one['permit']} ({one['title'] or one['project']})"
    yield f"{'':14}{one['sentence']}"
    yield f"{'':14}For: {'; '.join(one['purpose']) or 'not known'}. Asked {one['asked']}, kept until {one['until']}."
    if one["reason"]:
        yield f"{'':14}Declined: {one['reason']}"

"""The command that shows and changes how much a project may ask of a node."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Annotated, Any

import typer

from oncommons.node.confiding import spending_of
from oncommons.node.home import Home, open_home
from oncommons.node.image_commands import HERE, Dir
from oncommons.node.recording import record
from oncommons.policy.disclosure.budget import Budget
from oncommons.policy.disclosure.privacy import MILLION, Privacy, shown
from oncommons.schema.errors import BadPolicy
from oncommons.service.commands import AsJson, say

_OPTIONS = {"noise": tuple(f.name for f in fields(Budget)), "private": tuple(f.name for f in fields(Privacy))}
"""Which options belong to a policy; others have no budget."""


def budget_command(
    tests: Annotated[
        int | None, typer.Option(help="noise: what the questions of a project may cost in a period.")
    ] = None,
    days: Annotated[int | None, typer.Option(help="Days of a period.")] = None,
    hourly: Annotated[int | None, typer.Option(help="noise: what they may cost in an hour.")] = None,
    epsilon: Annotated[float | None, typer.Option(help="private: what a question takes.")] = None,
    total: Annotated[float | None, typer.Option(help="private: what a project may take in a period.")] = None,
    altogether: Annotated[float | None, typer.Option(help="private: what all projects together may take.")] = None,
    datasets: Annotated[
        int | None, typer.Option(help="private: in how many of the node's datasets a person may be; 0 for all.")
    ] = None,
    rows: Annotated[
        int | None, typer.Option(help="private: how many rows of one person count, such as series; a power of two.")
    ] = None,
    folder: Dir = HERE,
    as_json: AsJson = False,
) -> None:
    """Show or change how much a project may ask, with the policies noise and private.

    What is not named stays. A serving node follows at its next start.
    """
    home = open_home(folder)
    given = {
        "tests": tests,
        "days": days,
        "hourly": hourly,
        "epsilon": epsilon,
        "total": total,
        "altogether": altogether,
        "datasets": datasets,
        "rows": rows,
    }
    home = _changed(home, {name: value for name, value in given.items() if value is not None})
    shown, text = {"noise": _noise, "private": _private}.get(home.policy.rule, _none)(home)
    say(shown, text, as_json=as_json)


def _changed(home: Home, named: Mapping[str, int | float]) -> Home:
    """The node with what is named changed.

    Raises:
        BadPolicy: its policy knows something of it not, or promises nothing then; nothing was changed.
    """
    rule = home.policy.rule
    known = _OPTIONS.get(rule, ())
    if foreign := [f"--{name}" for name in named if name not in known]:
        has = f"it has {', '.join(f'--{name}' for name in known)}" if known else "it has no budget"
        raise BadPolicy(f"The policy {rule} does not have {', '.join(foreign)}; {has}. Nothing was changed.")
    if not named:
        return home
    if rule == "private":
        changed = home.with_privacy(Privacy(**{**vars(home.privacy), **named}))
    else:
        changed = home.with_budget(Budget(**{**vars(home.budget), **named}))
    settings = vars(changed.privacy if rule == "private" else changed.budget)
    record(changed, "budget", {"policy": str(changed.policy), "budget": dict(settings)})
    return changed


def budget_shown(home: Home) -> str:
    """The budget of a node with the rule ``private`` in words, and what was spent of it.

    Args:
        home: The node.
    """
    privacy = home.privacy
    projects, altogether = spending_of(home.folder, privacy)
    parts = [
        f"a question takes epsilon {privacy.epsilon:g}",
        f"in {privacy.days:,} days all together have spent {shown(altogether)} of {privacy.altogether:g}",
        *(f"{project} {shown(spent)} of {privacy.total:g}" for project, spent in projects.items()),
    ]
    return "; ".join(parts) + "."


def _private(home: Home) -> tuple[dict[str, Any], str]:
    projects, altogether = spending_of(home.folder, home.privacy)
    spent = {project: loss / MILLION for project, loss in projects.items()}
    return vars(home.privacy) | {"spent": spent, "spent_altogether": altogether / MILLION}, budget_shown(home)


def _noise(home: Home) -> tuple[dict[str, Any], str]:
    b = home.budget
    text = f"The questions of a project may cost {b.tests:,} in {b.days:,} days, {b.hourly:,} in an hour."
    return vars(b), text


def _none(home: Home) -> tuple[dict[str, Any], str]:
    return {}, f"The policy {home.policy.rule} has no budget: who may ask may ask as much as they like."

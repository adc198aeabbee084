"""The command that shows and changes how much a project may ask of a node."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from oncommons.node.confiding import spending_of
from oncommons.node.home import Home, open_home
from oncommons.node.image_commands import HERE, Dir
from oncommons.policy.budget import Budget
from oncommons.policy.privacy import MILLION, Privacy, shown
from oncommons.service.commands import AsJson, say


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
    """Change how much a project may ask, with the policies noise and private; a serving node follows at its next start.

    With the policy private, what is not named stays, and what was spent is shown.
    """
    home = open_home(folder)
    if home.policy.rule == "private":
        chosen = {
            "epsilon": epsilon,
            "total": total,
            "altogether": altogether,
            "days": days,
            "datasets": datasets,
            "rows": rows,
        }
        named = {name: value for name, value in chosen.items() if value is not None}
        if named:
            home = home.with_privacy(Privacy(**{**vars(home.privacy), **named}))
        say(_private(home), budget_shown(home), as_json=as_json)
        return
    given = {"tests": tests, "days": days, "hourly": hourly}
    budget = home.with_budget(Budget(**{name: value for name, value in given.items() if value is not None})).budget
    text = (
        f"The questions of a project may cost {budget.tests:,} in {budget.days:,} days, {budget.hourly:,} in an hour."
    )
    say(vars(budget), text, as_json=as_json)


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


def _private(home: Home) -> dict[str, Any]:
    projects, altogether = spending_of(home.folder, home.privacy)
    spent = {project: loss / MILLION for project, loss in projects.items()}
    return vars(home.privacy) | {"spent": spent, "spent_altogether": altogether / MILLION}

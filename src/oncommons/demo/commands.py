"""The command ``oncommons demo``."""

from __future__ import annotations

import json
import signal
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from oncommons.client.connection import Connection
from oncommons.client.printing import print_answer
from oncommons.client.runs import make
from oncommons.demo.accounts import ACCOUNTS, new_password
from oncommons.demo.federation import Federation
from oncommons.demo.questions import NODES, QUESTIONS
from oncommons.demo.survival import RUN, TITLE, draw_survival, print_survival
from oncommons.schema.answer import Answer
from oncommons.schema.answer_json import answer_to_json

_DATASETS_SHOWN = 4
_INTERRUPTED = 130
_VISITOR = "visitor"
"""Whose the permit is where nobody has an account."""
_ENDING = (signal.SIGINT, signal.SIGTERM)

app = typer.Typer()


@app.command("demo", epilog="Example: oncommons demo --once --json")
def demo(
    once: Annotated[
        bool, typer.Option("--once", help="Ask, print and end; without it the hub's page stays open.")
    ] = False,
    people: Annotated[
        bool, typer.Option("--people", help="Four people with accounts: from a count to a permit, in a browser.")
    ] = False,
    figure: Annotated[str, typer.Option(help="File for the survival curves as SVG, which needs matplotlib.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
) -> None:
    """See a federation work: a hub and five nodes with a million real series and a trial, three questions and survival.

    Takes a free port and a directory of its own; Ctrl-C stops everything and leaves nothing behind.
    """
    password = new_password() if people else ""
    for number in _ENDING:
        signal.signal(number, _end_once)
    started = time.monotonic()
    answers: list[Answer] = []
    made: list[Curves] = []
    progress = Console(stderr=True, highlight=False)
    try:
        with tempfile.TemporaryDirectory(prefix="oncommons-demo-") as folder:
            tell = _steps(progress, started)
            progress.print("Starting a hub and five nodes with the index of the NCI Imaging Data Commons.")
            with Federation(Path(folder), NODES, tell, password) as federation:
                with federation.start() as connection:
                    answers += [_ask(connection, i, as_json=as_json) for i in range(len(QUESTIONS))]
                    made.append(_survive(federation, connection, as_json=as_json))
                if figure:
                    draw_survival(made[0].record, Path(figure))
                _finish(federation, answers, made[0], time.monotonic() - started, as_json=as_json)
                if not once:
                    _stay(federation, made[0])
    except KeyboardInterrupt:
        progress.print("Everything is stopped.")
        if not answers:
            raise typer.Exit(_INTERRUPTED) from None


@dataclass(frozen=True)
class Curves:
    """The analysis of the demonstration.

    Attributes:
        record: Of its run.
        seconds: So long it took.
        permit: The pass under which it was made.
    """

    record: Mapping[str, Any]
    seconds: float
    permit: str


def _end_once(_number: int, _frame: object) -> None:
    """End by the first signal; a second one must not stop the stopping, or processes would be left behind."""
    for number in _ENDING:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _steps(progress: Console, started: float) -> Any:
    def tell(step: str) -> None:
        progress.print(f"[dim]{time.monotonic() - started:5.1f} s[/dim]  {step}")

    return tell


def _ask(connection: Connection, i: int, *, as_json: bool) -> Answer:
    title, where, by = QUESTIONS[i]
    answer = connection.count("person", where, by, deadline=30)
    if not as_json:
        console = Console()
        console.rule(f"Question {i + 1}: {title}", align="left")
        print_answer(answer, console, _DATASETS_SHOWN)
    return answer


def _survive(federation: Federation, connection: Connection, *, as_json: bool) -> Curves:
    federation.take_trial()
    permit = federation.give_permit(ACCOUNTS[0].email if federation.password else _VISITOR)
    began = time.monotonic()
    record = make(connection, RUN, permit).record
    curves = Curves(record, time.monotonic() - began, permit)
    if not as_json:
        console = Console(highlight=False)
        console.rule(TITLE, align="left")
        print_survival(record, curves.seconds, console)
    return curves


def _finish(federation: Federation, answers: list[Answer], curves: Curves, seconds: float, *, as_json: bool) -> None:
    if as_json:
        body: dict[str, Any] = {"url": federation.url, "seconds": round(seconds, 1)}
        body |= {"answers": [answer_to_json(a) for a in answers]}
        body |= {"run": curves.record, "run_seconds": round(curves.seconds, 1), "permit": curves.permit}
        if federation.password:
            body |= {"password": federation.password, "people": [vars(one) for one in ACCOUNTS]}
        typer.echo(json.dumps(body, ensure_ascii=False))
    else:
        typer.echo(
            f"\nThree answers and an analysis after {seconds:.0f} s, from a federation of real processes on this machine."
        )
    sys.stdout.flush()


def _stay(federation: Federation, curves: Curves) -> None:
    if federation.password:
        typer.echo(f"\nFour people can sign in with the password  {federation.password}\n")
        for one in ACCOUNTS:
            typer.echo(f"  {one.email:<26}{one.role:<16}{one.sees}")
        typer.echo("")
    typer.echo(f"See the curves on a page: show the pass {curves.permit} at {federation.url}/permit,")
    typer.echo(f"and open {federation.url}/runs/{curves.record['id']}\n")
    typer.echo("Make other analyses of the trial, in another terminal, with:\n")
    typer.echo(f"  export ONCOMMONS_HUB_URL={federation.url} ONCOMMONS_PERMIT={curves.permit}\n")
    typer.echo(f"The hub's page stays open at {federation.url} until you press Ctrl-C.")
    sys.stdout.flush()
    signal.pause()

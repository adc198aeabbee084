"""The researcher's command: ``oncommons ask``."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from oncommons.client.connection import DEADLINE_SECONDS, connect
from oncommons.client.printing import print_answer
from oncommons.schema.answer_json import answer_to_json
from oncommons.schema.errors import MalformedQuestion
from oncommons.schema.parsing import parse_question, parse_question_text
from oncommons.schema.question import Question

Token = Annotated[
    str,
    typer.Option(
        envvar="ONCOMMONS_TOKEN", help="Your token, where the hub wants to know who asks; see /account there."
    ),
]

Permit = Annotated[
    str,
    typer.Option(envvar="ONCOMMONS_PERMIT", help="Your pass of a permit, to ask under it; keep it to yourself."),
]

app = typer.Typer(no_args_is_help=True, help="Ask a federation.")


@app.command("ask", epilog="Example: oncommons ask question.json --hub https://hub.example.org")
def ask(
    question: Annotated[str, typer.Argument(help="File with the question in JSON, or - for standard input.")],
    hub: Annotated[str, typer.Option(envvar="ONCOMMONS_HUB_URL", help="Address of the hub.")] = "http://127.0.0.1:8642",
    deadline: Annotated[
        float, typer.Option(help="Seconds to wait for slow nodes.", min=0.1, max=300)
    ] = DEADLINE_SECONDS,
    node: Annotated[
        list[str] | None, typer.Option(help="Ask only this node; may be repeated. The others never hear of it.")
    ] = None,
    permit: Permit = "",
    token: Token = "",
    ca: Annotated[str, typer.Option(help="File of certificates to trust, such as a corporate CA's.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
) -> None:
    """Put a cohort question to a federation and show the answer, explained."""
    asked = _addressed(parse_question_text(read_question(question)), node or [])
    with connect(hub, ca, token) as connection:
        answer = connection.ask(asked.to_json(), deadline, permit=permit)
    if as_json:
        typer.echo(json.dumps(answer_to_json(answer), ensure_ascii=False))
    else:
        print_answer(answer, Console())


def _addressed(question: Question, nodes: Sequence[str]) -> Question:
    """The question with the nodes of the options."""
    if not nodes:
        return question
    named = parse_question(question.to_json() | {"nodes": list(nodes)})
    if question.nodes not in {(), named.nodes}:
        raise MalformedQuestion("The question names other nodes than --node does; name them once.", at="nodes")
    return named


def read_question(name: str) -> bytes:
    """The bytes of a question in a file, or on standard input for ``-``.

    Raises:
        MalformedQuestion: the file cannot be read.
    """
    if name == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(name).read_bytes()
    except OSError as fault:
        raise MalformedQuestion(f"The question {name} cannot be read: {fault.strerror}.", detail=str(fault)) from fault

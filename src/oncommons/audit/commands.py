"""Commands of whoever answers for a hub or a node: prove, look through and hand on its audit log."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from oncommons.audit.opening import Opened, entries_of, fits, open_hub, open_node
from oncommons.audit.verifying import Report, checkpoints_in, claimed, read_log
from oncommons.schema.errors_of_protocols import AuditError, BadCheckpoint
from oncommons.service.commands import AsJson, say
from oncommons.service.identity import thumbprint_of
from oncommons.storage.chain import Entry
from oncommons.storage.files import plain_file_errors, private_file

app = typer.Typer(no_args_is_help=True, help="Prove what a hub or a node has done: its audit log.")

NOT_WHOLE = 50
"""Exit code where a log is not what it was."""
_WIDTH = 120
_SHOWN = 16

Node = Annotated[Path | None, typer.Option("--node", help="Directory of a node.")]
HubFolder = Annotated[Path | None, typer.Option("--hub", help="Directory of a hub.")]
Database = Annotated[
    str,
    typer.Option(
        envvar="ONCOMMONS_DATABASE", help="The hub's database, where it is another than that of the directory."
    ),
]


@app.command("verify", epilog="Example: oncommons audit verify --node ./athens --checkpoint from-the-hub.jsonl")
def verify_command(
    node: Node = None,
    hub: HubFolder = None,
    checkpoint: Annotated[
        list[Path] | None,
        typer.Option(help="File with checkpoints that others keep of the log, such as their export; may be repeated."),
    ] = None,
    database: Database = "",
    as_json: AsJson = False,
) -> None:
    """Prove that a log is what it was, without a network; the exit code is 50 where it is not.

    Removed, changed, reordered, repeated, inserted and cut-off entries are found, and named. With --node and --hub
    together each is compared with the checkpoints that the other keeps.
    """
    given = [text for file in checkpoint or () for text in checkpoints_in(_text(file))]
    with ExitStack() as stack:
        opened = _opened(stack, node, hub, database)
        _see_used(given, opened)
        before = [log.head() for log in opened]  # first, since a server may enter while we read
        read = [read_log(log.name, log.lines(), log.jwk) for log in opened]
        theirs = [[one.text for other in read if other is not here for one in other.kept] for here in read]
        reports = [
            here.report([head], [*given, *texts]) for here, head, texts in zip(read, before, theirs, strict=True)
        ]
    say(
        {"whole": all(r.is_whole for r in reports), "logs": [r.to_json() for r in reports]},
        "\n".join(line for report in reports for line in _lines(report)),
        as_json=as_json,
    )
    if not all(report.is_whole for report in reports):
        raise typer.Exit(NOT_WHOLE)


@app.command("list", epilog="Example: oncommons audit list --node ./athens --kind released --since 2026-11 --words MR")
def list_command(
    node: Node = None,
    hub: HubFolder = None,
    kind: Annotated[str, typer.Option(help="Only entries of this kind, such as released.")] = "",
    since: Annotated[str, typer.Option(help="Only entries since this time (UTC), such as 2026-11-23T08.")] = "",
    words: Annotated[str, typer.Option(help="Only entries in which all these words occur.")] = "",
    last: Annotated[int, typer.Option(min=1, help="At most so many, the last ones.")] = 50,
    database: Database = "",
    as_json: AsJson = False,
) -> None:
    """List what happened, the last entries last; whether the log is whole is proven by audit verify."""
    with ExitStack() as stack:
        log = _one(stack, node, hub, database)
        found = deque((e for e in entries_of(log) if fits(e, kind, since, words)), maxlen=last)
    text = "\n".join(_line(entry) for entry in found) or "No entry fits."
    say({"entries": [entry.to_json() for entry in found]}, text, as_json=as_json)


@app.command("export", epilog="Example: oncommons audit export athens.jsonl --node ./athens")
def export_command(
    file: Annotated[Path, typer.Argument(help="File to write, one entry a line; only its owner can read it.")],
    node: Node = None,
    hub: HubFolder = None,
    checkpoints: Annotated[
        bool, typer.Option("--checkpoints", help="Only the checkpoints that are kept of others, without the rest.")
    ] = False,
    database: Database = "",
    as_json: AsJson = False,
) -> None:
    """Write a log to a file as it is kept, or only the checkpoints in it, for others to compare with."""
    with ExitStack() as stack:
        log = _one(stack, node, hub, database)
        put = stack.enter_context(private_file(file))
        number = 0

        def lines() -> Iterator[str]:
            nonlocal number
            for line in _kept(log) if checkpoints else log.lines():
                number += 1
                yield f"{line}\n"

        put(lines())
    what = "checkpoints" if checkpoints else "entries"
    say({"file": str(file), what: number}, f"{number:,} {what} are in {file}.", as_json=as_json)


def _kept(log: Opened) -> Iterator[str]:
    kept = read_log(log.name, log.lines(), log.jwk).kept
    yield from (json.dumps(one.to_json()) for one in kept)


def _see_used(given: Sequence[str], opened: Sequence[Opened]) -> None:
    """See that each checkpoint that was named can be compared, or nobody would hear that none was.

    Raises:
        BadCheckpoint: none of them is of a log that is verified.
    """
    names = {thumbprint_of(log.jwk) for log in opened}
    if given and not any(claimed(text)[0] in names for text in given):
        raise BadCheckpoint("None of the checkpoints is of this log. Was its key replaced, or is the file another's?")


def _text(file: Path) -> str:
    with plain_file_errors():
        raw = file.read_bytes()
    found = raw.decode("utf-8", "replace")
    if not checkpoints_in(found):
        raise BadCheckpoint(f"There is no checkpoint in {file.name}.", detail=str(file))
    return found


def _opened(stack: ExitStack, node: Path | None, hub: Path | None, database: str) -> list[Opened]:
    found = [stack.enter_context(open_node(node))] if node is not None else []
    found += [stack.enter_context(open_hub(hub, database))] if hub is not None else []
    if not found:
        raise AuditError("Whose log? Say --node DIR or --hub DIR.")
    return found


def _one(stack: ExitStack, node: Path | None, hub: Path | None, database: str) -> Opened:
    found = _opened(stack, node, hub, database)
    if len(found) > 1:
        raise AuditError("One log at a time: --node DIR or --hub DIR.")
    return found[0]


def _lines(report: Report) -> list[str]:
    if report.last is None:
        return [f"{report.name}: the log has no entry that can be read.", *_faults(report)]
    end = f"the last is of {report.last.time}, hash {report.last.digest[:_SHOWN]}…"
    state = "are whole" if report.is_whole else "are NOT what they were"
    lines = [f"{report.name}: {report.entries:,} entries {state}; {end}", *_faults(report)]
    if report.compared:
        lines.append(f"  Compared with {report.compared:,} checkpoints that others keep of it.")
    else:
        lines.append("  Compared with nothing that others keep: whoever has this directory could have written it anew.")
    return [*lines, *(f"  Of others: {words}" for words in report.others)]


def _faults(report: Report) -> list[str]:
    return [f"  {fault.words}" for fault in report.faults]


def _line(entry: Entry) -> str:
    shown = {name: value for name, value in entry.body.items() if name != "checkpoint"}
    text = json.dumps(shown, ensure_ascii=False)
    return f"{entry.number:>7} {entry.time} {entry.kind:<10} {text if len(text) <= _WIDTH else text[:_WIDTH] + '…'}"

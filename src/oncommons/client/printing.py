"""An answer in the terminal: the sentence, the total, each node and dataset, and how far to trust them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.markup import escape

from oncommons.schema.answer import Answer, Count, CriterionUse, DatasetAnswer, Lack, NodeAnswer
from oncommons.schema.dictionary import ENTITIES

_MOST_DATASETS = 8
_NAME = 34
UNSEEN = dict.fromkeys([*range(32), *range(127, 160)])
"""Control characters are not printed: what hubs and nodes say comes from elsewhere and must not drive the terminal."""


def print_answer(answer: Answer, console: Console, most: int = _MOST_DATASETS) -> None:
    """Print an answer.

    Args:
        answer: The answer.
        console: Where to.
        most: Datasets to show of each node, those with most possible rows first.
    """
    for line in _lines(answer, most):
        console.print(line.translate(UNSEEN), highlight=False, soft_wrap=True)


def _lines(answer: Answer, most: int) -> Iterator[str]:
    yield ""
    yield f"[bold]{escape(answer.sentence)}[/bold]"
    if not answer.included:
        yield "[bold]No node answered, so nothing is known.[/bold]"
    else:
        yield _total(answer)
    for node in answer.not_included:
        if node.status == "waiting":
            yield f"[yellow]Not included: {escape(node.node)} waits for its data manager. {escape(node.reason)}[/yellow]"
        elif node.status != "unasked":
            yield f"[yellow]Not included: {escape(node.node)}, {node.status}. {escape(node.reason)}[/yellow]"
    if answer.not_asked:
        others = ", ".join(escape(node.node) for node in answer.not_asked)
        yield f"[yellow]Not asked: {others}. This is not the total of the federation.[/yellow]"
    for node in answer.nodes:
        if node.datasets:
            yield from _node(node, most)
    yield (
        "[dim]Certain: known to fulfil the question. Possible: not known to fail it. "
        "A person in two datasets counts in each.[/dim]"
    )


def _total(answer: Answer) -> str:
    asked = f" that were asked, of {len(answer.nodes)} in the federation," if answer.not_asked else ""
    return (
        f"Certain [bold]{answer.certain}[/bold], possible [bold]{answer.possible}[/bold], "
        f"from {len(answer.included)} of {len(answer.asked)} nodes{asked} in {answer.milliseconds} ms."
    )


def _node(node: NodeAnswer, most: int) -> Iterator[str]:
    yield ""
    late = " [yellow](late, not counted)[/yellow]" if node.status == "late" else ""
    yield f"[bold]{_row(node.node, node.certain, node.possible)}[/bold]{late}"
    yield f"  [dim]{escape(node.policy)}; {node.milliseconds} ms[/dim]"
    yield from _uses(node)
    shown = _largest(node.datasets, most)
    for dataset in shown:
        yield _row(f"  {dataset.dataset}", dataset.certain, dataset.possible)
        for group in dataset.groups:
            key = ", ".join(code or "not recorded" for code in group.key.values())
            yield _row(f"    {key}", group.certain, group.possible)
        lacks = _lacks(dataset.lacking)
        if lacks:
            yield f"    [dim]{lacks}[/dim]"
    rest = len(node.datasets) - len(shown)
    if rest:
        yield f"  [dim]and {rest} more datasets[/dim]"


def _row(name: str, certain: Count, possible: Count) -> str:
    words = "/".join(dict.fromkeys((certain.precision, possible.precision)))
    return f"{escape(name):<{_NAME}} {certain!s:>14} certain {possible!s:>15} possible  {words}"


def _lacks(lacking: Sequence[Lack]) -> str:
    """What a dataset lacks, field by field; fields of which nothing is told stand together."""
    told = [_lack(lack) for lack in lacking if not lack.known or (lack.records.is_told and lack.records.at_most != 0)]
    withheld = [escape(lack.field) for lack in lacking if lack.known and not lack.records.is_told]
    parts = [f"lacking: {', '.join(told)}"] if told else []
    if withheld:
        *others, last = withheld
        fields = f"{', '.join(others)} or {last}" if others else last
        parts.append(f"how many records lack {fields} is not told")
    return "; ".join(parts)


def _lack(lack: Lack) -> str:
    if not lack.known:
        return f"{escape(lack.field)} is not held"
    rows = ENTITIES[lack.entity].plural if lack.entity in ENTITIES else escape(lack.entity)
    return f"{escape(lack.field)} in {lack.records}{f' of {lack.of}' if lack.of.is_told else ''} {rows}"


def _largest(datasets: Sequence[DatasetAnswer], most: int) -> list[DatasetAnswer]:
    possible = [d for d in datasets if d.possible.at_most != 0]
    return sorted(possible, key=lambda d: (-d.possible.at_least, -d.certain.at_least, d.dataset))[:most]


def _uses(node: NodeAnswer) -> Iterator[str]:
    number = len(node.datasets)
    applied = _datasets_by_text([d.applied for d in node.datasets])
    if applied:
        yield f"  [dim]applied: {escape('; '.join(text + _part(n, number) for text, n in applied.items()))}[/dim]"
    for text, n in _datasets_by_text([d.unknown for d in node.datasets]).items():
        yield f"  [yellow]unknown here: {escape(text)}{_part(n, number)}[/yellow]"


def _datasets_by_text(uses: Sequence[Sequence[CriterionUse]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for dataset in uses:
        for text in dict.fromkeys(use.text for use in dataset):
            found[text] = found.get(text, 0) + 1
    return found


def _part(some: int, number: int) -> str:
    return "" if some == number else f" (in {some} of {number} datasets)"

"""An answer as a page shows it: the headline, who is not in it, bars, and the table of what each dataset could say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import quote

from oncommons.schema.answer import OTHERS, Answer, Count, DatasetAnswer, Lack, NodeAnswer, total
from oncommons.schema.dictionary import ENTITIES, fields_named, plural_of
from oncommons.web.charts import Chart, Datum, bar_chart
from oncommons.web.holdings import named

NOT_RECORDED = "not recorded"
OTHER_CODES = "others together"
_NO_NAMES: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class CriterionRow:
    """A criterion of the question: its number, its words, and how many datasets judged it or do not know it."""

    number: int
    path: str
    text: str
    applied: int
    unknown: int


@dataclass(frozen=True)
class DatasetRow:
    """A dataset's answer; criteria by their numbers, ``lacks`` in the order of the answer's lack columns."""

    answer: DatasetAnswer
    href: str
    applied: tuple[int, ...]
    unknown: tuple[int, ...]
    lacks: tuple[Lack | None, ...]


@dataclass(frozen=True)
class NodeBlock:
    """A node's answer: datasets that tell of a match, those that may hide a few, and those that have none."""

    answer: NodeAnswer
    shown: tuple[DatasetRow, ...]
    hidden: tuple[DatasetRow, ...]
    empty: tuple[DatasetRow, ...]


@dataclass(frozen=True)
class GroupRow:
    """Counts of one combination of codes over the nodes that are in the total."""

    key: tuple[str, ...]
    certain: Count
    possible: Count


@dataclass(frozen=True)
class AnswerView:
    """An answer as a page shows it.

    Attributes:
        answer: The answer.
        noun: What is counted, in the plural.
        certain: The total that is certain, or ``None`` where no node is in it.
        possible: The total that is possible, or ``None`` where no node is in it.
        meaning: What the two numbers say together.
        missing: The nodes that were asked and are not in the total.
        criteria: The criteria of the question, numbered.
        columns: Fields of which a dataset may lack records, each with the plural of its entity.
        blocks: One for each node that said something.
        by: Names of the fields grouped by.
        groups: Counts by the fields grouped by.
        charts: What to draw.
    """

    answer: Answer
    noun: str
    certain: Count | None
    possible: Count | None
    meaning: str
    missing: tuple[NodeAnswer, ...]
    criteria: tuple[CriterionRow, ...]
    columns: tuple[tuple[str, str], ...]
    blocks: tuple[NodeBlock, ...]
    by: tuple[str, ...]
    groups: tuple[GroupRow, ...]
    charts: tuple[Chart, ...]


def answer_view(answer: Answer, names: Mapping[str, str] = _NO_NAMES) -> AnswerView:
    """Arrange an answer for its page.

    Args:
        answer: The answer.
        names: Labels of codes that the dictionary has none for.
    """
    criteria = criteria_of(answer)
    numbers = {row.path: row.number for row in criteria}
    columns = tuple(dict.fromkeys(_column(lack) for _, d in _datasets(answer.nodes) for lack in d.lacking))
    entity = str(answer.question.get("count", ""))
    noun = plural_of(entity)
    by = tuple(str(name) for name in answer.question.get("by", ()) if name != "dataset")
    groups = groups_of(answer, by, names)
    heard = bool(answer.included)
    return AnswerView(
        answer=answer,
        noun=noun,
        certain=answer.certain if heard else None,
        possible=answer.possible if heard else None,
        meaning=meaning_of(answer, noun),
        missing=tuple(node for node in answer.asked if node.status != "answered"),
        criteria=criteria,
        columns=columns,
        blocks=tuple(_block(node, numbers, columns) for node in answer.nodes if node.datasets),
        by=tuple(name.replace("_", " ") for name in by),
        groups=groups,
        charts=_charts(answer, noun, by, groups),
    )


def meaning_of(answer: Answer, noun: str) -> str:
    """What certain and possible say together, in words."""
    if not answer.included:
        return "No node answered in time, so there is no number. That is not the same as zero."
    certain, possible = answer.certain, answer.possible
    if certain == possible and certain.precision == "exact":
        return f"The two agree: no gap in the data leaves a doubt about any of these {noun}."
    return (
        f"Certain {noun} are known to fulfil the question. Possible {noun} are not known to fail it: "
        "a value that would decide is missing. If every gap were filled, the true number would lie between the two."
    )


def criteria_of(answer: Answer) -> tuple[CriterionRow, ...]:
    """The criteria that datasets report on, in the order in which they were met."""
    texts: dict[str, str] = {}
    applied: dict[str, int] = {}
    unknown: dict[str, int] = {}
    for _, dataset in _datasets(answer.nodes):
        for uses, tally in ((dataset.applied, applied), (dataset.unknown, unknown)):
            for use in uses:
                texts.setdefault(use.path, use.text)
                tally[use.path] = tally.get(use.path, 0) + 1
    paths = sorted(texts, key=_place)
    rows = [(path, texts[path], applied.get(path, 0), unknown.get(path, 0)) for path in paths]
    return tuple(CriterionRow(i, *row) for i, row in enumerate(rows, 1))


def groups_of(answer: Answer, by: Sequence[str], names: Mapping[str, str] = _NO_NAMES) -> tuple[GroupRow, ...]:
    """Counts by code over the nodes in the total, the largest first.

    A dataset that does not list a combination adds what it says of every combination that it does not list.

    Args:
        answer: The answer.
        by: Names of the fields.
        names: Labels of codes that the dictionary has none for.
    """
    if not by:
        return ()
    found = [
        ({tuple(g.key.get(name) for name in by): g for g in d.groups}, d.unlisted)
        for _, d in _datasets(answer.included)
        if d.unlisted is not None
    ]
    rows = []
    for key in {key for groups, _ in found for key in groups}:
        certain = total(groups[key].certain if key in groups else rest for groups, rest in found)
        possible = total(groups[key].possible if key in groups else rest for groups, rest in found)
        told = tuple(_code(name, code, names) for name, code in zip(by, key, strict=True))
        rows.append(GroupRow(told, certain, possible))
    return tuple(sorted(rows, key=lambda r: (-r.possible.at_least, r.key)))


def _charts(answer: Answer, noun: str, by: Sequence[str], groups: Sequence[GroupRow]) -> tuple[Chart, ...]:
    nodes = [Datum(n.node, n.certain, n.possible) for n in answer.included]
    parts = sorted(_datasets(answer.included), key=lambda pair: -_size(pair[1]))
    names = Counter(d.dataset for _, d in parts)
    datasets = [
        Datum(d.dataset if names[d.dataset] == 1 else f"{d.dataset} · {node}", d.certain, d.possible)
        for node, d in parts
        if _size(d)
    ]
    found = []
    if groups:
        data = [Datum(" / ".join(g.key), g.certain, g.possible) for g in groups]
        words = " and ".join(name.replace("_", " ") for name in by)
        found.append(bar_chart("by-code", f"{noun.capitalize()} by {words}", noun, data))
    if nodes:
        found.append(bar_chart("by-node", f"{noun.capitalize()} by node", noun, nodes, most=24))
    if datasets:
        found.append(bar_chart("by-dataset", f"{noun.capitalize()} by dataset", noun, datasets))
    return tuple(found)


def _datasets(nodes: Iterable[NodeAnswer]) -> list[tuple[str, DatasetAnswer]]:
    return [(node.node, dataset) for node in nodes for dataset in node.datasets]


def _size(dataset: DatasetAnswer) -> int:
    """How far a dataset's bar may reach; what cannot be bounded counts as one row."""
    return dataset.possible.at_least + 1 if dataset.possible.at_most is None else dataset.possible.at_most


def _block(node: NodeAnswer, numbers: Mapping[str, int], columns: Sequence[tuple[str, str]]) -> NodeBlock:
    rows = [_row(node.node, d, numbers, columns) for d in sorted(node.datasets, key=lambda d: (-_size(d), d.dataset))]
    return NodeBlock(
        node,
        shown=tuple(row for row in rows if row.answer.possible.at_least),
        hidden=tuple(row for row in rows if not row.answer.possible.at_least and _size(row.answer)),
        empty=tuple(row for row in rows if not _size(row.answer)),
    )


def _row(
    node: str, answer: DatasetAnswer, numbers: Mapping[str, int], columns: Sequence[tuple[str, str]]
) -> DatasetRow:
    lacks = {_column(lack): lack for lack in answer.lacking}
    return DatasetRow(
        answer=answer,
        href=f"/datasets/{quote(node, safe='')}/{quote(answer.dataset, safe='')}",
        applied=tuple(sorted(numbers[use.path] for use in answer.applied if use.path in numbers)),
        unknown=tuple(sorted(numbers[use.path] for use in answer.unknown if use.path in numbers)),
        lacks=tuple(lacks.get(column) for column in columns),
    )


def _column(lack: Lack) -> tuple[str, str]:
    rows = ENTITIES[lack.entity].plural if lack.entity in ENTITIES else lack.entity
    return lack.field.replace("_", " "), rows


def _place(path: str) -> tuple[tuple[int, str], ...]:
    """A key that puts ``all[2]`` before ``all[10]``."""
    steps = path.replace("[", ".").replace("]", "").split(".")
    return tuple((int(step), "") if step.isdigit() else (-1, step) for step in steps)


def codes_of(answer: Answer) -> list[str]:
    """The codes that an answer is grouped by."""
    keys = [group.key for _, d in _datasets(answer.included) for group in d.groups]
    return [code for key in keys for code in key.values() if code and ":" in code]


def _code(name: str, code: str | None, names: Mapping[str, str]) -> str:
    if code is None:
        return NOT_RECORDED
    if code == OTHERS:
        return OTHER_CODES
    fields = [field for field in fields_named(name) if field.type == "code"]
    return named(code, fields[0].codes.codes.get(code, "") or names.get(code, "") if fields else "")

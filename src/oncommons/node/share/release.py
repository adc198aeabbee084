"""A node's true numbers become its answer: every number of it passes :mod:`oncommons.policy.disclosure` here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from oncommons.node.holdings import DatasetState, Tally
from oncommons.node.share.public import Public
from oncommons.policy.disclosure.cells import tell_cells
from oncommons.policy.disclosure.counts import Policy, Released, release_cells, release_lack
from oncommons.policy.disclosure.telling import Teller
from oncommons.schema.answer import CriterionUse, DatasetAnswer, Lack, NodeAnswer
from oncommons.schema.dictionary import ENTITIES, Field
from oncommons.schema.question import Leaf, Missing, Question, Some, fields_of, leaves
from oncommons.schema.sentence import words


@dataclass(frozen=True)
class Voice:
    """What the rule ``noise`` tells with.

    Attributes:
        teller: Tells, and remembers what was told to a project.
        public: What everybody was told.
    """

    teller: Teller
    public: Public


def release_answer(
    node: str, question: Question, tallies: Sequence[Tally], policy: Policy, voice: Voice | None = None
) -> NodeAnswer:
    """The answer that may leave the node.

    Args:
        node: Name of the node.
        question: The question that was asked.
        tallies: True numbers of every dataset.
        policy: The node's policy.
        voice: What the rule ``noise`` tells with; it needs the people behind each number too.
    """
    asked = Asked(question)
    return NodeAnswer(
        node=node,
        status="answered",
        policy=str(policy),
        datasets=tuple(_dataset(asked, tally, policy, voice) for tally in tallies),
    )


def _values(field: Field) -> int | None:
    return None if field.codes.pattern else len(field.codes.codes) + 1


class Asked:
    """What is the same for every dataset of a question, worked out once."""

    def __init__(self, question: Question) -> None:
        self.count = question.count
        self.coarsen = question.coarsen
        self.sizes = {f.name: _values(f) for f in question.by}
        self.fields = fields_of(question)
        self.leaves = [(leaf, CriterionUse(leaf.path, words(leaf.criterion))) for leaf in leaves(question)]


def _released(asked: Asked, tally: Tally, policy: Policy, voice: Voice | None) -> Released:
    if policy.rule != "noise":
        return release_cells(tally.cells, asked.sizes, policy, people=asked.count == "person")
    if voice is None or tally.place is None:
        raise ValueError("The rule noise needs a voice, and the people behind each number.")
    return tell_cells(voice.teller, tally.place, tally.cells, asked.sizes, coarsen=asked.coarsen)


def _dataset(asked: Asked, tally: Tally, policy: Policy, voice: Voice | None) -> DatasetAnswer:
    released = _released(asked, tally, policy, voice)
    held = [f for f in asked.fields if f.entity in tally.state.records]
    if voice is None:
        lacking = [_lack(f, tally.state, released, policy) for f in held]
    else:
        lacking = [voice.public.lack(f, tally.state) for f in held]
    return told_of(asked, tally.state, released, lacking)


def told_of(asked: Asked, state: DatasetState, released: Released, lacking: Sequence[Lack]) -> DatasetAnswer:
    """What is told of a dataset.

    Args:
        asked: The question.
        state: What the dataset has.
        released: The numbers that may be told.
        lacking: The same of the records that lack a field.
    """
    applied, unknown = _uses(asked, state)
    return DatasetAnswer(
        dataset=state.name,
        certain=released.certain,
        possible=released.possible,
        applied=applied,
        unknown=unknown,
        lacking=tuple(lacking),
        groups=released.groups,
        unlisted=released.unlisted,
    )


def _uses(asked: Asked, state: DatasetState) -> tuple[tuple[CriterionUse, ...], tuple[CriterionUse, ...]]:
    """Which criteria were judged on the data, and which are on something that the dataset does not have."""
    applied: list[CriterionUse] = []
    unknown: list[CriterionUse] = []
    if asked.count not in state.records:
        unknown.append(CriterionUse("count", f"this dataset holds no {ENTITIES[asked.count].plural}"))
    for leaf, use in asked.leaves:
        known = _is_known(leaf, state)
        if known and isinstance(leaf.criterion, Some) and leaf.criterion.where is not None:
            continue  # what it asks of its rows stands below it, criterion by criterion
        (applied if known else unknown).append(use)
    return tuple(applied), tuple(unknown)


def _is_known(leaf: Leaf, state: DatasetState) -> bool:
    if isinstance(leaf.criterion, Some):
        return leaf.criterion.entity in state.records
    field = leaf.criterion.field
    there = state.fields.get(f"{field.entity}.{field.name}")
    if isinstance(leaf.criterion, Missing):
        return field.entity in state.records
    return there is not None and there.known


def _lack(field: Field, state: DatasetState, released: Released, policy: Policy) -> Lack:
    name = f"{field.entity}.{field.name}"
    there = state.fields[name]
    grouped = released.unlisted is not None
    if policy.rule == "threshold" and field.entity != "person" and there.behind is None:
        raise ValueError("Under a threshold, rows are released by the people behind them.")
    records = state.records[field.entity]
    lacking, of = release_lack(there.lacking, records, released.certain, policy, grouped=grouped, behind=there.behind)
    return Lack(field.name, field.entity, there.known, lacking, of)

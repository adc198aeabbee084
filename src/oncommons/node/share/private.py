"""A node's true numbers become its answer under the rule ``private``: noise goes to each dataset here, once."""

from __future__ import annotations

from collections.abc import Sequence

from oncommons.node.holdings import DatasetState, Tally
from oncommons.node.share.release import Asked, told_of
from oncommons.policy.disclosure.counts import WITHHELD
from oncommons.policy.disclosure.private import Mechanism, tell
from oncommons.schema.answer import DatasetAnswer, Lack, NodeAnswer
from oncommons.schema.dictionary import Field
from oncommons.schema.question import Question


def release_private(question: Question, tallies: Sequence[Tally], mechanism: Mechanism, rows: int = 0) -> NodeAnswer:
    """The answer that may leave the node, without its name and policy; it must be kept and never made twice.

    Args:
        question: The question that was asked.
        tallies: True numbers of every dataset, of tables that look alike.
        mechanism: Adds noise for one dataset.
        rows: So many rows of one person count at most; 0 where people are counted.
    """
    asked = Asked(question)
    return NodeAnswer("", "answered", datasets=tuple(_dataset(asked, question, t, mechanism, rows) for t in tallies))


def _dataset(asked: Asked, question: Question, tally: Tally, mechanism: Mechanism, rows: int) -> DatasetAnswer:
    lacking = [_lack(f, tally.state) for f in asked.fields if f.entity in tally.state.records]
    return told_of(asked, tally.state, tell(question, tally.cells, mechanism, rows), lacking)


def _lack(field: Field, state: DatasetState) -> Lack:
    """Nothing is told of how many records lack a field."""
    return Lack(field.name, field.entity, state.fields[f"{field.entity}.{field.name}"].known, WITHHELD, WITHHELD)

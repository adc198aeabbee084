"""A question put to the federation from within the hub: the same way that every question goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from oncommons.hub.link.exchange import Exchange
from oncommons.schema.question import Question
from oncommons.service.identity import NOTHING
from oncommons.storage.worklist import Job, Work

DEADLINE_SECONDS = 10.0
"""How long to wait for slow nodes where nobody says."""


async def put(
    exchange: Exchange, job: str, question: Question, seconds: float, beside: Mapping[str, str] = NOTHING
) -> tuple[Job, Sequence[Work]]:
    """Put a question to the nodes that it names, or to every node, and wait until the deadline at most.

    Args:
        exchange: The hub's side of the link.
        job: Identifier of the question.
        question: The question; nodes are handed it without the names of nodes, which is what they have always read.
        seconds: From now to the deadline.
        beside: What stands beside it in the order: ``person`` and ``permit``, where it is asked under a permit.

    Raises:
        BadRequest: another question was asked under this identifier.
        UnknownValue: it names a node that there is not.
    """
    body = replace(question, nodes=()).to_json()
    return await exchange.ask(job, body, seconds, question.nodes, beside)

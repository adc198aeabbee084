"""A question put to the federation from within the hub: the same way that every question goes."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool

from oncommons.hub.link.exchange import Exchange
from oncommons.hub.search.rules import combine
from oncommons.schema.answer import Answer
from oncommons.schema.question import Question

DEADLINE_SECONDS = 10.0
"""How long to wait for slow nodes where nobody says."""


async def ask_nodes(exchange: Exchange, job: str, question: Question, seconds: float) -> Answer:
    """Put a question to every node and wait for the answers, at most until the deadline.

    Args:
        exchange: The hub's side of the link.
        job: Identifier of the question.
        question: The question.
        seconds: From now to the deadline.

    Raises:
        BadRequest: another question was asked under this identifier.
    """
    asked, work = await exchange.ask(job, question.to_json(), seconds)
    nodes = await run_in_threadpool(exchange.registry.nodes)
    return await run_in_threadpool(combine, asked, work, nodes, exchange.clock())

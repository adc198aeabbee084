"""HTTP for Samply Lens's own function ``querySpot``: a request is left, and its results are listened to, site by site.

The wire is that of samply/spot (Apache-2.0): POST ``/beam`` with an identifier that the client chose, then a stream of
events at ``/beam/{id}``.  Nodes are asked when somebody listens, and the same identifier asks them once.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from oncommons.hub.lens.routes import read_request
from oncommons.hub.link.exchange import Exchange
from oncommons.hub.link.registry import named
from oncommons.hub.link.routes import exchange_of
from oncommons.hub.search.asking import DEADLINE_SECONDS, put
from oncommons.hub.search.rules import combine
from oncommons.schema.answer import Answer, NodeAnswer
from oncommons.schema.dialects.lens_site import claimed, told
from oncommons.schema.errors import HubUnreachable, NotFound
from oncommons.schema.errors_of_protocols import DialectError
from oncommons.schema.question import Question
from oncommons.service.http import NO_STORE

LOOK_SECONDS = 0.25
"""How often to look whether another site has answered."""
MOST_LEFT = 1_000
"""Requests that are kept until somebody listens; then the oldest is forgotten."""

router = APIRouter()


@dataclass(frozen=True)
class Left:
    """A request that was left: its questions, which count people and then examinations, of the same nodes."""

    task: str
    questions: tuple[Question, Question]


@dataclass
class Requests:
    """The requests that were left at this hub."""

    found: OrderedDict[str, Left] = field(default_factory=OrderedDict)

    def leave(self, one: Left) -> None:
        """Keep a request.

        Raises:
            DialectError: another one was left under its identifier.
        """
        if self.found.setdefault(one.task, one) != one:
            raise DialectError("Another request was left under this identifier.", at="id")
        while len(self.found) > MOST_LEFT:
            self.found.popitem(last=False)


@router.post("/api/lens/beam", summary="Leave a request as Samply Lens does", status_code=201)
async def leave(request: Request) -> Response:
    """The body is a request of Spot: ``id``, which is a UUID, ``query``, and ``sites`` where not all are asked."""
    name, questions = await read_request(request)
    _requests(request).leave(Left(_identifier(name), questions))
    return Response(status_code=201)


@router.get("/api/lens/beam/{task}", summary="Listen to the results of a request of Samply Lens")
async def listen(request: Request, task: str) -> StreamingResponse:
    """A stream of events ``new_result``: that a site has the request, then what it answered, or why it did not."""
    left = _requests(request).found.get(task)
    if left is None:
        raise NotFound("This hub has no such request; leave it again.")
    events = _events(exchange_of(request.app), left)
    headers = {**NO_STORE, "x-accel-buffering": "no"}
    return StreamingResponse(events, media_type="text/event-stream", headers=headers)


async def _events(exchange: Exchange, left: Left) -> AsyncIterator[str]:
    for node in named(await run_in_threadpool(exchange.registry.nodes), left.questions[0].nodes):
        if node.presence(exchange.clock()) == "online":
            yield _event(claimed(left.task, node.name))
    jobs = {f"lens-{left.task}-{question.count}": question for question in left.questions}
    asking = [asyncio.ensure_future(put(exchange, job, q, DEADLINE_SECONDS)) for job, q in jobs.items()]
    heard: set[str] = set()
    try:
        over = False
        while not over:
            await asyncio.wait(asking, timeout=LOOK_SECONDS)
            over = all(one.done() for one in asking)
            if over and not await _are_answered(asking):
                return
            answers = await run_in_threadpool(_as_it_stands, exchange, list(jobs))
            for people, studies in _by_node(answers):
                if people.node not in heard and (over or "silent" not in {people.status, studies.status}):
                    heard.add(people.node)
                    yield _event(told(left.task, people, studies, answers[0].sentence))
    finally:
        for one in asking:
            one.cancel()


async def _are_answered(asking: Sequence[asyncio.Future[Any]]) -> bool:
    """Whether the questions were put to their end; what goes wrong otherwise ends the stream and is in the hub's log."""
    try:
        await asyncio.gather(*asking)
    except HubUnreachable:  # this hub ends, and so does the stream
        return False
    return True


def _as_it_stands(exchange: Exchange, jobs: Sequence[str]) -> list[Answer]:
    """The answers so far, of the questions that are on the list."""
    nodes, now = exchange.registry.nodes(), exchange.clock()
    found = [exchange.progress(job) for job in jobs]
    return [combine(asked, work, nodes, now) for asked, work in filter(None, found)]


def _by_node(answers: Sequence[Answer]) -> list[tuple[NodeAnswer, NodeAnswer]]:
    """What each node that was asked says to both questions."""
    if len(answers) < 2:  # noqa: PLR2004
        return []
    people, studies = answers
    second = {part.node: part for part in studies.nodes}
    return [(part, second[part.node]) for part in people.asked if part.node in second]


def _event(result: Mapping[str, Any]) -> str:
    return f"event: new_result\ndata: {json.dumps(result)}\n\n"


def _identifier(text: str) -> str:
    """The identifier of a request, as browsers write it."""
    try:
        return str(uuid.UUID(text))
    except ValueError:
        raise DialectError("id is a UUID.", at="id") from None


def _requests(request: Request) -> Requests:
    found: Requests = request.app.state.lens_requests
    return found

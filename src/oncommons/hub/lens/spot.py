"""HTTP for Samply Lens's own function ``querySpot``: a request is left, and its results are listened to, site by site.

The wire is that of samply/spot (Apache-2.0): POST ``/beam`` with an identifier that the client chose, then a stream of
events at ``/beam/{id}``.  Nodes are asked when somebody listens, and the same identifier asks them once.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from collections import OrderedDict
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Any

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from oncommons.hub.lens.routes import read_request
from oncommons.hub.link.registry import named
from oncommons.hub.search.asking import DEADLINE_SECONDS
from oncommons.hub.search.permitted import NONE, PermitDesk, Under, desk_of
from oncommons.hub.search.rules import combine
from oncommons.schema.answer import Answer, NodeAnswer
from oncommons.schema.dialects.lens_site import claimed, refused, told
from oncommons.schema.errors import HubUnreachable, NotFound
from oncommons.schema.errors_of_permits import PermitError
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
    """A request that was left: its questions, which count people and then examinations, of the same nodes.

    Under a permit it is there for who left it: anybody else has other requests under the same identifier.
    """

    task: str
    questions: tuple[Question, Question]
    under: Under = NONE

    @property
    def key(self) -> tuple[str, Under]:
        """Under what it is kept."""
        return self.task, self.under

    @property
    def jobs(self) -> Mapping[str, Question]:
        """Its questions by the names under which they are put."""
        return {f"lens-{self.task}-{question.count}": question for question in self.questions}


@dataclass
class Requests:
    """The requests that were left at this hub."""

    found: OrderedDict[tuple[str, Under], Left] = field(default_factory=OrderedDict)

    def leave(self, one: Left) -> None:
        """Keep a request.

        Raises:
            DialectError: another one was left under its identifier.
        """
        if self.found.setdefault(one.key, one) != one:
            raise DialectError("Another request was left under this identifier.", at="id")
        while len(self.found) > MOST_LEFT:
            self.found.popitem(last=False)


@router.post("/api/lens/beam", summary="Leave a request as Samply Lens does", status_code=201)
async def leave(request: Request) -> Response:
    """The body is a request of Spot: ``id``, which is a UUID, ``query``, and ``sites`` where not all are asked.

    Under a permit, the pass is shown here and when its results are listened to.
    """
    name, questions = await read_request(request)
    desk = desk_of(request.app)
    under = await run_in_threadpool(desk.under, request.headers)
    await run_in_threadpool(desk.judge_all, under, questions)
    _requests(request).leave(Left(_identifier(name), questions, under))
    return Response(status_code=201)


@router.get("/api/lens/beam/{task}", summary="Listen to the results of a request of Samply Lens")
async def listen(request: Request, task: str) -> StreamingResponse:
    """A stream of events ``new_result``: that a site has the request, then what it answered, or why it did not."""
    desk = desk_of(request.app)
    left = _requests(request).found.get((task, await run_in_threadpool(desk.under, request.headers)))
    if left is None:
        raise NotFound("This hub has no such request; leave it again.")
    await run_in_threadpool(desk.judge_all, left.under, left.questions)
    events = _events(desk, left)
    headers = {**NO_STORE, "x-accel-buffering": "no"}
    return StreamingResponse(events, media_type="text/event-stream", headers=headers)


async def _events(desk: PermitDesk, left: Left) -> AsyncIterator[str]:
    addressed = await run_in_threadpool(desk.judge, left.under, left.questions[0])
    sites = named(await run_in_threadpool(desk.exchange.registry.nodes), addressed.nodes)
    for node in sites:
        if node.presence(desk.exchange.clock()) == "online":
            yield _event(claimed(left.task, node.name))
    heard: set[str] = set()
    try:
        async with aclosing(_results(desk, left, heard)) as results:
            async for event in results:
                yield event
    except PermitError as fault:  # taken back, or at its end, while the nodes answer
        for node in sites:
            if node.name not in heard:
                yield _event(refused(left.task, node.name, fault))


async def _results(desk: PermitDesk, left: Left, heard: set[str]) -> AsyncGenerator[str]:
    """What the sites answer, as they do; those that were told are put among the heard."""
    asking = asyncio.ensure_future(_put(desk, left))
    try:
        over = False
        while not over:
            await asyncio.wait([asking], timeout=LOOK_SECONDS)
            over = asking.done()
            if over and not await _are_answered(asking):
                return
            answers = await run_in_threadpool(_as_it_stands, desk, left)
            for people, studies in _by_node(answers, over=over):
                if people.node not in heard and (over or "silent" not in {people.status, studies.status}):
                    heard.add(people.node)
                    yield _event(told(left.task, people, studies, answers[0].sentence))
    finally:
        asking.cancel()


async def _put(desk: PermitDesk, left: Left) -> None:
    """Put both questions; under a permit the second one to the sites that answered the first, if any did.

    So it uses up no consent of a data manager where the first one still waits for one.
    """
    (first, people), (second, studies) = left.jobs.items()
    if not left.under.permit:
        putting = (desk.put(left.under, job, q, DEADLINE_SECONDS) for job, q in left.jobs.items())
        await asyncio.gather(*putting)
        return
    asked, work = await desk.put(left.under, first, people, DEADLINE_SECONDS)
    nodes = await run_in_threadpool(desk.exchange.registry.nodes)
    answer = await run_in_threadpool(combine, asked, work, nodes, desk.exchange.clock())
    if answer.included:
        there = tuple(one.node for one in answer.included)
        await desk.put(left.under, second, replace(studies, nodes=there), DEADLINE_SECONDS)


async def _are_answered(asking: asyncio.Future[None]) -> bool:
    """Whether the questions were put to their end; what goes wrong otherwise ends the stream and is in the hub's log."""
    try:
        await asking
    except HubUnreachable:  # this hub ends, and so does the stream
        return False
    return True


def _as_it_stands(desk: PermitDesk, left: Left) -> list[Answer]:
    """The answers so far, of the questions that are on the list, while they may be told."""
    nodes, now = desk.exchange.registry.nodes(), desk.exchange.clock()
    found = [desk.exchange.progress(left.under.named(job)) for job in left.jobs]
    desk.judge_all(left.under, left.questions)
    return [combine(asked, work, nodes, now) for asked, work in filter(None, found)]


def _by_node(answers: Sequence[Answer], *, over: bool) -> list[tuple[NodeAnswer, NodeAnswer]]:
    """What each node that was asked says to both questions; in the end to the first alone where no node answered that."""
    if len(answers) < (1 if over else 2):
        return []
    people, studies = answers[0], answers[-1]
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

"""HTTP of federated search: ask a question, look at one asked before."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from typing import Any

import orjson
from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from oncommons.hub.labels.routes import language_in, namer_in
from oncommons.hub.link.routes import exchange_of
from oncommons.hub.search.asking import DEADLINE_SECONDS
from oncommons.hub.search.permitted import UNKNOWN, desk_of
from oncommons.hub.search.rules import combine
from oncommons.schema.answer_json import answer_to_json
from oncommons.schema.errors import BadRequest, NotFound, QuestionTooLarge
from oncommons.schema.parsing import MAX_BYTES, parse_question_text
from oncommons.service.http import json_body
from oncommons.storage.worklist import Job, Work

LONGEST_DEADLINE = 300.0
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")

router = APIRouter()


@router.post("/api/questions", summary="Ask a cohort question")
async def ask(request: Request) -> Response:
    """Put a question to the federation and wait for the answer.

    The body is the question; where it has ``nodes``, only these are asked.  ``deadline`` (seconds, at most 300) says how long to wait for slow nodes;
    ``id`` makes asking again after a lost connection harmless; ``language`` is that of the labels in the question in words.
    The header ``oncommons-permit``, or a bearer, has the pass of a person who asks under a permit; then only its nodes are asked.
    """
    language_in(request)  # refused before anybody is asked
    question = parse_question_text(await _question_bytes(request))
    job = request.query_params.get("id") or uuid.uuid4().hex
    if not _ID.fullmatch(job):
        raise BadRequest("id is 1 to 64 letters, digits, hyphens and underscores.")
    seconds = _deadline(request.query_params.get("deadline", str(DEADLINE_SECONDS)))
    desk = desk_of(request.app)
    asked, work = await desk.put(await run_in_threadpool(desk.under, request.headers), job, question, seconds)
    return Response(
        await run_in_threadpool(lambda: orjson.dumps(_answer(request, asked, work))),
        media_type="application/json",
    )


@router.get("/api/questions/{job}", summary="Look at a question asked before")
def look(request: Request, job: str) -> dict[str, Any]:
    """The answer as it stands now; answers that came after the deadline are shown as late.

    What was asked under a permit is shown to who asked it, with the pass in the header ``oncommons-permit``, while the permit holds.
    """
    found = exchange_of(request.app).progress(job)
    if found is None:
        raise NotFound(UNKNOWN)
    desk_of(request.app).look(request.headers, found[0])
    return _answer(request, *found)


async def _question_bytes(request: Request) -> bytes:
    try:
        return await json_body(request, MAX_BYTES)
    except BadRequest:
        raise QuestionTooLarge(f"The question is longer than {MAX_BYTES:,} bytes.") from None


def _deadline(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        raise BadRequest("deadline is a number of seconds.") from None
    if not 0 < seconds <= LONGEST_DEADLINE:
        raise BadRequest(f"deadline lies between 0 and {LONGEST_DEADLINE:.0f} seconds.")
    return seconds


def _answer(request: Request, asked: Job, work: Sequence[Work]) -> dict[str, Any]:
    exchange = exchange_of(request.app)
    return answer_to_json(combine(asked, work, exchange.registry.nodes(), exchange.clock(), namer_in(request)))

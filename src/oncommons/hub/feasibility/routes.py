"""HTTP of feasibility: a question, and the same without each of its criteria, through the search that all pass."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse

from oncommons.hub.search.permitted import desk_of
from oncommons.schema.dialects.beacon_answer import check_heard
from oncommons.schema.errors import MalformedQuestion
from oncommons.schema.feasibility import MOST_RELAXED, compare, relaxations, ungrouped
from oncommons.schema.parsing import MAX_BYTES, parse_question_text
from oncommons.service.http import json_body

RELAXED_SECONDS = 30.0
"""How long to wait for nodes that have answered the question, and answer several others."""

router = APIRouter()


@router.post("/api/feasibility", summary="What does each criterion cost?")
async def post(request: Request) -> JSONResponse:
    """The body is a question; the answer tells, for each criterion, how many rows dropping it would gain.

    Each relaxed question is asked as any other, under the same rules of disclosure, and only what was released is
    compared; at most 12 criteria are dropped in turn.  The question itself is asked first, the relaxed ones then of the
    nodes that answered it.  A pass is read as by ``/api/questions``; all are then asked under it.
    """
    return await _weighed(request, await json_body(request, MAX_BYTES))


@router.get("/api/feasibility", summary="What does each criterion cost?")
async def get(request: Request) -> JSONResponse:
    """The same with the question's JSON in the parameter ``question``."""
    text = request.query_params.get("question", "")
    if not text:
        raise MalformedQuestion("The parameter question holds the question's JSON.", at="question")
    return await _weighed(request, text)


async def _weighed(request: Request, text: str | bytes) -> JSONResponse:
    question = ungrouped(parse_question_text(text))
    every = relaxations(question)
    chosen = every[:MOST_RELAXED]
    desk = desk_of(request.app)
    under = await run_in_threadpool(desk.under, request.headers)
    await run_in_threadpool(desk.judge_all, under, [question, *(one.question for one in chosen)])
    asked = await desk.ask(under, question)
    check_heard(asked)
    answers = await asyncio.gather(*(desk.ask_on(under, one.question, asked, RELAXED_SECONDS) for one in chosen))
    body: dict[str, Any] = compare(asked, chosen, answers, len(every) - len(chosen)).to_json()
    return JSONResponse(body)

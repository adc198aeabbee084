"""HTTP for Samply Lens: its syntax tree in, EUCAIM's answer out, over the same search as every question."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse

from oncommons.hub.catalogue.routes import cards_of
from oncommons.hub.link.routes import exchange_of
from oncommons.hub.search.permitted import desk_of
from oncommons.schema.dialects.beacon_answer import check_heard
from oncommons.schema.dialects.lens import check_sites, translate, unwrap
from oncommons.schema.dialects.lens_answer import tell_collections
from oncommons.schema.parsing import MAX_BYTES
from oncommons.schema.question import Question
from oncommons.service.http import home_of, json_body

router = APIRouter()


async def read_request(request: Request) -> tuple[str, tuple[Question, Question]]:
    """What a client of Lens sent: its identifier, and its questions, which count people and then examinations.

    Raises:
        DialectError: it is not a request of Lens, or there is no such site.
        Untranslatable: a condition cannot be said.
    """
    asked = unwrap((await json_body(request, MAX_BYTES)).decode("utf-8", "replace"))
    nodes = await run_in_threadpool(exchange_of(request.app).registry.nodes)
    check_sites(asked, {node.name for node in nodes if node.revoked is None})
    return asked.id, (translate(asked, "person"), translate(asked, "study"))


@router.post("/api/lens", summary="Ask as Samply Lens does")
async def ask(request: Request) -> JSONResponse:
    """The body is a syntax tree (``ast``), or one in the envelopes of Beam, as JSON or base64 text.

    People are counted, then examinations where people were; the answer lists collections as EUCAIM's explorer reads them.
    """
    _, questions = await read_request(request)
    desk = desk_of(request.app)
    under = await run_in_threadpool(desk.under, request.headers)
    held = await run_in_threadpool(cards_of, request.app)
    await run_in_threadpool(desk.judge_all, under, questions)
    people = await desk.ask(under, questions[0])
    check_heard(people)
    studies = await desk.ask_on(under, questions[1], people)
    settings = request.app.state.settings
    home = home_of(request, settings.url)
    body: dict[str, Any] = tell_collections(settings.name, f"{home}/static/mark.svg", people, studies, held)
    return JSONResponse(body)

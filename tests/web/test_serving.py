"""What all pages share: faults and their statuses, limits on what is sent, and a place behind the server's own paths."""

from __future__ import annotations

import pytest
from anyio import CapacityLimiter
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from tests.web.visitor import visiting

from oncommons.schema.errors import (
    BadRequest,
    ForeignRequest,
    HubUnreachable,
    NoPicture,
    NotFound,
    NotWaiting,
    OncommonsError,
    StorageFull,
    UnknownField,
)
from oncommons.schema.errors_of_people import PeopleError
from oncommons.schema.errors_of_rows import NotANumber, OptOutsLost
from oncommons.web.serving import Behind, faults_in_thread, in_thread, sent_in_thread, status_of, told


@pytest.fixture
def pages():
    threads = CapacityLimiter(2)

    def shown(request):
        return PlainTextResponse("shown")

    def broken(request):
        raise NotFound("No such thing.")

    def sent(request, body):
        return PlainTextResponse(f"{len(body)}")

    def fault(request, found):
        return PlainTextResponse(told(request, found, "log").code, status_of(found))

    routes = [
        Route("/", in_thread(shown, threads)),
        Route("/broken", in_thread(broken, threads)),
        Route("/sent", sent_in_thread(sent, threads, 100), methods=["POST"]),
    ]
    inner = Starlette(routes=routes, exception_handlers=faults_in_thread(fault, threads))
    outer = Starlette(routes=[Route("/api/x", lambda _: PlainTextResponse("api")), Behind(("/api/",), inner)])
    with visiting(outer) as client:
        yield client


def test_pages_are_behind_the_servers_own_paths(pages):
    assert (pages.get("/").text, pages.get("/api/x").text) == ("shown", "api")
    assert pages.get("/api/y").text == "Not Found"
    assert pages.get("/elsewhere").text == "E404"


def test_a_fault_is_told_in_place_of_the_page(pages):
    found = pages.get("/broken")
    assert (found.status_code, found.text) == (404, "E404")


def test_what_is_sent_has_a_limit(pages):
    assert pages.post("/sent", content=b"x" * 100).text == "100"
    found = pages.post("/sent", content=b"x" * 101)
    assert (found.status_code, found.text) == (400, "E405")


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (NotWaiting("x"), 409),
        (ForeignRequest("x"), 403),
        (NotANumber("x"), 400),
        (OptOutsLost("x"), 503),
        (NoPicture("x"), 406),
        (BadRequest("x"), 400),
        (StorageFull("x"), 507),
        (UnknownField("x"), 422),
        (PeopleError("x"), 400),
        (HubUnreachable("x"), 503),
        (OncommonsError("x"), 500),
        (HTTPException(405), 405),
        (ZeroDivisionError(), 500),
    ],
)
def test_every_fault_has_its_status(fault, status):
    assert status_of(fault) == status


def test_what_nobody_foresaw_is_told_without_its_words():
    request = Request(
        {"type": "http", "method": "PUT", "path": "/x", "query_string": b"", "headers": [], "server": ("h", 1)}
    )
    found = told(request, ZeroDivisionError("patient 4711"), "console")
    assert (found.code, found.message) == (OncommonsError.code, "Something of ours broke; the console's log says what.")
    assert told(request, HTTPException(405), "console").message == "PUT is not possible here."

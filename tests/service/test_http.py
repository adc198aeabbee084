"""One shape of error with its status, limits and headers; asked over ASGI, without a socket."""

import asyncio
import json
import logging

import httpx
import pytest
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from oncommons.hub.app import make_app
from oncommons.hub.opening import open_hub
from oncommons.schema import errors
from oncommons.schema.statuses import status_of
from oncommons.service.http import (
    SECURITY_HEADERS,
    Guard,
    Heads,
    error_response,
    handle_errors,
    home_of,
    json_body,
)
from oncommons.service.settings import read_settings

STATUSES = {
    "E500": 500,
    "E100": 422,
    "E101": 422,
    "E102": 422,
    "E103": 422,
    "E104": 422,
    "E105": 413,
    "E200": 400,
    "E201": 403,
    "E202": 401,
    "E203": 401,
    "E204": 401,
    "E205": 401,
    "E206": 503,
    "E207": 400,
    "E208": 400,
    "E209": 409,
    "E210": 409,
    "E300": 400,
    "E301": 400,
    "E302": 400,
    "E303": 400,
    "E304": 400,
    "E305": 400,
    "E306": 400,
    "E307": 400,
    "E308": 400,
    "E340": 400,
    "E360": 409,
    "E361": 409,
    "E362": 409,
    "E341": 400,
    "E342": 403,
    "E343": 503,
    "E310": 400,
    "E311": 400,
    "E320": 429,
    "E321": 429,
    "E690": 422,
    "E380": 400,
    "E381": 401,
    "E382": 401,
    "E383": 403,
    "E384": 429,
    "E385": 403,
    "E386": 400,
    "E387": 403,
    "E388": 409,
    "E389": 502,
    "E398": 409,
    "E399": 403,
    "E390": 400,
    "E391": 422,
    "E392": 409,
    "E393": 415,
    "E394": 422,
    "E395": 409,
    "E396": 409,
    "E397": 500,
    **dict.fromkeys((f"E33{n}" for n in range(10)), 400),
    "E400": 500,
    "E401": 507,
    "E402": 500,
    "E403": 503,
    "E404": 404,
    "E405": 400,
    "E406": 500,
    "E379": 403,
    "E600": 400,
    "E601": 400,
    "E602": 400,
    "E603": 400,
    "E604": 400,
    "E605": 400,
    "E606": 400,
    "E607": 400,
    "E608": 400,
    "E610": 400,
    "E611": 400,
    "E612": 400,
    "E613": 400,
    "E640": 400,
    "E641": 400,
    "E642": 400,
    "E643": 400,
    "E615": 406,
    "E616": 400,
    "E617": 406,
    "E618": 415,
    "E619": 401,
    "E620": 400,
    "E645": 409,
    "E646": 403,
    "E370": 403,
    "E371": 422,
    "E372": 403,
    "E373": 403,
    "E374": 403,
    "E375": 404,
    "E376": 409,
    "E377": 401,
    "E378": 403,
    "E356": 409,
    "E357": 429,
    "E358": 422,
    "E410": 422,
    "E411": 403,
    "E412": 403,
    "E413": 502,
    "E414": 403,
    "E415": 409,
    "E416": 422,
    "E423": 422,
    "E417": 429,
    "E418": 409,
    "E419": 422,
    "E422": 500,
    "E421": 422,
    "E350": 400,
    "E351": 400,
    "E352": 400,
    "E353": 503,
    "E354": 503,
    "E355": 503,
    "E365": 400,
    "E366": 503,
    "E680": 400,
    "E681": 400,
    "E682": 400,
    "E625": 400,
    "E626": 400,
    "E627": 400,
}
"""The status of every error, written down once more; a new error needs a row here."""


def an_app():
    app = FastAPI(docs_url=None, redoc_url=None)
    app.add_middleware(Guard)
    handle_errors(app)

    @app.get("/ours")
    def ours():
        raise errors.NameTaken("athens is taken", detail="by 10.0.0.7", at="name")

    @app.get("/unexpected")
    def unexpected():
        raise ZeroDivisionError("patient 4711")

    @app.get("/http/{status}")
    def theirs(status: int):
        raise HTTPException(status, "detail of theirs")

    @app.post("/body")
    async def body(request: Request):
        return JSONResponse({"bytes": len(await json_body(request, 1_000))})

    @app.get("/page")
    def page():
        return Response("page", headers={"x-own": "1"})

    @app.get("/stream")
    def stream():
        return StreamingResponse(iter(["one", "two"]))

    return app


def ask(method, path, app=None, **options):
    """One request to an application; an error that it lets through is answered, as a server would."""

    async def send():
        transport = httpx.ASGITransport(app or an_app(), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://hub") as client:
            return await client.request(method, path, **options)

    return asyncio.run(send())


def test_every_error_has_a_row_in_the_table():
    assert {kind.code for kind in errors.every_error() if kind.__module__.startswith(errors.__name__)} == set(STATUSES)


@pytest.mark.parametrize(
    "kind", [k for k in errors.every_error() if k.code in STATUSES], ids=lambda kind: kind.__name__
)
def test_an_error_has_the_status_of_its_kind(kind):
    response = error_response(kind("what happened"))
    assert response.status_code == status_of(kind("")) == STATUSES[kind.code]
    assert json.loads(response.body)["error"]["code"] == kind.code


def test_an_error_of_ours_is_told_in_our_shape():
    answer = ask("GET", "/ours")
    assert answer.status_code == 409
    assert answer.json() == {
        "error": {"code": "E210", "title": "The name is taken", "message": "athens is taken", "at": "name"}
    }


def test_the_private_detail_goes_to_the_log_and_nowhere_else(caplog):
    with caplog.at_level(logging.WARNING, "oncommons.http"):
        answer = ask("GET", "/ours")
    assert "10.0.0.7" in caplog.text
    assert "10.0.0.7" not in answer.text


def test_an_error_without_detail_is_not_logged(caplog):
    with caplog.at_level(logging.DEBUG, "oncommons.http"):
        error_response(errors.NotFound("nothing"))
    assert caplog.text == ""


def test_an_error_of_the_machine_is_logged_in_any_case(caplog):
    with caplog.at_level(logging.WARNING, "oncommons.http"):
        error_response(errors.StorageFull("full"))
    assert "E401 full" in caplog.text


def test_what_nobody_expected_is_told_in_our_shape_and_logged(caplog):
    with caplog.at_level(logging.ERROR, "oncommons.http"):
        answer = ask("GET", "/unexpected")
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "E500")
    assert "4711" not in answer.text
    assert "ZeroDivisionError: patient 4711" in caplog.text


def test_a_path_that_is_not_there_is_told_in_our_shape():
    answer = ask("GET", "/nowhere")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "E404")
    assert "/nowhere" in answer.json()["error"]["message"]


def test_a_long_path_is_cut_in_the_message():
    assert len(ask("GET", "/" + "x" * 5_000).json()["error"]["message"]) < 300


def test_a_method_that_is_not_there_is_told_in_our_shape():
    answer = ask("DELETE", "/ours")
    assert (answer.status_code, answer.json()["error"]["code"]) == (405, "E405")
    assert "DELETE" in answer.json()["error"]["message"]


def test_a_method_that_is_not_there_is_told_with_those_that_are():
    assert ask("DELETE", "/ours").headers["allow"] == "GET"


@pytest.mark.parametrize("status", [400, 403, 404, 413])
def test_an_error_of_the_library_keeps_its_status_and_gets_our_shape(status):
    answer = ask("GET", f"/http/{status}")
    assert answer.status_code == status
    assert "detail of theirs" not in answer.text
    assert errors.error_from_json(answer.json()).code in {"E404", "E405"}


def test_a_parameter_of_the_wrong_type_is_told_in_our_shape():
    assert ask("GET", "/http/many").json()["error"]["code"] == "E405"


def test_a_body_of_the_allowed_length_is_read():
    assert ask("POST", "/body", content=b"x" * 1_000).json() == {"bytes": 1_000}


def test_a_longer_body_is_refused_with_the_limit():
    answer = ask("POST", "/body", content=b"x" * 1_001)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "E405")
    assert "1,000 bytes" in answer.json()["error"]["message"]


def test_a_body_without_end_is_given_up_at_the_limit():
    sent = []

    async def endless():
        while True:
            sent.append(100)
            yield b"x" * 100

    assert ask("POST", "/body", content=endless()).status_code == 400
    assert sum(sent) <= 1_100


WANTED = {name.decode(): value.decode() for name, value in SECURITY_HEADERS.items()}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/page"),
        ("GET", "/stream"),
        ("GET", "/ours"),
        ("GET", "/nowhere"),
        ("DELETE", "/page"),
        ("GET", "/page%00"),
    ],
)
def test_every_response_carries_the_security_headers_once(method, path):
    headers = ask(method, path).headers
    assert {name: headers.get_list(name) for name in WANTED} == {name: [value] for name, value in WANTED.items()}


def test_an_answer_about_what_nobody_expected_carries_the_security_headers():
    assert WANTED.items() <= dict(ask("GET", "/unexpected").headers).items()


@pytest.mark.parametrize("path", ["/page%00", "/%00/page", "/pa%2500ge"])
def test_there_is_nothing_at_an_address_with_a_zero_octet(path):
    got = ask("GET", path)
    assert (got.status_code, got.json()["error"]["code"]) == (404, "E404")


def test_the_guard_keeps_the_headers_of_the_response():
    assert ask("GET", "/page").headers["x-own"] == "1"


def test_the_guard_lets_what_is_not_http_pass():
    seen = []

    async def app(scope, receive, send):
        seen.append(scope["type"])

    asyncio.run(Guard(app)({"type": "lifespan"}, None, None))
    assert seen == ["lifespan"]


def test_the_rules_of_content_allow_no_third_party():
    rules = dict(rule.split(" ", 1) for rule in WANTED["content-security-policy"].split("; "))
    assert rules["default-src"] == "'self'"
    assert {source for value in rules.values() for source in value.split()} <= {"'self'", "'none'", "data:"}


def test_the_hub_answers_with_the_security_headers(tmp_path):
    hub = open_hub(read_settings(tmp_path))
    try:
        answer = ask("GET", "/api/hub", make_app(hub, "0"))
    finally:
        hub.database.close()
    assert WANTED.items() <= dict(answer.headers).items()


@pytest.mark.parametrize(
    ("public", "root", "home"),
    [
        ("", "", "http://127.0.0.1:8642/mounted"),
        ("", "/beacon/", "http://127.0.0.1:8642/mounted/beacon"),
        ("https://hub.example.org/", "", "https://hub.example.org"),
        ("https://hub.example.org/beacon", "/beacon", "https://hub.example.org/beacon"),
    ],
)
def test_a_server_is_found_where_it_says_or_where_its_client_has_found_it(public, root, home):
    scope = {"type": "http", "scheme": "http", "server": ("127.0.0.1", 8642), "root_path": "/mounted"}
    request = Request(scope | {"path": "/mounted/x", "query_string": b"", "headers": [(b"host", b"127.0.0.1:8642")]})
    assert home_of(request, public, root) == home


def test_head_is_answered_as_get_without_the_content():
    app = FastAPI()
    app.add_middleware(Heads)
    app.add_api_route("/feed", lambda: StreamingResponse(iter([b"one", b"two"]), headers={"etag": '"7"'}))

    async def asked():
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://hub.test") as client:
            return [await client.request(method, "/feed") for method in ("GET", "HEAD", "POST")]

    got, head, posted = asyncio.run(asked())
    assert (got.content, head.content) == (b"onetwo", b"")
    assert (head.status_code, head.headers) == (got.status_code, got.headers)
    assert posted.status_code == 405

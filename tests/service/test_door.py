"""Who is let in, and who is not."""

import asyncio
import base64

import httpx
import pytest
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse

from oncommons.service.door import COOKIE, OWN_NAMES, Door, Lock
from oncommons.service.http import Guard, handle_errors

TOKEN = "the-token-of-this-node"
VIEWER = "https://viewer.example"
LOCK = Lock(TOKEN, OWN_NAMES | {"node.example"}, frozenset({VIEWER}))


def an_app():
    app = FastAPI(docs_url=None, redoc_url=None)
    handle_errors(app)
    app.add_middleware(Door, lock=LOCK)
    app.add_middleware(Guard)

    @app.api_route("/inside", methods=["GET", "POST"])
    def inside(request: Request):
        return JSONResponse({"query": str(request.query_params)}, headers={"x-own": "1"})

    return app


def ask(method="GET", path="/inside", base="http://127.0.0.1:8643", **headers):
    async def send():
        transport = httpx.ASGITransport(an_app(), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=base) as client:
            return await client.request(method, path, headers=headers)

    return asyncio.run(send())


def basic(user, password):
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": f"Bearer {TOKEN}"},
        {"authorization": f"bearer  {TOKEN} "},
        {"authorization": basic("anybody", TOKEN)},
        {"cookie": f"{COOKIE}={TOKEN}"},
        {"cookie": f"other=1; {COOKIE}={TOKEN}; more=2"},
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_whoever_shows_the_token_is_let_in(method, headers):
    assert ask(method, **headers).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": "Bearer"},
        {"authorization": "Bearer " + TOKEN[:-1]},
        {"authorization": f"Bearer {TOKEN}x"},
        {"authorization": f"Digest {TOKEN}"},
        {"authorization": basic(TOKEN, "")},
        {"authorization": "Basic !!!"},
        {"authorization": "Basic " + base64.b64encode(b"a:\xff").decode()},
        {"cookie": f"{COOKIE}=no"},
        {"cookie": f"{COOKIE}="},
    ],
)
def test_whoever_does_not_is_told_what_lacks(headers):
    answer = ask(**headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "E619")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert "default-src 'self'" in answer.headers["content-security-policy"]


def test_a_link_with_the_token_is_remembered_as_a_cookie_and_leaves_the_address():
    answer = ask(path=f"/inside?a=1&token={TOKEN}&b=%20x")
    assert (answer.status_code, answer.headers["location"]) == (303, "/inside?a=1&b=+x")
    cookie = answer.headers["set-cookie"].lower()
    assert f"{COOKIE}={TOKEN}" in cookie
    assert {"httponly", "samesite=strict"} <= {part.strip() for part in cookie.split(";")}
    assert "secure" not in cookie


def test_over_https_the_cookie_goes_over_https_only():
    answer = ask(path=f"/?token={TOKEN}", base="https://node.example")
    assert "secure" in answer.headers["set-cookie"].lower()


def test_a_link_leads_nowhere_else():
    assert ask(path=f"/%2Fevil.example/x?token={TOKEN}").headers["location"] == "/evil.example/x"


def test_a_wrong_token_in_a_link_opens_nothing():
    assert ask(path="/inside?token=no").status_code == 401
    assert ask("POST", path=f"/inside?token={TOKEN}").status_code == 401


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8643", "LOCALHOST:1", "[::1]:8643", "node.example:443"])
def test_a_name_of_the_server_is_known(host):
    assert ask(host=host, authorization=f"Bearer {TOKEN}").status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "evil.example:8643", "", "localhost:x", "127.0.0.1@evil.example"]
)
def test_another_name_is_refused_even_with_the_token(host):
    answer = ask(host=host, authorization=f"Bearer {TOKEN}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "E405")


def test_a_page_of_another_site_may_not_change_anything():
    cookie = f"{COOKIE}={TOKEN}"
    assert ask("POST", cookie=cookie, origin="https://evil.example").status_code == 400
    assert ask("POST", cookie=cookie, origin="http://127.0.0.1:9999").status_code == 400
    assert ask("POST", cookie=cookie, origin="http://127.0.0.1:8643").status_code == 200
    assert ask("POST", cookie=cookie, origin="null").status_code == 400


def test_a_viewer_that_is_named_may_ask_and_read():
    answer = ask(authorization=f"Bearer {TOKEN}", origin=VIEWER)
    assert answer.headers["access-control-allow-origin"] == VIEWER
    assert (answer.headers["vary"], answer.headers["x-own"]) == ("origin", "1")
    assert ask("POST", authorization=f"Bearer {TOKEN}", origin=VIEWER).status_code == 200


def test_a_viewer_may_ask_beforehand_without_the_token():
    answer = ask("OPTIONS", origin=VIEWER, **{"access-control-request-headers": "authorization"})
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (204, VIEWER)
    assert "authorization" in answer.headers["access-control-allow-headers"]


def test_a_viewer_is_told_why_it_is_not_let_in():
    answer = ask(origin=VIEWER)
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (401, VIEWER)


@pytest.mark.parametrize("origin", ["https://evil.example", f"{VIEWER}.evil.example", "null"])
def test_another_site_may_not_read(origin):
    for answer in (ask(authorization=f"Bearer {TOKEN}", origin=origin), ask("OPTIONS", origin=origin)):
        assert "access-control-allow-origin" not in answer.headers


def test_only_http_and_the_beginning_and_end_pass():
    seen = []

    async def app(scope, *_):
        seen.append(scope["type"])

    for kind in ("lifespan", "websocket"):
        asyncio.run(Door(app, LOCK)({"type": kind}, None, None))
    assert seen == ["lifespan"]


def test_a_person_without_the_token_is_told_in_words():
    found = ask(accept="text/html,*/*")
    assert (found.status_code, found.headers["content-type"]) == (401, "text/html; charset=utf-8")
    assert "Open the link" in found.text
    assert TOKEN not in found.text

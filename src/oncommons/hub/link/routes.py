"""HTTP of the link: joining, tokens, work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

import orjson
from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from oncommons.hub.link.exchange import Exchange
from oncommons.hub.link.registry import Node
from oncommons.schema.errors import BadRequest, NodeRevoked, TokenRefused, error_from_json
from oncommons.schema.federation import ASSERTION_KIND, CHECKPOINT_HEADER
from oncommons.service.http import NO_STORE, json_body
from oncommons.service.identity import TOKEN_SECONDS, read_assertion
from oncommons.storage.canonical import digest_of_message

LONGEST_WAIT = 55
_GRANT = "client_credentials"

router = APIRouter()


def exchange_of(app: Any) -> Exchange:
    """The exchange that the application was made with."""
    found: Exchange = app.state.exchange
    return found


def read_json(raw: bytes) -> Any:
    """JSON of a request.

    Raises:
        BadRequest: it is not JSON.
    """
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as fault:
        raise BadRequest("The request is not JSON.", detail=repr(fault)) from fault


async def caller(request: Request) -> Node:
    """The node that makes a request, by its access token; notes that it was here.

    Raises:
        TokenRefused: no token, or one that is not valid.
        NodeRevoked: its key was revoked; its open work is given up.
        NodeUnknown: the hub does not know it.
    """
    exchange = exchange_of(request.app)
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        raise TokenRefused("This part of the hub is for nodes; an access token is needed.")
    now = exchange.clock()
    name = exchange.issuer.bearer(token, now)
    known = exchange.registry.remembered(name, now)
    if known is not None:
        return known
    return await run_in_threadpool(_let_in, exchange, name, request.query_params.get("version", ""), now)


def _let_in(exchange: Exchange, name: str, version: str, now: float) -> Node:
    try:
        return exchange.registry.called(name, version, now)
    except NodeRevoked:
        exchange.work.cancel(name, now)
        raise


@router.post("/api/nodes", summary="Join the federation with an invitation")
async def join(request: Request) -> JSONResponse:
    """Register a node's public key; answers its name, and the hub's name and keys to pin."""
    body = read_json(await json_body(request))
    if not isinstance(body, dict) or not isinstance(body.get("jwk"), dict) or not isinstance(body.get("secret"), str):
        raise BadRequest("Joining needs secret, jwk and version.")
    exchange = exchange_of(request.app)
    version = str(body.get("version", ""))
    name = await run_in_threadpool(exchange.registry.join, body["secret"], body["jwk"], version, exchange.clock())
    checkpoint = await run_in_threadpool(exchange.checkpoint)
    told = {"name": name, "issuer": exchange.issuer.name, "keys": exchange.issuer.keys(), "checkpoint": checkpoint}
    return JSONResponse(told, 201)


@router.post("/api/token", summary="Exchange a node's private_key_jwt for an access token")
async def token(request: Request) -> JSONResponse:
    """The token endpoint (RFC 6749 section 4.4, with client authentication by RFC 7523)."""
    form = parse_qs((await json_body(request, 16_384)).decode("latin-1"))
    fields = {name: values[0] for name, values in form.items()}
    if fields.get("grant_type") != _GRANT or fields.get("client_assertion_type") != ASSERTION_KIND:
        raise BadRequest(f"The token endpoint takes grant_type={_GRANT} with a private_key_jwt assertion.")
    issued = await run_in_threadpool(_issue, exchange_of(request.app), fields.get("client_assertion", ""))
    return JSONResponse(
        {"access_token": issued, "token_type": "Bearer", "expires_in": TOKEN_SECONDS},
        headers=NO_STORE,
    )


def _issue(exchange: Exchange, text: str) -> str:
    now = exchange.clock()

    def find_key(name: str) -> Mapping[str, Any]:
        return exchange.registry.node(name).jwk

    proof = read_assertion(text, find_key, exchange.issuer.name, now)
    exchange.registry.use_assertion(proof.jti, proof.expires, now)
    return exchange.issuer.token(proof.node, now)


async def fetch_work(request: Request) -> JSONResponse:
    """``GET /api/link/work?wait=25``: signed orders for the calling node, as soon as there are any.

    With ``revoked``, the number of the list of revoked permits that the node has, it gets a newer one beside them.
    """
    node = await caller(request)
    if checkpoint := request.headers.get(CHECKPOINT_HEADER, ""):
        await run_in_threadpool(exchange_of(request.app).keep, node, checkpoint)
    return JSONResponse(await _fetch(request, node))


async def report_work(request: Request) -> JSONResponse:
    """``POST /api/link/work/JOB?wait=25``: record an answer or refusal once, and fetch more work."""
    node = await caller(request)
    raw = await json_body(request)
    checkpoint = request.headers.get(CHECKPOINT_HEADER, "")
    job = request.path_params["job"]
    receipt = await run_in_threadpool(_record, exchange_of(request.app), node, job, raw, checkpoint)
    return JSONResponse({"recorded": receipt, **await _fetch(request, node)})


HOT_ROUTES = (
    Route("/api/link/work", fetch_work, methods=["GET"]),
    Route("/api/link/work/{job}", report_work, methods=["POST"]),
)
"""Where the work of the federation passes; plain routes, because FastAPI's own layers cost as much as the work."""


async def _fetch(request: Request, node: Node) -> dict[str, Any]:
    wait = min(max(_whole(request, "wait", "0"), 0), LONGEST_WAIT)
    number = _whole(request, "revoked", "-1")  # a node that sends none could not read the list
    exchange, newest, held = exchange_of(request.app), "", False

    async def news() -> bool:
        nonlocal newest, held
        newest = await run_in_threadpool(exchange.newer, node.name, number) if number >= 0 else ""
        again, held = held, True
        return bool(newest) or (again and await run_in_threadpool(exchange.registry.is_revoked, node.name))

    async def gone() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass

    work = await exchange.fetch(node, wait, gone, news)
    return {"work": work, **({"revoked": newest} if newest else {})}


def _whole(request: Request, name: str, without: str) -> int:
    try:
        return int(request.query_params.get(name, without))
    except ValueError:
        raise BadRequest(f"{name} is a whole number.") from None


def _record(exchange: Exchange, node: Node, job: str, raw: bytes, checkpoint: str) -> str:
    body = read_json(raw)
    if not isinstance(body, dict) or not {"error", "datasets", "part"} & body.keys():
        raise BadRequest("An answer has datasets, or a part of a result; a refusal has an error.")
    refusal = error_from_json(body).code if "error" in body else ""
    told = {"answer": digest_of_message(body)} | ({"refused": refusal} if refusal else {})
    return exchange.finish(node, job, raw.decode(), told, checkpoint)

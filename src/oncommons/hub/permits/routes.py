"""HTTP of permits: a person gets a token with which a node opens the images that their permit names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from oncommons.hub.link.routes import exchange_of, read_json
from oncommons.hub.people.gate import whose_pass
from oncommons.hub.permits.book import PermitBook
from oncommons.policy.access.deciding import Conditions, decide, request_of_images
from oncommons.schema.errors import BadRequest
from oncommons.schema.errors_of_permits import BeyondPermit
from oncommons.schema.federation import ImageToken, listed
from oncommons.service.http import json_body
from oncommons.storage.chain import Event

_MOST_BYTES = 1_000

router = APIRouter()


@router.post("/api/images/token", summary="Get a token for the images of a node")
async def image_token(request: Request) -> dict[str, Any]:
    """What opens the images of a node, for a quarter of an hour; the node verifies it without asking the hub.

    The body is ``{"node": NAME}``; the header ``oncommons-permit``, or a bearer, is the pass of a person whose permit names ``images`` and data of the node.
    What the node itself decides is not known here.
    """
    body = read_json(await json_body(request, _MOST_BYTES))
    node = body.get("node") if isinstance(body, dict) else None
    if not isinstance(node, str) or set(body) != {"node"}:
        raise BadRequest('The body is {"node": NAME}.')
    book: PermitBook = request.app.state.permits
    return (await run_in_threadpool(_issued, book, request.headers, node, exchange_of(request.app).clock())).to_json()


def _issued(book: PermitBook, headers: Mapping[str, str], node: str, now: float) -> ImageToken:
    """A token for the images of a node, entered in the audit log before it is told; the entry does not say whose it is."""
    entry, person = whose_pass(headers, book.whose)
    here = Conditions(book.issuer.name, revoked=entry.revoked is not None)
    decide(entry.permit, request_of_images(person), now, here).enforce()
    if not entry.permit.at(node):
        nodes = {h.node for h in entry.permit.datasets}
        raise BeyondPermit(f"The permit names no data of {node[:63]}; {listed(nodes)}", at="permit.node")
    token = book.issuer.image_token(entry.permit, person, node, now)
    book.log.enter(Event("images opened", {"permit": entry.permit.id, "node": node, "token": token.id}, now))
    return token

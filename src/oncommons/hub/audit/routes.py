"""HTTP of the audit: the heads of the logs of the hub and its nodes, for everybody to keep, and entries for officers."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse

from oncommons.hub.audit.rules import is_officer, nodes_seen, wanted
from oncommons.hub.audit.showing import Shower
from oncommons.hub.link.registry import Node
from oncommons.hub.link.routes import exchange_of
from oncommons.hub.link.witness import Witness, contradicted
from oncommons.hub.people.routes import asker_of, desk_of
from oncommons.schema.errors import BadRequest
from oncommons.schema.errors_of_people import NotAllowed
from oncommons.service.http import NO_STORE
from oncommons.service.identity import Checkpoint
from oncommons.storage.chain import moment

_MOST_ENTRIES = 2_147_483_648

router = APIRouter()


@router.get("/api/audit", summary="Heads of the audit logs")
def audit(request: Request) -> dict[str, Any]:
    """How far the log of the hub goes and, of each node that was not revoked, what it said last of its own.

    Whoever keeps a ``checkpoint`` can prove later that the log's entries up to there were changed, if they were.
    ``contradicts`` names the entry of the hub's log with an earlier checkpoint that the last one does not agree with;
    it is 0 where all agree.
    """
    exchange = exchange_of(request.app)
    now, witness = exchange.clock(), exchange.witness
    nodes = [_told(witness, node) for node in exchange.registry.nodes() if node.revoked is None]
    return {**_head(*witness.signed(now)), "now": moment(now), "nodes": [node for node in nodes if node]}


@router.get("/api/audit/entries", summary="Look through the hub's audit log")
def entries(request: Request) -> JSONResponse:
    """Entries of the hub's own log, the newest first, for access officers and operators who are signed in.

    ``kind``, ``project``, ``permit``, ``node``, ``dataset`` (``node/dataset``), ``since`` and ``until`` (days, UTC) and
    ``text`` (words that all occur) say which; ``below`` is the ``next`` of the page before.  Operators see all, access
    officers what concerns the nodes of their organisations.  ``proof`` tells whether the log is whole, read on from
    where it was read last; ``prove=anew`` reads it from its beginning.
    """
    state, query = request.app.state, request.query_params
    register = desk_of(request).register
    held = register.roles(asker_of(request).person)
    if not is_officer(held):
        raise NotAllowed("Only access officers and operators look through the audit log.")
    wanting, below = wanted(query), _below(query.get("below", "0"))
    nodes = {node.name for node in state.exchange.registry.nodes()}
    seen = nodes_seen(held, nodes, state.holders(), register.organisations())
    found, following = state.index.find(wanting, seen, below)
    proof = state.prover.prove(state.exchange.clock(), anew=query.get("prove") == "anew")
    told = {"proof": proof.to_json(), "sees": None if seen is None else sorted(seen), "kinds": state.index.kinds()}
    shown = Shower(state.database, state.index).show(found, seen)
    return JSONResponse({**told, "entries": shown, "next": following}, headers=NO_STORE)


def _below(text: str) -> int:
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 11 else -1  # noqa: PLR2004
    if not 0 <= number < _MOST_ENTRIES:
        raise BadRequest("below is the number of an entry.", at="below")
    return number


def _told(witness: Witness, node: Node) -> dict[str, Any]:
    last = witness.last_of(node)
    if last is None:
        return {}
    entry, found = last
    where = {"entry": entry.number, "kept": entry.time, "contradicts": contradicted(entry)}
    return {"node": node.name, **_head(found, str(entry.body["checkpoint"])), **where}


def _head(found: Checkpoint, text: str) -> dict[str, Any]:
    told = {"log": found.log, "size": found.head.size, "head": found.head.digest, "signed": moment(found.made)}
    return {**told, "checkpoint": text}

"""HTTP of the audit: the heads of the logs of the hub and its nodes, for everybody to keep."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request

from oncommons.hub.link.registry import Node
from oncommons.hub.link.routes import exchange_of
from oncommons.hub.link.witness import Witness, contradicted
from oncommons.service.identity import Checkpoint
from oncommons.storage.chain import moment

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

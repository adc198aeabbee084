"""HTTP of the audit: the heads of the logs of the hub and its nodes, for everybody to keep."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request

from oncommons.hub.link.registry import Node
from oncommons.hub.link.routes import exchange_of
from oncommons.hub.link.witness import Witness
from oncommons.schema.errors import NotFound
from oncommons.schema.errors_of_protocols import BadCheckpoint
from oncommons.service.identity import Checkpoint, read_checkpoint
from oncommons.storage.chain import Entry, moment

router = APIRouter()


@router.get("/api/audit", summary="Heads of the audit logs")
def audit(request: Request) -> dict[str, Any]:
    """How far the log of the hub goes and, of each node that was not revoked, what it said last of its own.

    Whoever keeps a ``checkpoint`` can prove later that the log's entries up to there were changed, if they were.
    ``contradicts`` names the entry of the hub's log with an earlier checkpoint that the last one does not agree with;
    it is 0 where all agree.
    """
    exchange = exchange_of(request.app)
    if exchange.witness is None:
        raise NotFound("This hub has no audit log.")
    now, text = exchange.clock(), exchange.checkpoint()
    found = read_checkpoint(text, exchange.issuer.keys()["keys"][0])
    nodes = [_told(exchange.witness, node) for node in exchange.registry.nodes() if node.revoked is None]
    return {**_head(found, text), "now": moment(now), "nodes": [node for node in nodes if node]}


def _told(witness: Witness, node: Node) -> dict[str, Any]:
    entry = witness.log.kept_of(node.name)
    if entry is None:
        return {}
    try:
        text = str(entry.body["checkpoint"])
        return {"node": node.name, **_head(read_checkpoint(text, node.jwk), text), **_where(entry)}
    except (BadCheckpoint, KeyError):  # of an earlier key of a node of this name
        return {}


def _head(found: Checkpoint, text: str) -> dict[str, Any]:
    told = {"log": found.log, "size": found.head.size, "head": found.head.digest, "signed": moment(found.made)}
    return {**told, "checkpoint": text}


def _where(entry: Entry) -> dict[str, Any]:
    return {"entry": entry.number, "kept": entry.time, "contradicts": int(entry.body.get("contradicts", 0))}

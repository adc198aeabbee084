"""How a run is told: one and all of somebody's, and how far its nodes are."""

from __future__ import annotations

import json
from typing import Any

from oncommons.hub.dispatch.book import Kept
from oncommons.hub.dispatch.rules import told_by
from oncommons.hub.dispatch.standing import Standing
from oncommons.hub.link.exchange import Exchange
from oncommons.schema.saved import utc

_WAYS = {"waiting": "asked", "leased": "computing"}
"""State of work that is open to the status of its node."""


def progress_of(kept: Kept, exchange: Exchange) -> dict[str, Any]:
    """The round that a run is in, counted over all attempts, and how far each node is with it.

    A node is ``asked``, ``computing`` or ``answered``; or it is left out, being ``refused``, ``late`` or ``silent``.

    Args:
        kept: The run.
        exchange: The hub's side of the link.
    """
    if kept.progress:
        told: dict[str, Any] = json.loads(kept.progress)
        return told
    if not kept.standing:
        return {"round": 0, "nodes": []}
    at = Standing.loads(kept.standing)
    found = dict.fromkeys(at.nodes, "asked") | {name: one.status for name, one in at.lost.items()}
    if (known := exchange.progress(at.name(kept.key))) is not None:
        job, work = known
        nodes = {node.name: node for node in exchange.registry.nodes()}
        now = exchange.clock()
        found |= {
            one.recipient: _WAYS.get(one.state) or told_by(one, job, nodes.get(one.recipient), now).status
            for one in work
        }
    return {"round": at.asked + 1, "nodes": [{"node": name, "status": found[name]} for name in sorted(found)]}


def view(kept: Kept, exchange: Exchange) -> dict[str, Any]:
    """A run as JSON: how far it is, and its record or its error where it has ended.

    Args:
        kept: The run.
        exchange: The hub's side of the link.
    """
    asked = json.loads(kept.run)
    body: dict[str, Any] = {
        "id": kept.id,
        "state": kept.state,
        "analysis": asked["analysis"],
        "title": kept.title,
        "asked_at": utc(kept.asked),
        "by": kept.person,
        "permit": kept.permit,
        "run": asked,
        "progress": progress_of(kept, exchange),
    }
    if kept.ended is not None:
        body["ended_at"] = utc(kept.ended)
    if kept.record:
        body["record"] = json.loads(kept.record)
    if kept.error:
        body["error"] = json.loads(kept.error)
    return body

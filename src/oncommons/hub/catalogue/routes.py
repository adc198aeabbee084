"""HTTP of the catalogue: datasets, nodes and the data dictionary."""

from __future__ import annotations

import re
from typing import Any

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse

from oncommons.hub.catalogue.finding import CardFinder, find_terms
from oncommons.hub.catalogue.shelf import Shelf
from oncommons.hub.labels.routes import labels_of, language_in, namer_in
from oncommons.hub.link.registry import Node
from oncommons.hub.link.routes import caller, exchange_of, read_json
from oncommons.schema.dataset import DatasetCard, people_by_code
from oncommons.schema.dictionary import dictionary_to_json
from oncommons.schema.errors import BadRequest
from oncommons.schema.federation import CHECKPOINT_HEADER, NodeStatus
from oncommons.schema.saved import utc
from oncommons.schema.vocabulary import VOCABULARIES
from oncommons.service.http import json_body

MOST_DATASETS = 10_000
LONGEST_NAME = 255
MOST_ANALYSES = 500
_ANALYSIS = re.compile(r"[a-z][a-z0-9_-]{0,63}")
_NEWEST = 1_000_000

router = APIRouter()


def shelf_of(request: Request) -> Shelf:
    """The shelf that the application was made with."""
    found: Shelf = request.app.state.shelf
    return found


def cards_of(app: Any) -> list[tuple[str, DatasetCard]]:
    """Every dataset card of a node that was not revoked, with the name of its node."""
    here = {n.name for n in exchange_of(app).registry.nodes() if n.revoked is None}
    shelf: Shelf = app.state.shelf
    return [(node, card) for node, card in shelf.cards() if node in here]


@router.get("/api/dictionary", summary="The data dictionary")
def dictionary(request: Request) -> dict[str, Any]:
    """Entities, fields and vocabularies that a question may name, and how many people have which codes.

    The numbers are those that the nodes publish on their dataset cards, each under its own disclosure rule; codes that
    are too rare to be told are not there.  A code counts those that it includes: C34 the people with C34.1, too, as a
    question for it does.  Codes that a rule gives, such as those of ICD-10, stand there with a label in
    ``language``, where there is one; ``labels`` are the sets of labels that were imported at this hub.
    """
    name = namer_in(request)
    body = dictionary_to_json() | {"labels": [one.to_json() for one in labels_of(request.app).sets]}
    cards = [card for _, card in cards_of(request.app)]
    for field in body["fields"]:
        if field["vocabulary"]:
            found = people_by_code(cards, field["name"], f"{field['entity']}.{field['name']}")
            listed = VOCABULARIES[field["vocabulary"]].codes
            field["values"] = {
                code: {"people": people.to_json(), "datasets": n, "label": listed.get(code) or name(code)}
                for code, (people, n) in found.items()
            }
    return body


@router.get("/api/terms", summary="Look for fields and codes")
def terms(request: Request, q: str = "") -> dict[str, Any]:
    """Fields and codes of the data dictionary in which all words of ``q`` are found, or synonyms; the best first.

    Diagnoses are found by our plain English names and by the labels that were imported at this hub: those in
    ``language``, or in every language where none is named.
    """
    return find_terms(q, labels_of(request.app), language_in(request))


@router.get("/api/datasets", summary="Dataset cards of the federation")
def datasets(request: Request, q: str = "") -> dict[str, Any]:
    """Every card of a node that was not revoked, with the name of its node.

    With ``q``, only those in which all of its words are found, or synonyms of them, the best first; ``why`` says
    where, and ``instead`` is a better spelling where nothing is found.
    """
    held = cards_of(request.app)
    if not q.strip():
        return {"datasets": [{"node": node, **card.to_json()} for node, card in held]}
    finder: CardFinder = request.app.state.finder
    found = finder.find(held, q, labels_of(request.app))
    return {
        "datasets": [{"node": held[h.place][0], **held[h.place][1].to_json(), "why": h.why} for h in found.hits],
        "instead": found.instead,
    }


@router.get("/api/nodes", summary="Nodes of the federation")
def nodes(request: Request) -> dict[str, Any]:
    """Every node: whether it is here now, when it was last seen, its version and how many datasets it publishes."""
    exchange = exchange_of(request.app)
    numbers = shelf_of(request).numbers()
    now = exchange.clock()
    found = [_status(n, numbers.get(n.name, 0), now) for n in exchange.registry.nodes()]
    return {"nodes": [status.to_json() for status in found]}


@router.put("/api/link/datasets", summary="Publish dataset cards (nodes only)")
async def publish(request: Request) -> JSONResponse:
    """Replace the calling node's cards, and what it tells of the analyses that it makes, where it does."""
    node = await caller(request)
    checkpoint = request.headers.get(CHECKPOINT_HEADER, "")
    body = read_json(await json_body(request))
    cards = body.get("datasets") if isinstance(body, dict) else None
    if not isinstance(cards, list) or len(cards) > MOST_DATASETS:
        raise BadRequest(f"Publishing needs a list of at most {MOST_DATASETS:,} dataset cards.")
    read = [DatasetCard.from_json(card) for card in cards]
    names = {card.dataset for card in read}
    if len(names) != len(read) or any(len(name) > LONGEST_NAME for name in names):
        raise BadRequest(f"Each dataset has a name of its own, of at most {LONGEST_NAME} characters.")
    exchange, analyses = exchange_of(request.app), _analyses(body.get("analyses"))
    await run_in_threadpool(exchange.keep, node, checkpoint)
    await run_in_threadpool(exchange.registry.makes, node.name, analyses)
    await run_in_threadpool(shelf_of(request).replace, node.name, read, exchange.clock())
    return JSONResponse({"published": len(read)})


def _analyses(told: object) -> dict[str, int] | None:
    """Name of each analysis that a node makes to its version; nothing where it does not tell.

    Raises:
        BadRequest: it is not that.
    """
    if told is None:
        return None
    if not isinstance(told, dict) or len(told) > MOST_ANALYSES:
        raise BadRequest(f"Analyses are at most {MOST_ANALYSES} names, each with its version.")
    if not all(_ANALYSIS.fullmatch(name) and type(one) is int and 0 <= one < _NEWEST for name, one in told.items()):
        raise BadRequest("An analysis has a name in small letters, and a version that is a whole number.")
    return told


def _status(node: Node, datasets: int, now: float) -> NodeStatus:
    return NodeStatus(
        name=node.name,
        presence=node.presence(now),
        joined=utc(node.joined),
        last_seen=utc(node.seen),
        version=node.version,
        datasets=datasets,
    )

"""HTTP of projects, for everybody: who uses which data for what, until when, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request

from oncommons.hub.people.routes import desk_of
from oncommons.hub.permits.book import Entry
from oncommons.hub.projects.rules import Surroundings, holders_of, in_order, project_of
from oncommons.schema.errors import NotFound

router = APIRouter()


@router.get("/api/projects", summary="Projects that may use data")
def projects(request: Request) -> dict[str, Any]:
    """Every project that was given a permit, those that go on first, the newest first; nothing about people.

    ``answered`` is the number of its questions that at least one node has answered, as the hub's audit log has them.
    """
    entries = _entries(request)
    around = _around(request, entries)
    return {"projects": in_order([project_of(entry, around) for entry in entries.values()])}


@router.get("/api/projects/{permit}", summary="One project")
def project(request: Request, permit: str) -> dict[str, Any]:
    """One project, by the identifier of its permit."""
    entries = _entries(request)
    if permit not in entries:
        raise NotFound("No project has a permit of that name.")
    return project_of(entries[permit], _around(request, {permit: entries[permit]}))


def _entries(request: Request) -> Mapping[str, Entry]:
    found: Mapping[str, Entry] = request.app.state.permits.entries()
    return found


def _around(request: Request, entries: Mapping[str, Entry]) -> Surroundings:
    state = request.app.state
    nodes = sorted({h.node for entry in entries.values() for h in entry.permit.datasets})
    return Surroundings(
        state.exchange.clock(),
        holders_of(nodes, state.holders(), desk_of(request).register.organisations()),
        {(node, card.dataset): card.title for node, card in state.shelf.cards()},
        state.index.answered(),
        state.stories(entries.keys()),
    )

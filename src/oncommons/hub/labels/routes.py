"""HTTP of labels: which were imported, and what codes are called."""

from __future__ import annotations

from functools import cache
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request

from oncommons.hub.labels.drawer import Drawer
from oncommons.schema.errors import BadRequest
from oncommons.schema.labels import Labels, language_of
from oncommons.schema.sentence import Namer

MOST_CODES = 500

router = APIRouter()


def labels_of(app: Any) -> Labels:
    """The labels of an application's hub."""
    drawer: Drawer = app.state.labels
    return drawer.labels()


def language_in(request: Request) -> str:
    """The language that a request wants: of its parameter ``language``; empty where it wants none in particular.

    Raises:
        BadRequest: that is no language.
    """
    said = request.query_params.get("language", "").strip()
    if said and not language_of(said):
        raise BadRequest(f"{said[:30]!r} is no language, such as en or de.", at="language")
    return language_of(said)


def namer_in(request: Request) -> Namer:
    """What finds labels in the language that a request wants; they are looked at once, where there is a code to name."""
    language, known = language_in(request), cache(lambda: labels_of(request.app))
    return lambda code: known().label(code, language)


@router.get("/api/labels", summary="What codes are called")
def labels(request: Request, codes: str = "") -> dict[str, Any]:
    """Labels of ``codes`` (parted by commas) in ``language``, and the sets of labels that were imported at this hub.

    A code that has no label in that language has its English one, or else a plain name of ours; one that has neither
    is not there.
    """
    wanted = [code for code in codes.split(",") if code]
    if len(wanted) > MOST_CODES:
        raise BadRequest(f"At most {MOST_CODES} codes can be asked for at once.", at="codes")
    known, language = labels_of(request.app), language_in(request)
    found = {code: known.label(code, language) for code in dict.fromkeys(wanted)}
    return {
        "language": language or None,
        "labels": {code: label for code, label in found.items() if label},
        "sets": [one.to_json() for one in known.sets],
    }

"""How an application and what happened to it are written as JSON, and read again, for the hub's database.

What is written is what the records of :mod:`oncommons.policy.access.application` say, with sets in order, so that the
same always has the same text.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any, TypeVar

from oncommons.policy.access.application import Application, Body, Case, Event, Move, Proposal, Seats
from oncommons.policy.access.duties import CLOCKS, Clock
from oncommons.schema.errors import StorageFailed

_Made = TypeVar("_Made")


def write_blank(application: Application) -> str:
    """An application without its history."""
    return _text(
        {
            **{f.name: _plain(getattr(application, f.name)) for f in fields(Application) if f.name != "history"},
            "cases": [_of(case) | {"body": _of(case.body)} for case in application.cases],
        }
    )


def read_blank(text: str) -> Application:
    """An application that was written without its history.

    Raises:
        StorageFailed: it was not.
    """
    return _read(text, _blank)


def write_event(event: Event) -> str:
    """One thing that happened."""
    move = {k: v for k, v in _of(event.move).items() if v and k not in {"proposal", "seats"}} | {"at": event.move.at}
    if event.move.proposal is not None:
        move["proposal"] = _of(event.move.proposal) | {"conditions": list(event.move.proposal.conditions)}
    if event.move.seats is not None:
        move["seats"] = _seats_written(event.move.seats)
    return _text({"move": move, "role": event.role, "before": event.before, "after": event.after})


def read_event(text: str) -> Event:
    """One thing that happened, as it was written.

    Raises:
        StorageFailed: it was not.
    """
    return _read(text, _event)


def write_clocks(clocks: Mapping[str, Clock]) -> str:
    """The days of clocks; what happens then is that of the table."""
    return _text({state: clock.days for state, clock in clocks.items()})


def read_clocks(text: str) -> Mapping[str, Clock]:
    """Clocks with the days that were written.

    Raises:
        StorageFailed: they are not days.
    """
    return _read(text, lambda body: clocks_of({state: float(days) for state, days in body.items()}))


def clocks_of(days: Mapping[str, float]) -> Mapping[str, Clock]:
    """The clocks of the table, those with other days here with those."""
    return {s: Clock(days[s], c.then, "this hub") if s in days and days[s] != c.days else c for s, c in CLOCKS.items()}


def _text(body: object) -> str:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def _read(text: str, make: Callable[[Any], _Made]) -> _Made:
    try:
        return make(json.loads(text))
    except (ValueError, TypeError, KeyError, AttributeError) as fault:
        raise StorageFailed("A decision in the hub's database cannot be read.", detail=repr(fault)) from fault


def _plain(value: Any) -> Any:
    if isinstance(value, frozenset):
        return sorted(value)
    return [_plain(one) for one in value] if isinstance(value, tuple) else value


def _of(record: Any) -> dict[str, Any]:
    """The plain fields of a record; records within it are left to the caller."""
    return {f.name: _plain(getattr(record, f.name)) for f in fields(record)}


def _seats_written(seats: Seats) -> dict[str, Any]:
    return _of(seats) | {"holders": [{"body": _of(body), "datasets": sorted(d)} for body, d in seats.holders]}


def _body(body: Mapping[str, Any]) -> Body:
    sets = {name: frozenset(body[name]) for name in ("officers", "members", "patients")}
    return Body(**{**body, **sets})


def _case(body: Mapping[str, Any]) -> Case:
    if body["proposal"] is not None or body["votes"]:
        raise ValueError("a case begins without a proposal")
    sets = {name: frozenset(body[name]) for name in ("datasets", "conflicts", "granted")}
    return Case(**{**body, **sets, "body": _body(body["body"]), "votes": ()})


def _blank(body: Mapping[str, Any]) -> Application:
    parts = {name: value for name, value in body.items() if name != "attachments"}  # of none, in earlier versions
    sets = {name: frozenset(body[name]) for name in ("applicants", "coordinators", "operators")}
    return Application(**{**parts, **sets, "cases": tuple(_case(one) for one in body["cases"])})


def _proposal(body: Mapping[str, Any] | None) -> Proposal | None:
    return None if body is None else Proposal(frozenset(body["datasets"]), tuple(body["conditions"]))


def _seats(body: Mapping[str, Any] | None) -> Seats | None:
    if body is None:
        return None
    sets = {name: frozenset(body[name]) for name in ("applicants", "coordinators", "operators", "gone")}
    holders = tuple((_body(one["body"]), frozenset(one["datasets"])) for one in body["holders"])
    return Seats(**{**body, **sets, "holders": holders})


def _event(body: Mapping[str, Any]) -> Event:
    parts = body["move"]
    told = {"proposal": _proposal(parts.get("proposal")), "seats": _seats(parts.get("seats"))}
    return Event(Move(**{**parts, **told}), body["role"], body["before"], body["after"])

"""Permits at this node, as its data manager sees them in the console: whom, for what, what was asked, what was released."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from types import MappingProxyType
from typing import Any

from oncommons.node.home import Home, version_of
from oncommons.node.permitting import AGREED_DAYS, Manager, day, project_json
from oncommons.node.recording import open_log
from oncommons.node.shown import purposes_of, runs_json, shown_permits
from oncommons.policy.access.demands import Restriction
from oncommons.schema.answer import Count
from oncommons.schema.errors import BadRequest, NotFound, QuestionError
from oncommons.schema.permit import Permit, written
from oncommons.schema.run import asked_in_words
from oncommons.storage.chain import Entry
from oncommons.storage.decisions import Person
from oncommons.storage.permitted import Permitted, Seen

MOST_TOLD = 100
"""Entries of the audit log that are told of a permit; the newest."""


def permits_json(home: Home, clock: Callable[[], float] = time.time) -> dict[str, Any]:
    """Every permit that was shown or taken back here, the one shown last first, and the questions that wait.

    Args:
        home: The node.
        clock: Seconds since the epoch.

    Raises:
        MachineError: what the node knows of permits cannot be read.
    """
    head = {"demand": home.demand, "images": home.showing, "version": version_of(home.tables.state())}
    now, shown = clock(), []
    if home.permits_file.exists():
        with closing(Permitted(home.permits_file)) as ledger:
            whole, gone = shown_permits(home, ledger), ledger.gone()
            newest = sorted(ledger.permits(), key=lambda one: -(one.seen or 0))
            shown = [_one(home, ledger, one, whole.get(one.id), _standing(one, whole, gone, now)) for one in newest]
    return {**head, "runs": runs_json(home, now), "permits": shown}


def permit_json(home: Home, name: str, clock: Callable[[], float] = time.time) -> dict[str, Any]:
    """One permit, and what the audit log has of it.

    Args:
        home: The node.
        name: Its identifier.
        clock: Seconds since the epoch.

    Raises:
        NotFound: it was neither shown nor taken back here.
        MachineError: what the node knows of it cannot be read.
    """
    told = permits_json(home, clock)
    found = next((one for one in told["permits"] if one["id"] == name), None)
    if found is None:
        raise NotFound("No such permit was shown here.")
    runs = [run for run in told["runs"] if run["permit"] == name]
    return {**found, "demand": told["demand"], "runs": runs, "history": _history(home, name)}


def decide_permits(home: Home, told: Mapping[str, Any], by: Person) -> dict[str, Any]:
    """Decide about a project, a permit or a question, at once.

    Args:
        home: The node.
        told: ``do``, one of :data:`DOINGS`, and what it is about: ``project``, ``permit`` or ``run``, with what it needs.
        by: Who does it.

    Raises:
        BadRequest: it cannot be read; nothing was changed.
        BadPermit: something that is to be taken away is no entity and no field, or its end is no day.
        NotFound: no such question waits.
        MachineError: it cannot be kept; nothing was changed.
    """
    do = DOINGS.get(str(told.get("do")))
    if do is None:
        raise BadRequest(f"do is one of {', '.join(DOINGS)}.", at="do")
    do(Manager(home, by), told)
    return {"done": told["do"]}


def _standing(seen: Seen, whole: Mapping[str, Permit], gone: frozenset[str], now: float) -> str:
    permit = whole.get(seen.id)
    if seen.id in gone:
        return "taken back by the hub"
    if seen.revoked is not None:
        return "taken back here"
    if permit is None:
        return "shown for images only"
    if now < permit.not_before:
        return "not yet"
    return "holds" if now < permit.not_after else "ended"


def _one(home: Home, ledger: Permitted, seen: Seen, permit: Permit | None, standing: str) -> dict[str, Any]:
    told: dict[str, Any] = {
        "id": seen.id,
        "project": seen.project,
        "standing": standing,
        "title": permit.title if permit else "",
    }
    told |= {"seen": None if seen.seen is None else written(int(seen.seen))}
    told |= {"questions": ledger.questions(seen.id), "spent": ledger.spent(seen.id)}
    told |= {"decided": project_json(seen.project, ledger.standing(seen.project))}
    if permit is None:
        return told | {"whole": None}
    here = home.joined().name
    datasets = [{"dataset": one.dataset, "version": one.version} for one in permit.at(here)]
    scope = {"datasets": datasets, "elsewhere": len(permit.datasets) - len(datasets), "purpose": purposes_of(permit)}
    parts = ("people", "variables", "analyses", "period", "output", "budget")
    body = permit.to_json()
    return told | {"whole": {**scope, "conditions": list(permit.conditions), **{name: body[name] for name in parts}}}


def _history(home: Home, name: str) -> list[dict[str, Any]]:
    """What the audit log has of a permit, the newest first; nothing of a node that has no log yet."""
    if not home.audit_file.exists():
        return []
    with closing(open_log(home)) as log:
        entries = [Entry.from_line(line) for line in log.lines_with(json.dumps(name), MOST_TOLD)]
    return [_told(entry) for entry in entries if name in (entry.body.get("permit"), *entry.body.get("permits", ()))]


def _told(entry: Entry) -> dict[str, Any]:
    body = entry.body
    numbers = [
        {"dataset": one["dataset"], "groups": len(one.get("groups", ())), **_counts(one)}
        for one in body.get("released", ())
    ]
    words = {name: str(body.get(name, "")) for name in ("what", "code", "message", "by", "at", "reason")}
    seen = {"status": body.get("status"), "objects": body.get("objects")}
    return {
        "number": entry.number,
        "time": entry.time,
        "kind": entry.kind,
        "sentence": _words(body.get("question")),
        "released": numbers,
        **words,
        **seen,
    }


def _counts(one: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(Count.from_json(one[name])) for name in ("certain", "possible")}


def _words(question: object) -> str:
    try:
        return asked_in_words(question) if isinstance(question, dict) and question else ""
    except QuestionError:  # one that an older or newer version could read
        return "A question that this version cannot put into words."


def _text(told: Mapping[str, Any], name: str) -> str:
    found = told.get(name)
    if not isinstance(found, str) or not 0 < len(found) <= _LONGEST:
        raise BadRequest(f"{name} is a text.", at=name)
    return found


def _texts(told: Mapping[str, Any], name: str) -> frozenset[str]:
    found = told.get(name, [])
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise BadRequest(f"{name} is a list of texts.", at=name)
    return frozenset(found)


def _restriction(told: Mapping[str, Any]) -> Restriction:
    until = str(told.get("until") or "")
    ends = day(until, "until") if until else None
    return Restriction(_texts(told, "datasets"), _texts(told, "variables"), told.get("groups", True) is True, ends)


def _days(told: Mapping[str, Any]) -> float:
    found = told.get("days", AGREED_DAYS)
    if type(found) is not int:
        raise BadRequest("days is a whole number.", at="days")
    return found


_LONGEST = 500
DOINGS: Mapping[str, Callable[[Manager, Mapping[str, Any]], object]] = MappingProxyType(
    {
        "consent": lambda manager, told: manager.consent(_text(told, "project")),
        "withdraw": lambda manager, told: manager.consent(_text(told, "project"), withdraw=True),
        "consent to images": lambda manager, told: manager.consent(_text(told, "project"), images=True),
        "withdraw images": lambda manager, told: manager.consent(_text(told, "project"), images=True, withdraw=True),
        "restrict": lambda manager, told: manager.restrict(_text(told, "project"), _restriction(told)),
        "lift": lambda manager, told: manager.lift(_text(told, "project")),
        "revoke": lambda manager, told: manager.revoke(_text(told, "permit")),
        "agree": lambda manager, told: manager.agree(_text(told, "run"), _days(told)),
        "decline": lambda manager, told: manager.decline(_text(told, "run"), _text(told, "reason")),
    }
)
"""What a data manager can do to how it is done; anything else changes nothing."""

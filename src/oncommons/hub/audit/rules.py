"""Who may look through the hub's audit log, and what an entry is about: functions of values."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from oncommons.hub.people.register import Held
from oncommons.hub.people.rules import organisation_of
from oncommons.schema.errors import BadRequest
from oncommons.storage.chain import Entry

OPERATOR, OFFICER = "operator", "access-officer"
MOST_WORDS, LONGEST = 8, 200
_DAY = re.compile(r"[12][0-9]{3}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True)
class Wanted:
    """Which entries somebody looks for; empty parts let every entry through.

    Attributes:
        kind: Of this kind.
        project: Of this project.
        permit: Of this permit.
        node: That concern this node.
        dataset: That concern this dataset, written ``node/dataset``.
        since: From this day on (UTC).
        until: Up to the end of this day (UTC).
        words: Texts that all occur in the entry, in large or small letters.
    """

    kind: str = ""
    project: str = ""
    permit: str = ""
    node: str = ""
    dataset: str = ""
    since: str = ""
    until: str = ""
    words: tuple[str, ...] = ()

    @property
    def before(self) -> str:
        """The first day that is too late; empty where none is."""
        if not self.until:
            return ""
        return (date.fromisoformat(self.until) + timedelta(days=1)).isoformat()


def wanted(given: Mapping[str, str]) -> Wanted:
    """What somebody looks for, as it stands in an address.

    Args:
        given: ``kind``, ``project``, ``permit``, ``node``, ``dataset``, ``since``, ``until`` and ``text``.

    Raises:
        BadRequest: a day is none, or something is too long.
    """
    parts = {name: given.get(name, "").strip() for name in ("kind", "project", "permit", "node", "dataset")}
    days = {name: _day(given.get(name, "").strip(), name) for name in ("since", "until")}
    words = tuple(given.get("text", "").split())
    if len(words) > MOST_WORDS or any(len(part) > LONGEST for part in (*parts.values(), *words)):
        raise BadRequest(f"Look for at most {MOST_WORDS} words, each of at most {LONGEST} characters.")
    return Wanted(**parts, **days, words=words)


def nodes_seen(
    held: Sequence[Held], nodes: Collection[str], named: Mapping[str, str], organisations: Mapping[str, str]
) -> frozenset[str] | None:
    """The nodes of which somebody with these roles sees the entries; ``None`` for all, and none for who may not look.

    Args:
        held: Their roles.
        nodes: Names of all nodes.
        named: Node to the identifier of the organisation that was named for it.
        organisations: Identifier of each organisation of the hub to its name.
    """
    if any(one.role == OPERATOR for one in held):
        return None
    mine = {one.organisation for one in held if one.role == OFFICER}
    return frozenset(node for node in nodes if organisation_of(node, named, organisations) in mine)


def is_officer(held: Iterable[Held]) -> bool:
    """Whether somebody may look through the log at all."""
    return any(one.role in {OPERATOR, OFFICER} for one in held)


def entry_in(line: str) -> Entry | None:
    """The entry that a line of the log is; nothing where it cannot be read."""
    try:
        return Entry.from_line(line)
    except ValueError:
        return None


def nodes_in(entry: Entry) -> list[str]:
    """The nodes that an entry concerns."""
    several = entry.body.get("nodes")
    named = [entry.body.get("node"), entry.body.get("holder"), *(several if isinstance(several, list) else ())]
    return sorted({one for one in named if isinstance(one, str) and one})


def text_in(body: Mapping[str, Any], name: str, most: int = 64) -> str:
    """A text of an entry's body, as far as it is kept; empty where there is none."""
    found = body.get(name, "")
    return found[:most] if isinstance(found, str) else ""


def _day(text: str, name: str) -> str:
    if text and not _is_day(text):
        raise BadRequest(f"{name} is a day, such as 2026-11-23.", at=name)
    return text


def _is_day(text: str) -> bool:
    try:
        return _DAY.fullmatch(text) is not None and date.fromisoformat(text) < date.max
    except ValueError:
        return False

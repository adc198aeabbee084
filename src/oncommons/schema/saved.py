"""A saved question: its permanent name is the hash of what it asks, so a citation can be checked by anybody."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, cast, get_args

from oncommons.schema.answer import Count
from oncommons.schema.errors import BadRequest
from oncommons.schema.errors_of_permits import ConsentAwaited, TooManyWait
from oncommons.schema.question import Question

Standing = Literal["reached", "perhaps", "not reached", "not known"]
LONGEST_NAME = 120
MOST_REACH = 2_147_483_647
_LACKS: Mapping[str, str] = {ConsentAwaited.code: "waits for consent", TooManyWait.code: "takes no more now"}
_STANDINGS: Mapping[str, Standing] = {one: one for one in get_args(Standing)}


@dataclass(frozen=True)
class Watch:
    """A number that somebody waits for.

    Attributes:
        reach: The number.
        standing: ``reached``, ``perhaps`` (the released interval holds it), ``not reached``, or ``not known``.
        reached: When it was first seen to be reached, ISO 8601 in UTC; empty before.
        until: How long it is waited for; whoever waits for it anew begins anew.
    """

    reach: int
    standing: Standing
    reached: str = ""
    until: str = ""


@dataclass(frozen=True)
class Heard:
    """What a node said last to a saved question.

    Attributes:
        node: Its name.
        asked: When it was asked last, ISO 8601 in UTC.
        count: What was certain there, with its last answer; nothing where it never answered.
        told: When it answered last; empty where it never did.
        is_current: Whether it answered when it was asked last; else its number is an older one.
        code: Code of the error with which it answered instead; empty where it said nothing.
    """

    node: str
    asked: str
    count: Count | None
    told: str
    is_current: bool
    code: str = ""

    @property
    def lack(self) -> str:
        """What it did instead of telling a number when it was asked last, in words; empty where it told one."""
        if self.is_current:
            return ""
        if self.code:
            return _LACKS.get(self.code, "refused")
        return "did not answer since" if self.told else "never answered"

    @property
    def waits(self) -> bool:
        """Whether the question waits for its data manager's consent."""
        return self.code == ConsentAwaited.code and not self.is_current


@dataclass(frozen=True)
class Sighting:
    """A change of what is known of a number that is waited for.

    Attributes:
        reach: The number.
        standing: What it changed to.
        before: What it was before.
        seen: When that was seen, ISO 8601 in UTC.
        count: What was certain then.
        nodes: Nodes whose numbers were in it, each with when it told its number.
    """

    reach: int
    standing: Standing
    before: Standing
    seen: str
    count: Count
    nodes: Mapping[str, str]

    def to_json(self) -> dict[str, Any]:
        """The same as JSON."""
        return {**vars(self), "count": self.count.to_json(), "nodes": dict(self.nodes)}

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Sighting:
        """Read it; raises ``KeyError``, ``TypeError`` or ``ValueError`` where it is not one."""
        return cls(
            int(body["reach"]),
            _STANDINGS[body["standing"]],
            _STANDINGS[body["before"]],
            str(body["seen"]),
            Count.from_json(body["count"]),
            {str(node): str(told) for node, told in body["nodes"].items()},
        )


@dataclass(frozen=True)
class SavedQuestion:
    """A question that was saved.

    Attributes:
        id: SHA-256 of the question's JSON, in hexadecimal.
        name: The name that it was given.
        question: Its JSON.
        sentence: The question in words.
        made: When it was saved, ISO 8601 in UTC.
        citation: How to cite it.
        count: What was certain when it was last looked at; nothing before.
        checked: When that was, ISO 8601 in UTC; empty before.
        watches: Numbers that are waited for, in order.
        heard: What each node said last, in order of their names.
        sightings: How the numbers changed, the newest first.
        permit: Identifier of the permit under which it is asked, which only who saved it sees; empty for none.
        stopped: Why it is asked no more under its permit, in the words of the rule; empty while it is.
    """

    id: str
    name: str
    question: Mapping[str, Any]
    sentence: str
    made: str
    citation: str
    count: Count | None = None
    checked: str = ""
    watches: tuple[Watch, ...] = ()
    heard: tuple[Heard, ...] = ()
    sightings: tuple[Sighting, ...] = ()
    permit: str = ""
    stopped: str = ""

    def to_json(self) -> dict[str, Any]:
        """The same as JSON."""
        return {
            "id": self.id,
            "name": self.name,
            "question": dict(self.question),
            "sentence": self.sentence,
            "made": self.made,
            "citation": self.citation,
            "count": None if self.count is None else self.count.to_json(),
            "checked": self.checked,
            "watches": [dict(vars(one)) for one in self.watches],
            "heard": [{**vars(one), "count": None if one.count is None else one.count.to_json()} for one in self.heard],
            "sightings": [one.to_json() for one in self.sightings],
            "permit": self.permit,
            "stopped": self.stopped,
        }

    @classmethod
    def from_json(cls, body: object) -> SavedQuestion:
        """Read it; raises :class:`BadRequest` where it is not one."""
        try:
            parts = cast("Mapping[str, Any]", body)
            count = parts["count"]
            return cls(
                id=str(parts["id"]),
                name=str(parts["name"]),
                question=dict(parts["question"].items()),
                sentence=str(parts["sentence"]),
                made=str(parts["made"]),
                citation=str(parts["citation"]),
                count=None if count is None else Count.from_json(count),
                checked=str(parts["checked"]),
                watches=tuple(
                    Watch(int(w["reach"]), _STANDINGS[w["standing"]], str(w["reached"]), str(w.get("until", "")))
                    for w in parts["watches"]
                ),
                heard=tuple(_heard(one) for one in parts.get("heard", ())),
                sightings=tuple(Sighting.from_json(one) for one in parts.get("sightings", ())),
                permit=str(parts.get("permit", "")),
                stopped=str(parts.get("stopped", "")),
            )
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as fault:
            raise BadRequest("The saved question cannot be read.", detail=repr(fault)) from None


def _heard(body: Mapping[str, Any]) -> Heard:
    count = None if body["count"] is None else Count.from_json(body["count"])
    told, code = str(body["told"]), str(body.get("code", ""))
    return Heard(str(body["node"]), str(body["asked"]), count, told, body["is_current"] is True, code)


def digest_of(question: Question, permit: str = "", person: str = "") -> str:
    """The hash of a question's content: SHA-256 of its JSON with sorted keys and without spaces, in hexadecimal.

    Under a permit it is that of a list of the question, the permit and who asks, so that nobody else's question bears
    the same name.
    """
    content = [question.to_json(), permit, person] if permit else question.to_json()
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def cite(saved: SavedQuestion, hub: str, url: str) -> str:
    """How to cite a saved question: its name, what it asks, where, when and under which permit, and its address."""
    under = f" Asked under permit {saved.permit}." if saved.permit else ""
    return f"“{saved.name}”: {saved.sentence} Saved at {hub}, {saved.made[:10]}.{under} {url}"


def standing_of(count: Count | None, reach: int) -> Standing:
    """Whether a number is reached, as far as the released count tells."""
    if count is None:
        return "not known"
    if count.at_least >= reach:
        return "reached"
    return "perhaps" if count.at_most is None or count.at_most >= reach else "not reached"


def utc(seconds: float | None) -> str:
    """Seconds since the epoch as ISO 8601 in UTC; empty for none."""
    return "" if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def check_name(name: object) -> str:
    """A name for a question.

    Raises:
        BadRequest: it is empty, too long, or has characters that cannot be seen.
    """
    text = " ".join(name.split()) if isinstance(name, str) else ""
    if not 0 < len(text) <= LONGEST_NAME or not text.isprintable():
        raise BadRequest(f"A saved question has a name of 1 to {LONGEST_NAME} characters.", at="name")
    return text


def check_reach(reach: object) -> int:
    """A number to wait for.

    Raises:
        BadRequest: it is not a whole number from 1 on.
    """
    if type(reach) is not int or not 0 < reach <= MOST_REACH:
        raise BadRequest("A number to wait for is a whole number from 1 on.", at="reach")
    return reach

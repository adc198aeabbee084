"""What changed of numbers that are waited for, as an Atom feed (RFC 4287), which any feed reader can follow.

An entry stands for a change of state and is never changed afterwards; its identifier follows from the hub's key, the
question, the number and the moment, and so does not depend on the hub's address.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime
from xml.etree import ElementTree as ET

from oncommons.schema.dictionary import plural_of
from oncommons.schema.saved import SavedQuestion, Sighting, Standing

ATOM = "http://www.w3.org/2005/Atom"
MEDIA_TYPE = "application/atom+xml"
_NAMES = uuid.UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")
"""The name space of addresses (RFC 9562, 6.6)."""
_EPOCH = "1970-01-01T00:00:00+00:00"
"""When a feed changed last that has never had an entry."""
_TITLES: Mapping[Standing, str] = {
    "reached": "{reach} reached",
    "perhaps": "{reach} perhaps reached",
    "not reached": "{reach} not reached",
    "not known": "{reach} not known",
}
_AFTER_REACHED: Mapping[Standing, str] = {
    "not known": "{reach} no longer known",
    "perhaps": "{reach} no longer certainly reached",
    "not reached": "{reach} no longer reached",
}


def words_of(before: Standing, standing: Standing, reach: int) -> str:
    """What happened to a number that is waited for, in a few words.

    Args:
        before: How it stood.
        standing: How it stands.
        reach: The number.
    """
    words = (_AFTER_REACHED if before == "reached" else _TITLES).get(standing, "{reach}")
    return words.format(reach=f"{reach:,}")


@dataclass(frozen=True)
class Source:
    """Where a feed comes from.

    Attributes:
        hub: Name of the hub.
        issuer: The name that the hub's key gives it, which no other hub has.
        url: Address of the hub, without a slash at its end.
    """

    hub: str
    issuer: str
    url: str

    def urn(self, *parts: str) -> str:
        """A permanent identifier of something of this hub."""
        return uuid.uuid5(_NAMES, "/".join(("oncommons", self.issuer, *parts))).urn


@dataclass(frozen=True)
class Change:
    """A change of a number that is waited for, with its question."""

    question: SavedQuestion
    sighting: Sighting

    @property
    def title(self) -> str:
        """What happened, in a few words."""
        seen = self.sighting
        return f"{self.question.name}: {words_of(seen.before, seen.standing, seen.reach)}"

    @property
    def text(self) -> str:
        """What was told, and by which nodes."""
        seen = self.sighting
        entity = str(self.question.question.get("count", ""))
        noun = plural_of(entity)
        if seen.standing == "not known":
            return f"{self.question.sentence} No node is left that told a number; waited for: {seen.reach:,}."
        told = "; ".join(f"{node} ({when[:10]})" for node, when in sorted(seen.nodes.items()))
        return (
            f"{self.question.sentence} Certain: {seen.count} {noun} ({seen.count.precision}); waited for: {seen.reach:,}. "
            f"Nodes in this number, and the day on which each told it: {told}."
        )


@dataclass(frozen=True)
class Feed:
    """A feed as it is sent: its text, and when it changed last, in ISO 8601."""

    body: bytes
    updated: str

    @property
    def headers(self) -> dict[str, str]:
        """What lets a reader ask whether it has changed (RFC 9110, 8.8)."""
        etag = f'"{hashlib.sha256(self.body).hexdigest()[:32]}"'
        modified = format_datetime(datetime.fromisoformat(self.updated), usegmt=True)
        return {"etag": etag, "last-modified": modified, "cache-control": "no-cache"}

    def is_known(self, headers: Mapping[str, str]) -> bool:
        """Whether a reader has it already, by the headers it sent; the tag decides where one is sent (RFC 9110, 13.2.2)."""
        tags = headers.get("if-none-match", "")
        if tags:
            return tags.strip() == "*" or self.headers["etag"] in (
                tag.strip().removeprefix("W/") for tag in tags.split(",")
            )
        try:
            had = parsedate_to_datetime(headers.get("if-modified-since", ""))
            return had >= datetime.fromisoformat(self.updated).replace(microsecond=0)  # headers know whole seconds
        except (ValueError, TypeError):
            return False


def question_feed(source: Source, question: SavedQuestion) -> Feed:
    """The feed of one saved question."""
    feed = _feed(source, f"{question.name} – {source.hub}", question.id)
    _text(feed, "subtitle", question.sentence)
    return _finished(feed, source, [Change(question, one) for one in question.sightings], question.made)


def feed_of_all(source: Source, changes: Sequence[Change]) -> Feed:
    """The feed of all watched questions, from their changes, the newest first."""
    return _finished(_feed(source, f"Watched questions – {source.hub}"), source, changes, _EPOCH)


def _feed(source: Source, title: str, *question: str) -> ET.Element:
    feed = ET.Element("feed", xmlns=ATOM)
    place = "/".join(("saved", *question))
    _text(feed, "id", source.urn(place))
    _text(feed, "title", title)
    ET.SubElement(feed, "link", rel="self", type=MEDIA_TYPE, href=f"{source.url}/api/{place}/feed.atom")
    ET.SubElement(feed, "link", rel="alternate", type="text/html", href=f"{source.url}/{place}")
    _text(ET.SubElement(feed, "author"), "name", source.hub)
    return feed


def _finished(feed: ET.Element, source: Source, changes: Sequence[Change], since: str) -> Feed:
    updated = max((one.sighting.seen for one in changes), default=since)
    _text(feed, "updated", updated)
    for one in changes:
        feed.append(_entry(source, one))
    return Feed(ET.tostring(feed, "utf-8", xml_declaration=True), updated)


def _entry(source: Source, change: Change) -> ET.Element:
    question, seen = change.question, change.sighting
    entry = ET.Element("entry")
    _text(entry, "id", source.urn("saved", question.id, str(seen.reach), seen.seen))
    _text(entry, "title", change.title)
    _text(entry, "updated", seen.seen)
    _text(entry, "published", seen.seen)
    page = f"{source.url}/saved/{question.id}"
    ET.SubElement(entry, "link", rel="alternate", type="text/html", href=page)
    ET.SubElement(entry, "category", term=seen.standing.replace(" ", "-"), label=seen.standing)
    _text(entry, "content", change.text).set("type", "text")
    return entry


def _text(parent: ET.Element, tag: str, text: str) -> ET.Element:
    """An element with a text, without the characters that XML 1.0 does not have (2.2)."""
    element = ET.SubElement(parent, tag)
    element.text = "".join(c for c in text if c >= " " and not "\ud800" <= c <= "\udfff" and c not in "\ufffe\uffff")
    return element

"""The permit: who may ask what of which data, for what, until when; one frozen record with a strict JSON form.

::

    {"id": "P-7", "project": "lung", "people": ["ana"],
     "datasets": [{"node": "athens", "dataset": "lung"}],
     "variables": ["person.sex", "series.modality"], "analyses": ["count"],
     "purpose": {"ehds": ["RESEARCH"], "duo": ["DUO:0000007"]},
     "period": {"not_before": "2026-12-01", "not_after": "2027-12-01"},
     "output": {"least": 10, "groups": false}, "budget": 500}

An unknown key is an error, as in questions: whoever wrote it meant something that would otherwise be dropped.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

from oncommons.schema.dictionary import ENTITIES, FIELDS
from oncommons.schema.errors_of_permits import BadPermit
from oncommons.schema.federation import is_name
from oncommons.schema.purposes import DUO, EHDS

PERMIT_TYPE = "oncommons-permit+jwt"
"""``typ`` of a signed permit (RFC 8725, section 3.11: a token of one kind is never taken for another)."""
COUNT = "count"
"""The analysis that a cohort question is."""
IMAGES = "images"
"""The analysis that searching for and retrieving the images of datasets is (DICOMweb)."""
LONGEST_SECONDS = 3_653 * 86_400
"""Ten years, the longest that a permit holds (Regulation (EU) 2025/327, Article 68(12))."""
MAX_BYTES = 262_144
"""Longest permit, in bytes of JSON."""
MAX_LISTED = 1_000
"""Most entries of a list in a permit."""
MAX_BUDGET = 1_000_000_000
MAX_LEAST = 1_000_000
NO_PROJECTS = frozenset({"everybody"})
"""Names that stand for something else where projects are counted."""
_WORD = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,63})")
_PROJECT = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_PERSON = re.compile(r"[!-~]{1,200}")
_ANALYSIS = re.compile(r"[a-z][a-z0-9_-]{0,63}")
_DATASET = re.compile(r"[^\x00-\x1f\x7f]{1,200}")
_VERSION = re.compile(r"[A-Za-z0-9._-]{0,64}")
_HUB = re.compile(r"|urn:oncommons:hub:[A-Za-z0-9_-]{43}")
_TEXT = re.compile(r"[^\x00-\x1f\x7f]{0,500}")
VARIABLES = frozenset({*ENTITIES, *(f"{f.entity}.{f.name}" for f in FIELDS)})
"""What a permit may name: an entity, of which rows may then be counted and asked for, and a field with its entity."""


class Holding(NamedTuple):
    """A dataset of a node, at a version; an empty version stands for the data as they are when asked."""

    node: str
    dataset: str
    version: str = ""


@dataclass(frozen=True)
class Output:
    """How strictly answers are told; a node's own rule is never loosened by it.

    Attributes:
        least: The smallest number that may be told; 0 leaves it to the node.
        groups: Whether counts by codes may be told.
    """

    least: int = 0
    groups: bool = True


@dataclass(frozen=True)
class Permit:
    """What a project may do.

    Attributes:
        id: Its identifier.
        hub: How the hub that issued it names itself in tokens; empty until it is issued.
        project: Whom a node remembers answers for, counts its own budget for, and decides about.
        people: Opaque identifiers of those who may ask.
        datasets: What may be asked.
        variables: Of :data:`VARIABLES`; people may be counted in any case.
        analyses: What may be done, such as :data:`COUNT` and :data:`IMAGES`.
        ehds: Purposes, of :data:`~oncommons.schema.purposes.EHDS`.
        duo: Terms of use, of :data:`~oncommons.schema.purposes.DUO`.
        not_before: The first second that it holds, since the epoch.
        not_after: The first second that it does not hold any more.
        output: How strictly answers are told.
        budget: What the questions under it may cost at each node altogether; 0 leaves it to the node.
        title: The project's name for people.
        address: The hub's public address, of which the addresses of datasets are made.
        conditions: What was agreed on besides, in words, for its people to keep to; no node judges it.
    """

    id: str
    project: str
    people: tuple[str, ...]
    datasets: tuple[Holding, ...]
    variables: tuple[str, ...]
    analyses: tuple[str, ...]
    ehds: tuple[str, ...]
    not_before: int
    not_after: int
    duo: tuple[str, ...] = ()
    output: Output = field(default_factory=Output)
    budget: int = 0
    title: str = ""
    hub: str = ""
    address: str = ""
    conditions: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The permit as JSON; parsing it gives the same permit again."""
        return {
            "id": self.id,
            "hub": self.hub,
            "address": self.address,
            "project": self.project,
            "title": self.title,
            "people": list(self.people),
            "datasets": [{k: v for k, v in h._asdict().items() if v} for h in self.datasets],
            "variables": list(self.variables),
            "analyses": list(self.analyses),
            "purpose": {"ehds": list(self.ehds), "duo": list(self.duo)},
            "period": {"not_before": written(self.not_before), "not_after": written(self.not_after)},
            "output": dict(vars(self.output)),
            "budget": self.budget,
            **({"conditions": list(self.conditions)} if self.conditions else {}),
        }

    def at(self, node: str) -> tuple[Holding, ...]:
        """The datasets of one node."""
        return tuple(h for h in self.datasets if h.node == node)


def written(moment: int) -> str:
    """A time as permits have it: ISO 8601, UTC, to the second."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_permit_text(text: str | bytes) -> Permit:
    """Read a permit from JSON text.

    Raises:
        BadPermit: it is not JSON, a key stands twice in one object, or it is not a permit.
    """
    raw = text.encode() if isinstance(text, str) else text
    if len(raw) > MAX_BYTES:
        raise BadPermit(f"The permit has {len(raw):,} bytes; at most {MAX_BYTES:,} are accepted.")
    try:
        body = json.loads(raw.decode("utf-8"), object_pairs_hook=_once)
    except (ValueError, RecursionError) as fault:
        raise BadPermit(f"The permit is not JSON: {fault}.") from None
    return parse_permit(body)


def parse_permit(body: object) -> Permit:
    """Read a permit from decoded JSON.

    Raises:
        BadPermit: an unknown or missing key, a value of the wrong kind, or a period that is none.
    """
    parts = _object(body, "permit", _KEYS, _OPTIONAL)
    purpose = _object(parts["purpose"], "purpose", {"ehds", "duo"}, {"duo"})
    period = _object(parts["period"], "period", {"not_before", "not_after"})
    output = _object(parts.get("output", {}), "output", {"least", "groups"}, {"least", "groups"})
    begin, end = _moment(period["not_before"], "period.not_before"), _moment(period["not_after"], "period.not_after")
    if not begin < end <= begin + LONGEST_SECONDS:
        raise BadPermit("A permit ends after it begins, and holds for ten years at most.", at="period")
    return Permit(
        id=_word(parts["id"], "id", _WORD),
        hub=_word(parts.get("hub", ""), "hub", _HUB),
        address=_word(parts.get("address", ""), "address", _TEXT),
        project=_project(parts["project"]),
        title=_word(parts.get("title", ""), "title", _TEXT),
        people=_words(parts["people"], "people", _PERSON.fullmatch),
        datasets=_holdings(parts["datasets"]),
        variables=_words(parts["variables"], "variables", VARIABLES.__contains__, least=0),
        analyses=_words(parts["analyses"], "analyses", _ANALYSIS.fullmatch),
        ehds=_words(purpose["ehds"], "purpose.ehds", EHDS.__contains__),
        duo=_words(purpose.get("duo", []), "purpose.duo", DUO.__contains__, least=0),
        not_before=begin,
        not_after=end,
        output=Output(
            _number(output.get("least", 0), "output.least", MAX_LEAST),
            _truth(output.get("groups", True), "output.groups"),
        ),
        budget=_number(parts.get("budget", 0), "budget", MAX_BUDGET),
        conditions=_sentences(parts.get("conditions", [])),
    )


_OPTIONAL = frozenset({"hub", "address", "title", "output", "budget", "conditions"})
_BARE = frozenset({"node", "dataset"})
_KEYS = _OPTIONAL | {"id", "project", "people", "datasets", "variables", "analyses", "purpose", "period"}


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice in one object; one of the two would be dropped")
    return found


def _object(
    body: object, at: str, known: AbstractSet[str], optional: AbstractSet[str] = frozenset()
) -> Mapping[str, Any]:
    """An object with known keys only, and all that are not optional."""
    if not isinstance(body, dict):
        raise BadPermit("Expected a JSON object.", at=at)
    if not body.keys() <= known:
        unknown = min(str(key)[:60] for key in body.keys() - known)
        raise BadPermit(f"Unknown key {unknown!r}; known here: {', '.join(sorted(known))}.", at=at)
    if lacking := known - optional - body.keys():
        raise BadPermit(f"The key {min(lacking)!r} is missing.", at=at)
    return body


def _word(value: object, at: str, form: re.Pattern[str]) -> str:
    if not isinstance(value, str) or not form.fullmatch(value):
        raise BadPermit(f"{_shown(value)} cannot stand here.", at=at)
    return value


def _project(value: object) -> str:
    name = _word(value, "project", _PROJECT)
    if name in NO_PROJECTS:
        raise BadPermit(f"No project can be called {name!r}.", at="project")
    return name


def _words(value: object, at: str, fits: Callable[[str], object], least: int = 1) -> tuple[str, ...]:
    """A list of texts, each of which fits, kept in order and once."""
    words = _list(value, at, least)
    for i, word in enumerate(words):
        if not isinstance(word, str) or not fits(word):
            raise BadPermit(f"{_shown(word)} cannot stand here.", at=f"{at}[{i}]")
    return tuple(sorted(set(words)))


def _sentences(value: object) -> tuple[str, ...]:
    """Texts for people, in the order in which they were agreed on."""
    return tuple(_word(one, f"conditions[{i}]", _TEXT) for i, one in enumerate(_list(value, "conditions", 0)))


def _holdings(value: object) -> tuple[Holding, ...]:
    found = {_holding(body, i) for i, body in enumerate(_list(value, "datasets", 1))}
    if len({(node, dataset) for node, dataset, _ in found}) < len(found):
        raise BadPermit("A dataset of a node stands there at two versions.", at="datasets")
    return tuple(sorted(found))


def _holding(body: object, place: int) -> Holding:
    """A dataset; a permit names hundreds, so that where one stands is only put in words where something is wrong."""
    if isinstance(body, dict) and body.keys() == _BARE:
        node, dataset = body["node"], body["dataset"]
        if isinstance(node, str) and isinstance(dataset, str) and is_name(node) and _DATASET.fullmatch(dataset):
            return Holding(node, dataset)
    at = f"datasets[{place}]"
    parts = _object(body, at, _BARE | {"version"}, frozenset({"version"}))
    if not isinstance(parts["node"], str) or not is_name(parts["node"]):
        raise BadPermit(f"{_shown(parts['node'])} cannot name a node.", at=f"{at}.node")
    dataset = _word(parts["dataset"], f"{at}.dataset", _DATASET)
    return Holding(parts["node"], dataset, _word(parts.get("version", ""), f"{at}.version", _VERSION))


def _list(value: object, at: str, least: int) -> Sequence[Any]:
    if not isinstance(value, list) or not least <= len(value) <= MAX_LISTED:
        raise BadPermit(f"Expected a list of {least} to {MAX_LISTED:,} entries.", at=at)
    return value


def _number(value: object, at: str, most: int) -> int:
    if type(value) is not int or not 0 <= value <= most:
        raise BadPermit(f"Expected a whole number from 0 to {most:,}.", at=at)
    return value


def _truth(value: object, at: str) -> bool:
    if not isinstance(value, bool):
        raise BadPermit("Expected true or false.", at=at)
    return value


def _moment(value: object, at: str) -> int:
    """A day, which begins at midnight UTC, or a second of UTC that ends with Z."""
    if isinstance(value, str):
        for form in ("%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"):
            try:
                return int(datetime.strptime(value, form).replace(tzinfo=UTC).timestamp())
            except (ValueError, OverflowError):
                continue
    raise BadPermit(f"{_shown(value)} is no day, such as 2026-12-01, and no time, such as 2026-12-01T08:00:00Z.", at=at)


def _shown(value: object) -> str:
    text = json.dumps(value, default=str) if not isinstance(value, dict | list) else type(value).__name__
    return text if len(text) <= 60 else text[:59] + "…"  # noqa: PLR2004  as long as a message may repeat

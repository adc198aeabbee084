"""A Beacon as hub and node serve it: from a path and a request to what must be asked, and to the response.

Neither HTTP nor data are known here.  Whoever serves it reads the request, asks the question that
:func:`open_query` gives, and tells the answer by :func:`close_query`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal
from urllib.parse import urlsplit

from oncommons.schema.answer import Answer
from oncommons.schema.dialects.beacon_about import ABOUT, Held, paged_terms, schema_of
from oncommons.schema.dialects.beacon_answer import Beacon, dataset_id, tell_answer
from oncommons.schema.dialects.beacon_collections import tell_collections
from oncommons.schema.dialects.beacon_groups import grouping
from oncommons.schema.dialects.beacon_request import BeaconRequest, read_get, read_post
from oncommons.schema.dialects.entry_types import COLLECTIONS, ENTRIES, EVERY, EntryType
from oncommons.schema.dialects.filters import translate
from oncommons.schema.errors import NotFound
from oncommons.schema.errors_of_protocols import DialectError, RecordsNotGiven
from oncommons.schema.question import Question
from oncommons.schema.sentence import sentence


@dataclass(frozen=True)
class Address:
    """Somewhere in a Beacon.

    Attributes:
        path: Below the Beacon's root; ``{id:path}`` stands for the identifier of a dataset or a record.
        kind: What is there: the Beacon itself, its filters, a schema, the answer to a query, a record (refused), or
            nothing (which a Beacon tells in its own way).
        summary: What is there, in words.
        entry: The entry type, where it is about one.
        methods: How it is asked.
    """

    path: str
    kind: Literal["about", "terms", "schema", "query", "record", "nothing"]
    summary: str
    entry: EntryType = COLLECTIONS[0]
    methods: tuple[str, ...] = ("GET",)


def addresses() -> Iterator[Address]:
    """Every address of a Beacon, those first that would be hidden by a later one."""
    for path, tell in ABOUT.items():
        yield Address(path, "about", (tell.__doc__ or "").strip().rstrip("."))
    both = ("GET", "POST")
    yield Address("/filtering_terms", "terms", "Every filter that can be carried", methods=both)
    for entry in EVERY:
        yield Address(f"/{entry.path}/filtering_terms", "terms", f"Filters for {entry.path}", entry, both)
        yield Address(f"/{entry.path}", "query", f"Ask for {entry.path}", entry, both)
        if not entry.schema:
            yield Address(f"/schemas/{entry.id}", "schema", f"Schema of {entry.path}", entry)
    for outer in COLLECTIONS:
        for entry in ENTRIES:
            path = f"/{outer.path}/{{id:path}}/{entry.path}"
            yield Address(path, "query", f"Ask for {entry.path} of one {outer.id}", entry, both)
        inside = f"/{outer.path}/{{id:path}}"
        yield Address(f"{inside}/filtering_terms", "terms", f"Filters for one {outer.id}", outer, both)
        yield Address(inside, "query", f"One {outer.id}", outer, both)
    for entry in ENTRIES:
        yield Address(
            f"/{entry.path}/{{id:path}}", "record", f"One record of {entry.path}, which is refused", entry, both
        )
    yield Address("/{rest:path}", "nothing", "Nothing else is there", methods=both)


def tell_plainly(
    address: Address, beacon: Beacon, request: BeaconRequest, held: Held, inside: str = ""
) -> dict[str, Any]:
    """What is at an address at which nobody must be asked.

    Args:
        address: The address.
        beacon: Who tells it.
        request: How it is asked.
        held: Every dataset card.
        inside: The one dataset that the address names; empty for all.

    Raises:
        RecordsNotGiven: it is the record of one person or image.
        NotFound: nothing is there.
    """
    if address.kind == "nothing":
        raise NotFound("This Beacon has nothing there; /map tells what it has.")
    if address.kind == "record":
        raise refuse_record(address.entry)
    if address.kind == "schema":
        return schema_of(address.entry)
    if address.kind == "terms":
        own = [(node, card) for node, card in held if inside in {"", dataset_id(node, card.dataset)}]
        if inside and not own:
            raise _no_dataset(inside)
        return paged_terms(beacon, own, request.skip, request.limit)
    return ABOUT[address.path](beacon, held)


def read_request(method: str, pairs: Sequence[tuple[str, str]], body: bytes) -> BeaconRequest:
    """Read a request.

    Args:
        method: ``GET`` or ``POST``.
        pairs: Parameters of the address.
        body: What was sent.

    Raises:
        DialectError: it is not a request to a Beacon.
    """
    if method != "POST":
        return read_get(pairs)
    if pairs:
        raise DialectError("A request by POST has its parameters in its body.")
    try:
        found = json.loads(body)
        json.dumps(found, ensure_ascii=False).encode()  # half a character (a lone surrogate) can be told to nobody
        return read_post(found)
    except (ValueError, RecursionError):
        raise DialectError("The request is not JSON.") from None


@dataclass(frozen=True)
class Query:
    """A request that was understood.

    Attributes:
        entry: What is asked for.
        request: How it is asked.
        question: What nodes must be asked; nothing where cards, or a test, need no answer.
    """

    entry: EntryType
    request: BeaconRequest
    question: Question | None

    @property
    def nodes(self) -> tuple[str, ...]:
        """The nodes of the datasets that it is restricted to; none where it is about all."""
        return tuple(sorted({name.partition(":")[0] for name in self.request.datasets}))


def open_query(entry: EntryType, request: BeaconRequest, held: Held, inside: str = "") -> Query:
    """What a request asks.

    Args:
        entry: What is asked for.
        request: How it is asked.
        held: Every dataset card.
        inside: The one dataset that the address names; empty for all.

    Raises:
        NotFound: a dataset is named that nobody holds.
        Untranslatable: a filter cannot be carried, or entries cannot be grouped as asked.
    """
    if inside:
        request = replace(request, datasets=(inside,))
    known = {dataset_id(node, card.dataset) for node, card in held}
    for name in request.datasets:
        if name not in known:
            raise _no_dataset(name)
    by = grouping(entry, request.aggregators) if request.detail == "aggregated" else ()
    question = replace(translate(entry.entity, request.filters), by=by)
    needless = request.test or (entry.collection and not request.filters)
    return Query(entry, request, None if needless else question)


def close_query(beacon: Beacon, query: Query, held: Held, answer: Answer | None) -> dict[str, Any]:
    """The response.

    Args:
        beacon: Who answers.
        query: What was asked.
        held: Every dataset card.
        answer: The answer to the query's question, where it has one.

    Raises:
        NobodyAnswered: no node answered, so there is no number.
    """
    if query.entry.collection:
        return tell_collections(beacon, query.entry, query.request, held, answer)
    if answer is None:
        answer = _tested(query)
    return tell_answer(beacon, query.entry, query.request, answer)


def _no_dataset(name: str) -> NotFound:
    return NotFound(f"There is no dataset {name[:100]!r}; /datasets names those that there are.")


def refuse_record(entry: EntryType) -> RecordsNotGiven:
    """The error for who asks for the record of one entry."""
    return RecordsNotGiven(f"A record of one {entry.name.lower()} is not given; ask for counts at /{entry.path}.")


def beacon_id(url: str) -> str:
    """The identifier of a Beacon: its host name reversed, such as ``org.example.hub.beacon``."""
    host = urlsplit(url).hostname or "localhost"
    numeric = ":" in host or host.replace(".", "").isdigit()
    return ".".join([*([host] if numeric else reversed(host.split("."))), "beacon"])


def _tested(query: Query) -> Answer:
    """What a test is answered: nobody is asked, and there is nothing."""
    question = translate(query.entry.entity, query.request.filters)
    return Answer("test", question.to_json(), f"A test; nobody was asked. {sentence(question)}")

"""A Beacon as hub and node serve it: from a path and a request to what must be asked, and to the response.

Neither HTTP nor data are known here.  Whoever serves it reads the request, asks the question that
:func:`open_query` gives, and tells the answer by :func:`close_query`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from oncommons.schema.answer import Answer
from oncommons.schema.dialects.beacon_about import Held
from oncommons.schema.dialects.beacon_answer import Beacon, dataset_id, tell_answer
from oncommons.schema.dialects.beacon_collections import tell_collections
from oncommons.schema.dialects.beacon_request import BeaconRequest
from oncommons.schema.dialects.entry_types import EntryType
from oncommons.schema.dialects.filters import translate
from oncommons.schema.errors import NotFound, RecordsNotGiven
from oncommons.schema.question import Question
from oncommons.schema.sentence import sentence


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


def open_query(entry: EntryType, request: BeaconRequest, held: Held, inside: str = "") -> Query:
    """What a request asks.

    Args:
        entry: What is asked for.
        request: How it is asked.
        held: Every dataset card.
        inside: The one dataset that the address names; empty for all.

    Raises:
        NotFound: a dataset is named that nobody holds.
        Untranslatable: a filter cannot be carried.
    """
    if inside:
        request = replace(request, datasets=(inside,))
    known = {dataset_id(node, card.dataset) for node, card in held}
    for name in request.datasets:
        if name not in known:
            raise NotFound(f"There is no dataset {name[:100]!r}; /datasets names those that there are.")
    question = translate(entry.entity, request.filters)
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

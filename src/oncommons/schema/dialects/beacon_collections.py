"""Datasets and cohorts of a Beacon, from the dataset cards (Beacon v2.1.1, default model)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from oncommons.schema.answer import Answer
from oncommons.schema.dataset import DatasetCard
from oncommons.schema.dialects.beacon_about import Held
from oncommons.schema.dialects.beacon_answer import Beacon, check_heard, chosen, dataset_id, meta, said_of
from oncommons.schema.dialects.beacon_counts import existence, not_excluded
from oncommons.schema.dialects.beacon_request import BeaconRequest
from oncommons.schema.dialects.entry_types import EntryType
from oncommons.schema.dialects.terms import PREFIXES
from oncommons.schema.dictionary import fields_named


def tell_collections(
    beacon: Beacon, entry: EntryType, request: BeaconRequest, held: Held, answer: Answer | None
) -> dict[str, Any]:
    """Datasets or cohorts: all of them, or those in which people may fulfil the filters.

    Args:
        beacon: Who answers.
        entry: ``dataset`` or ``cohort``.
        request: How it was asked.
        held: Every dataset card.
        answer: The federation's answer where there are filters.

    Raises:
        NobodyAnswered: there are filters, and no node answered.
    """
    cards = [(n, c) for n, c in held if not request.datasets or dataset_id(n, c.dataset) in request.datasets]
    info: dict[str, Any] = {}
    if answer is not None:
        check_heard(answer)
        told = {t.id: t.answer.certain for t in chosen(answer, request) if not_excluded(t.answer.certain)}
        cards = [(n, c) for n, c in cards if dataset_id(n, c.dataset) in told]
        sure = {key: existence(count) for key, count in told.items()}
        info = said_of(answer) | {"existence": sure}
    granularity = "count" if request.granularity == "aggregated" else request.granularity or "record"
    summary: dict[str, Any] = {"exists": bool(cards)}
    if granularity != "boolean":
        summary["numTotalResults"] = len(cards)
    body = {"meta": meta(beacon, request, entry, granularity), "responseSummary": summary, "info": info}
    if granularity != "record":
        return body
    describe = _cohort if entry.id == "cohort" else _dataset
    page = cards[request.skip * request.page :][: request.page] if request.page else cards
    return body | {"response": {"collections": [describe(node, card) for node, card in page]}}


def _dataset(node: str, card: DatasetCard) -> dict[str, Any]:
    body: dict[str, Any] = {
        "id": dataset_id(node, card.dataset),
        "name": card.title or card.dataset,
        "info": _info(node, card),
    }
    if card.about:
        body["description"] = card.about
    if card.source.startswith("https://"):
        body["externalUrl"] = card.source
    return body


def _cohort(node: str, card: DatasetCard) -> dict[str, Any]:
    """A cohort; its size only where it is exact, since the schema has no place for a bound."""
    body: dict[str, Any] = {
        "id": dataset_id(node, card.dataset),
        "name": card.title or card.dataset,
        "cohortType": "study-defined",
        "cohortDataTypes": _data_types(card),
        "info": _info(node, card),
    }
    people = card.records.get("person")
    if people is not None and people.precision == "exact":
        body["cohortSize"] = people.at_least
    return body


def _info(node: str, card: DatasetCard) -> dict[str, Any]:
    return {
        "node": node,
        "records": {entity: count.to_json() for entity, count in card.records.items()},
        "fields": list(card.fields),
        "policy": card.policy,
        "licence": card.licence,
        "source": card.source,
    }


def _data_types(card: DatasetCard) -> Sequence[dict[str, str]]:
    """The kinds of images of a card, as DICOM codes them."""
    labels = fields_named("modality")[0].codes.codes
    prefix = PREFIXES["modality"]
    return [{"id": f"{prefix}:{code}", "label": labels.get(code, code)} for code in card.codes.get("modality", {})]

"""What a Beacon says of itself: who it is, what it can be asked, and where (Beacon v2.1.1, framework, configuration)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, TypeAlias

from oncommons.schema.answer import total
from oncommons.schema.dataset import DatasetCard
from oncommons.schema.dialects.beacon_answer import API_VERSION, Beacon
from oncommons.schema.dialects.beacon_groups import groupable
from oncommons.schema.dialects.entry_types import COLLECTIONS, ENTRIES, EVERY, SPECIFICATION, EntryType
from oncommons.schema.dialects.filters import SCOPE_RULE
from oncommons.schema.dialects.terms import CONCEPTS, NOT_KNOWN, PREFIXES, RESOURCES, name_of, term_of
from oncommons.schema.dictionary import FIELDS, Field, lineage

Held: TypeAlias = Sequence[tuple[str, DatasetCard]]
"""Dataset cards, each with the name of its node."""
DESCRIPTION = (
    "Counts people and images of cancer at hospitals whose data stay at home. "
    "Numbers are released by each hospital's own policy and say how exact they are."
)
ANSWERED: Mapping[str, str] = MappingProxyType(
    {
        "boolean": "whether there may be any",
        "count": "a number with its precision; where no dataset tells one, boolean",
        "aggregated": "a number for each dataset, and by the codes of one field or two, under info; returned as aggregated "
        "to clients of version 2.0, else as count",
        "record": "a number for each dataset, without records; returned as count. Datasets and cohorts are told in full",
    }
)
"""Granularity that is requested to what is returned."""
_ASK_URL = "https://json-schema.org/draft/2020-12/schema"


def info(beacon: Beacon, _held: Held) -> dict[str, Any]:
    """Who this Beacon is."""
    return _about(
        beacon,
        ("info", "beacon-info-v2.1.1"),
        {
            "id": beacon.id,
            "name": beacon.name,
            "apiVersion": API_VERSION,
            "environment": beacon.environment,
            "organization": {"id": beacon.id, "name": beacon.organisation, "welcomeUrl": beacon.home},
            "description": DESCRIPTION,
            "version": beacon.version,
            "welcomeUrl": beacon.home,
            "alternativeUrl": beacon.url,
            "info": {"scopeRule": list(SCOPE_RULE), "granularities": dict(ANSWERED)},
        },
    )


def service_info(beacon: Beacon, _held: Held) -> dict[str, Any]:
    """Who this Beacon is, as every GA4GH service tells it (service-info 1.0.0)."""
    return {
        "id": beacon.id,
        "name": beacon.name,
        "type": {"group": "org.ga4gh", "artifact": "beacon", "version": API_VERSION},
        "description": DESCRIPTION,
        "organization": {"name": beacon.organisation, "url": beacon.home},
        "environment": beacon.environment,
        "version": beacon.version,
    }


def configuration(beacon: Beacon, _held: Held) -> dict[str, Any]:
    """Which entry types it has, and who may ask."""
    return _about(
        beacon,
        ("configuration", "beacon-configuration-v2.1.1"),
        {
            "$schema": _ASK_URL,
            "maturityAttributes": {"productionStatus": beacon.environment.upper()},
            "securityAttributes": {
                "defaultGranularity": "boolean",
                "securityLevels": list(beacon.levels),
            },
            "entryTypes": {entry.id: _entry_type(beacon, entry) for entry in EVERY},
        },
    )


def entry_types(beacon: Beacon, _held: Held) -> dict[str, Any]:
    """Its entry types."""
    body = {"entryTypes": {entry.id: _entry_type(beacon, entry) for entry in EVERY}}
    return _about(beacon, ("entryTypes", "beacon-entry-types-v2.1.1"), body)


def beacon_map(beacon: Beacon, _held: Held) -> dict[str, Any]:
    """Where each entry type can be asked for."""
    sets = {entry.id: _endpoints(beacon, entry) for entry in EVERY}
    return _about(beacon, ("map", "beacon-map-v2.1.1"), {"$schema": _ASK_URL, "endpointSets": sets})


def filtering_terms(beacon: Beacon, held: Held) -> dict[str, Any]:
    """Every filter that can be carried: the fields of the dictionary, and the codes that some dataset tells of."""
    terms = [term for field in FIELDS for term in _terms(field, held)]
    prefixes = {term["id"].partition(":")[0] for term in terms if term["type"] == "ontologyTerm"}
    resources = [
        {"id": prefix.lower(), "name": name, "url": url, "nameSpacePrefix": prefix, "iriPrefix": iri}
        for prefix, (name, url, iri) in RESOURCES.items()
        if prefix in prefixes
    ]
    body = {"filteringTerms": terms, "resources": resources}
    return _about(beacon, ("filteringTerms", "beacon-filtering-terms-v2.1.1"), body)


def paged_terms(beacon: Beacon, held: Held, skip: int, limit: int | None) -> dict[str, Any]:
    """One page of the filtering terms; all of them where no limit is named, or 0."""
    body = filtering_terms(beacon, held)
    if limit:
        terms = body["response"]["filteringTerms"]
        body["response"]["filteringTerms"] = terms[skip * limit : (skip + 1) * limit]
    return body


ABOUT: Mapping[str, Callable[[Beacon, Held], dict[str, Any]]] = MappingProxyType(
    {
        "": info,
        "/": info,
        "/info": info,
        "/service-info": service_info,
        "/configuration": configuration,
        "/map": beacon_map,
        "/entry_types": entry_types,
    },
)
"""Last part of an address and what is told there."""


def schema_of(entry: EntryType) -> dict[str, Any]:
    """The JSON schema of an entry type of our own: its fields, as the dictionary has them."""
    fields = [f for f in FIELDS if f.entity in lineage(entry.entity)]
    return {
        "$schema": _ASK_URL,
        "title": entry.name,
        "description": entry.meaning,
        "type": "object",
        "properties": {
            name_of(f): {"description": f.meaning, "type": "string" if f.type == "code" else f.type} for f in fields
        },
    }


def _about(beacon: Beacon, schema: tuple[str, str], response: dict[str, Any]) -> dict[str, Any]:
    kind, name = schema
    meta = {
        "beaconId": beacon.id,
        "apiVersion": API_VERSION,
        "returnedSchemas": [{"entityType": kind, "schema": name}],
    }
    return {"meta": meta, "response": response}


def _entry_type(beacon: Beacon, entry: EntryType) -> dict[str, Any]:
    body: dict[str, Any] = {
        "id": entry.id,
        "name": entry.name,
        "description": entry.meaning,
        "partOfSpecification": SPECIFICATION if entry.schema else "oncommons",
        "nonFilteredQueriesAllowed": True,
        "defaultSchema": {
            "id": entry.schema_id,
            "name": f"Schema of {entry.name.lower()}",
            "referenceToSchemaDefinition": entry.schema or f"{beacon.url}/schemas/{entry.id}",
            "schemaVersion": API_VERSION if entry.schema else "v1",
        },
    }
    curie, label = entry.term
    if curie:
        body["ontologyTermForThisType"] = {"id": curie, "label": label}
    if entry.collection:
        body["aCollectionOf"] = [{"id": e.id, "name": e.name} for e in ENTRIES]
    return body


def _endpoints(beacon: Beacon, entry: EntryType) -> dict[str, Any]:
    root = f"{beacon.url}/{entry.path}"
    body: dict[str, Any] = {"entryType": entry.id, "rootUrl": root, "filteringTermsUrl": f"{root}/filtering_terms"}
    if entry in COLLECTIONS:
        body["singleEntryUrl"] = f"{root}/{{id}}"
        body["endpoints"] = {e.id: {"url": f"{root}/{{id}}/{e.path}", "returnedEntryType": e.id} for e in ENTRIES}
    return body


def _terms(field: Field, held: Held) -> list[dict[str, Any]]:
    """A field as a filter, and each code of it that a card tells of.

    The scope that a field belongs to comes first: clients send the first one back, whatever entries they ask for.
    """
    scopes = [e.id for e in sorted(ENTRIES, key=lambda e: e.entity != field.entity)]
    told = _told(field, held)
    label = f"{field.entity} {field.name}".replace("_", " ")
    whole: dict[str, Any] = {"type": "alphanumeric", "id": name_of(field), "label": label, "scopes": scopes}
    if field.type != "code":
        return [whole]
    whole["info"] = {"groups": [e.id for e in ENTRIES if field in groupable(e)]}
    if field.codes.codes:
        whole["values"] = list(field.codes.codes)
    terms = [whole]
    for code in told:
        term = term_of(field, code)
        kind = "custom" if term.startswith(f"{name_of(field)}:") else "ontologyTerm"
        people = total(counts for counts in told[code])
        body = {"type": kind, "id": term, "label": field.codes.codes.get(code, code), "scopes": scopes}
        terms.append(body | {"info": {"people": people.to_json(), "field": name_of(field), "code": code}})
    if field.vocabulary in NOT_KNOWN:
        term = NOT_KNOWN[field.vocabulary]
        terms.append({"type": "ontologyTerm", "id": term, "label": f"{field.name} not recorded", "scopes": scopes})
    return terms


def _told(field: Field, held: Held) -> dict[str, list[Any]]:
    """Codes of a field that cards tell of, each with its counts; the cards name no code that is too rare."""
    found: dict[str, list[Any]] = {}
    for _, card in held:
        for code, people in card.codes.get(field.name, {}).items():
            found.setdefault(code, []).append(people)
    return dict(sorted(found.items()))


def table() -> list[tuple[str, str, str]]:
    """The translation table for people: vocabulary, our code, and the term outside."""
    rows = [(v, code, term) for v, concepts in CONCEPTS.items() for code, term in concepts.items()]
    rows += [(v, "not recorded", term) for v, term in NOT_KNOWN.items()]
    return rows + [(v, "CODE", f"{prefix}:CODE") for v, prefix in PREFIXES.items()]

"""Requests to a Beacon, by GET and by POST, read strictly (Beacon v2.1.1, framework, requests)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, cast

from oncommons.schema.dialects.filters import OPERATORS, Filter
from oncommons.schema.errors_of_protocols import DialectError, Untranslatable

GRANULARITIES = ("boolean", "count", "aggregated", "record")
INCLUDES = ("ALL", "HIT", "MISS", "NONE")
DEFAULT_LIMIT = 10
"""Entries of a page where the client names no limit (beaconCommonComponents, Limit)."""
MOST_FILTERS = 100
_LONGEST = 1_000_000
_VERSION = re.compile(r"v?2(\.\d{1,3}){0,2}")
_COMPARED = re.compile(r"(?P<id>[^=<>!]+?)(?P<operator>>=|<=|=|<|>|!)(?P<value>.+)")
_GENOMIC = "This Beacon holds no genomic variants; its filters name what it can be asked."


@dataclass(frozen=True)
class BeaconRequest:
    """What a client asks for.

    Attributes:
        granularity: One of :data:`GRANULARITIES`; empty where the client leaves it to the Beacon.
        filters: The filters.
        include: Which result sets are told: ``ALL``, ``HIT``, ``MISS`` or ``NONE``.
        skip: How many pages are left out.
        limit: Entries of a page; 0 for all, ``None`` where the client names none.
        test: Whether the request only tests that it is understood.
        schemas: Schemas that the client would like.
        datasets: Datasets that it restricts the answer to; none for all.
        version: The version of Beacon that it speaks.
        aggregators: Fields by whose codes counts are told, where granularity is ``aggregated``; none for the Beacon's own.
    """

    granularity: str = ""
    filters: tuple[Filter, ...] = ()
    include: str = "HIT"
    skip: int = 0
    limit: int | None = None
    test: bool = False
    schemas: tuple[Mapping[str, str], ...] = ()
    datasets: tuple[str, ...] = ()
    version: str = "v2.1.1"
    aggregators: tuple[str, ...] = ()

    @property
    def detail(self) -> str:
        """The granularity, ``boolean`` where the client names none."""
        return self.granularity or "boolean"

    @property
    def speaks_2_0(self) -> bool:
        """Whether the client says that it speaks version 2.0."""
        return self.version.removeprefix("v").split(".")[:2] == ["2", "0"]

    @property
    def page(self) -> int:
        """Entries of a page; 0 for all."""
        return DEFAULT_LIMIT if self.limit is None else self.limit


def read_get(pairs: Sequence[tuple[str, str]]) -> BeaconRequest:
    """Read the parameters of a request by GET.

    ``filters`` is a list separated by commas, of terms and of comparisons such as ``person.age>=40``; ``aggregators`` is a
    field, or two with ``::`` between them.

    Raises:
        DialectError: a parameter is not known, is given twice, or has the wrong form.
    """
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name == "filters":
            found[name] = [*found.get(name, []), *(part for part in value.split(",") if part.strip())]
        elif name == "aggregators":
            found[name] = [*found.get(name, []), *([{"id": i} for i in one.split("::")] for one in value.split(","))]
        elif name in {"requestedSchema", "requestedSchemas"}:
            found["requestedSchemas"] = [{"schema": part} for part in value.split(",")]
        elif name not in _PARAMETERS:
            raise DialectError(f"There is no parameter {name[:60]!r}; there are {', '.join(sorted(_PARAMETERS))}.")
        elif name in found:
            raise DialectError(f"The parameter {name!r} is given twice.", at=name)
        else:
            found[name] = _PARAMETERS[name](value, name)
    filters = [_from_text(text.strip(), f"filters[{i}]") for i, text in enumerate(found.pop("filters", []))]
    return _request(found, filters)


def read_post(body: object) -> BeaconRequest:
    """Read the body of a request by POST.

    Two faults of clients are let pass, since no criterion is lost: ``meta`` that is left out, and keys of ``meta`` and
    ``query`` in snake case, such as ``test_mode``.

    Raises:
        DialectError: it is not a Beacon request; every key that is not known is one that cannot be carried.
    """
    top = _object(body, "body", {"$schema", "meta", "query"})
    if not top.keys() & {"meta", "query"}:
        raise DialectError("A Beacon request has meta, with apiVersion, and query.", at="meta")
    meta = _object(_spelled(top.get("meta", {}), "meta"), "meta", {"$schema", "apiVersion", "requestedSchemas"})
    query = _object(_spelled(top.get("query", {}), "query"), "query", _QUERY)
    found = {key: query[key] for key in query if key not in {"pagination", "requestParameters", "filters"}}
    found |= {key: meta[key] for key in ("apiVersion", "requestedSchemas") if key in meta}
    found |= _object(query.get("pagination", {}), "query.pagination", {"skip", "limit"})
    found["datasets"] = _datasets(query.get("requestParameters", {}))
    sent = _list(query.get("filters", []), "query.filters")
    return _request(found, [_filter(one, f"query.filters[{i}]") for i, one in enumerate(sent)])


def _spelled(value: object, at: str) -> object:
    """The same with the keys as Beacon spells them, where a client wrote them in snake case."""
    if not isinstance(value, dict):
        return value
    found: dict[str, object] = {}
    for key, part in value.items():
        first, *more = str(key).split("_")
        name = first + "".join(word.capitalize() for word in more)
        if name in found:
            raise DialectError(f"{name!r} is given twice.", at=at)
        found[name] = part
    return found


def _request(found: Mapping[str, Any], filters: Sequence[Filter]) -> BeaconRequest:
    if len(filters) > MOST_FILTERS:
        raise DialectError(f"There are {len(filters)} filters; at most {MOST_FILTERS} are accepted.")
    version = found.get("apiVersion", "v2.1.1")
    if not isinstance(version, str) or not _VERSION.fullmatch(version):
        raise DialectError("This Beacon speaks version 2 (v2.1.1).", at="apiVersion")
    return BeaconRequest(
        granularity=_one_of(found, "requestedGranularity", GRANULARITIES, ""),
        filters=tuple(filters),
        include=_one_of(found, "includeResultsetResponses", INCLUDES, "HIT"),
        skip=_number(found.get("skip", 0), "skip"),
        limit=_number(found["limit"], "limit") if "limit" in found else None,
        test=_flag(found.get("testMode", False)),
        schemas=tuple(_schema(s) for s in _list(found.get("requestedSchemas", []), "requestedSchemas")),
        datasets=tuple(found.get("datasets", ())),
        version=version,
        aggregators=_aggregators(found),
    )


def _aggregators(found: Mapping[str, Any]) -> tuple[str, ...]:
    """The fields of the one aggregation that is asked for, each as an object with its ``id``.

    Two forms are read, those of the draft (docs.genomebeacons.org, Aggregations) and of what its makers work on: a list of
    fields, and an object that holds it under ``aggregationTerms``.
    """
    at = "aggregators"
    asked = _list(found.get(at, []), at)
    if asked and found.get("requestedGranularity") != "aggregated":
        raise DialectError("Counts are grouped where requestedGranularity is aggregated.", at=at)
    if len(asked) > 1:
        raise Untranslatable("One request has one aggregation; ask once for each, as each is a question.", at=at)
    names = []
    for one in asked:
        parts = (
            _object(one, at, {"requestId", "aggregationTerms"}).get("aggregationTerms")
            if isinstance(one, dict)
            else one
        )
        for field in _list(parts, at):
            name = _object(field, at, {"id", "label"}, "Values and ranges of an aggregation cannot be chosen.").get(
                "id"
            )
            if not isinstance(name, str) or not name:
                raise DialectError("A field is named by its id, such as series.modality.", at=at)
            names.append(name)
    return tuple(names)


def _one_of(found: Mapping[str, Any], key: str, known: Sequence[str], default: str) -> str:
    value = found.get(key, default)
    if value != default and value not in known:
        raise DialectError(f"{key} is one of {', '.join(known)}.", at=key)
    return str(value)


def _number(value: object, at: str) -> int:
    if type(value) is not int or not 0 <= value <= _LONGEST:
        raise DialectError(f"{at} is a whole number from 0 on.", at=at)
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise DialectError("testMode is true or false.", at="testMode")
    return value


def _schema(value: object) -> Mapping[str, str]:
    parts = _object(value, "requestedSchemas", {"entityType", "schema"})
    if not all(isinstance(text, str) for text in parts.values()):
        raise DialectError("A schema is named by text.", at="requestedSchemas")
    return parts


def _datasets(value: object) -> tuple[str, ...]:
    """The datasets of ``requestParameters``, the only ones that can be carried."""
    parts = _object(value, "query.requestParameters", {"$schema", "datasets"}, _GENOMIC)
    asked = _object(parts.get("datasets", {}), "query.requestParameters.datasets", {"datasetIds"})
    ids = _list(asked.get("datasetIds", []), "query.requestParameters.datasets.datasetIds")
    if not all(isinstance(one, str) for one in ids):
        raise DialectError("A dataset is named by text.", at="query.requestParameters.datasets.datasetIds")
    return tuple(ids)


def _filter(value: object, at: str) -> Filter:
    known = {"id", "operator", "value", "scope", "includeDescendantTerms", "similarity"}
    parts = _object(value, at, known)
    for key in known - {"includeDescendantTerms", "value"}:
        if not isinstance(parts.get(key, ""), str):
            raise DialectError(f"{key} of a filter is text.", at=at)
    if not parts.get("id"):
        raise DialectError("A filter has an id: a term, or the name of a field.", at=at)
    if parts.get("similarity", "exact") != "exact":
        raise Untranslatable("Terms that are only similar are not looked for; similarity is exact.", at=at)
    descendants = parts.get("includeDescendantTerms", True)
    if not isinstance(descendants, bool):
        raise DialectError("includeDescendantTerms is true or false.", at=at)
    operator, compared = _comparison(parts, at)
    return Filter(parts["id"], operator, compared, parts.get("scope", ""), descendants, at)


def _comparison(parts: Mapping[str, Any], at: str) -> tuple[str, str]:
    """Operator and value of an alphanumeric filter; both empty for a term."""
    if "value" not in parts and "operator" not in parts:
        return "", ""
    operator, value = parts.get("operator", "="), parts.get("value")
    if operator not in OPERATORS:
        raise DialectError(f"An operator is one of {' '.join(OPERATORS)}.", at=at)
    if type(value) is int:
        value = str(value)
    if not isinstance(value, str) or not value:
        raise DialectError("A filter with an operator has a value, which is text.", at=at)
    return operator, value


def _from_text(text: str, at: str) -> Filter:
    """A filter of a GET request: a term, or a comparison."""
    compared = _COMPARED.fullmatch(text)
    if compared is None:
        return Filter(text, at=at)
    return Filter(compared["id"].strip(), compared["operator"], compared["value"].strip(), at=at)


def _object(value: object, at: str, known: set[str] | frozenset[str], why: str = "") -> dict[str, Any]:
    if not isinstance(value, dict):
        raise DialectError("A JSON object is expected here.", at=at)
    for key in value:
        if key not in known:
            kind = Untranslatable if why else DialectError
            raise kind(
                f"{str(key)[:60]!r} is not known here; known are {', '.join(sorted(known))}. {why}".strip(), at=at
            )
    return cast("dict[str, Any]", value)


def _list(value: object, at: str) -> list[Any]:
    if not isinstance(value, list):
        raise DialectError("A list is expected here.", at=at)
    return value


def _whole(text: str, name: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 10):  # noqa: PLR2004
        raise DialectError(f"{name} is a whole number from 0 on.", at=name)
    return int(text)


def _boolean(text: str, name: str) -> bool:
    if text not in {"true", "false"}:
        raise DialectError(f"{name} is true or false.", at=name)
    return text == "true"


def _plain(text: str, _name: str) -> str:
    return text


_PARAMETERS: Mapping[str, Callable[[str, str], Any]] = MappingProxyType(
    {
        "aggregators": _plain,
        "apiVersion": _plain,
        "filters": _plain,
        "includeResultsetResponses": _plain,
        "limit": _whole,
        "requestedGranularity": _plain,
        "requestedSchema": _plain,
        "requestedSchemas": _plain,
        "skip": _whole,
        "testMode": _boolean,
    },
)
_QUERY = frozenset(
    {
        "aggregators",
        "filters",
        "includeResultsetResponses",
        "pagination",
        "requestParameters",
        "requestedGranularity",
        "testMode",
    },
)

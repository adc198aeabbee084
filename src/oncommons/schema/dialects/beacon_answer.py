"""Our answers as a Beacon tells them (Beacon v2.1.1, framework, responses).

The number of a sum is the sum of what datasets tell, its interval that of the whole.  A number that no dataset tells is
never a 0: a sum goes without it, a result set, which must have one, carries its upper bound and says that it is imprecise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from oncommons.schema.answer import Answer, DatasetAnswer
from oncommons.schema.dialects.beacon_counts import counted, existence, not_excluded, summed
from oncommons.schema.dialects.beacon_groups import distribution, grouping
from oncommons.schema.dialects.beacon_request import BeaconRequest
from oncommons.schema.dialects.entry_types import EntryType
from oncommons.schema.dialects.filters import SCOPE_RULE
from oncommons.schema.errors import OncommonsError
from oncommons.schema.errors_of_permits import BeyondPermit, ConsentAwaited, PermitNeeded, TooManyWait
from oncommons.schema.errors_of_protocols import NobodyAnswered

API_VERSION = "v2.1.1"
KNOWS_AGGREGATED = "v2.0.0"
"""The version of Beacon that has the granularity ``aggregated``; from v2.1 on it has boolean, count and record."""
NO_RECORDS = "Records of single people or images are never given; each dataset is one result set with its count."

_BY_PERMITS = frozenset(kind.code for kind in (ConsentAwaited, TooManyWait, BeyondPermit, PermitNeeded))
"""With these a node tells nothing because of permits."""
_WANTED: Mapping[str, frozenset[bool]] = MappingProxyType(
    {"ALL": frozenset({True, False}), "HIT": frozenset({True}), "MISS": frozenset({False}), "NONE": frozenset()}
)
"""Which result sets are told: those that may have some, those that have none."""


@dataclass(frozen=True)
class Beacon:
    """A Beacon as it presents itself.

    Attributes:
        id: Its identifier, a reversed host name.
        name: Its name.
        url: Address of its root, without a slash at the end.
        version: Version of the software.
        organisation: Who runs it.
        home: Address of who runs it.
        levels: By which levels of security it can be asked (Beacon v2.1.1, framework, ``securityLevels``).
    """

    id: str
    name: str
    url: str
    version: str
    organisation: str
    home: str
    levels: tuple[str, ...] = ("PUBLIC",)

    @property
    def environment(self) -> str:
        """``dev`` as long as the software has not reached version 1, then ``prod``."""
        return "dev" if self.version.startswith("0.") else "prod"


@dataclass(frozen=True)
class Told:
    """A dataset's answer with the name of its node."""

    node: str
    policy: str
    answer: DatasetAnswer

    @property
    def id(self) -> str:
        """The dataset's identifier in this Beacon."""
        return dataset_id(self.node, self.answer.dataset)


def dataset_id(node: str, dataset: str) -> str:
    """The identifier of a node's dataset; a node's name has no colon."""
    return f"{node}:{dataset}"


def tell_answer(beacon: Beacon, entry: EntryType, request: BeaconRequest, answer: Answer) -> dict[str, Any]:
    """The response to a query.

    Args:
        beacon: Who answers.
        entry: What was asked for.
        request: How it was asked.
        answer: The federation's answer.

    Raises:
        NobodyAnswered: no node answered, so there is no number.
    """
    check_heard(answer)
    told = chosen(answer, request)
    certain, section = summed([t.answer.certain for t in told], "numTotalResults")
    info = said_of(answer) | {"existence": existence(certain)}
    if request.detail == "boolean":
        section = {"exists": section["exists"]}
        return {"meta": meta(beacon, request, entry, "boolean"), "responseSummary": section, "info": info}
    _, info["possible"] = summed([t.answer.possible for t in told], "numTotalResults")
    by = grouping(entry, request.aggregators) if request.detail == "aggregated" else ()
    spread = distribution(entry, by, [t.answer for t in told])
    returned = _returned(request.detail, section, spread)
    body = {"meta": meta(beacon, request, entry, returned), "responseSummary": section, "info": info}
    if request.detail == "count":
        return body
    info["records"] = NO_RECORDS
    sets = [(t, _result_set(t)) for t in told if not_excluded(t.answer.certain) in _WANTED[request.include]]
    if request.detail == "aggregated":
        info |= {"requestedGranularity": "aggregated", "responseAggregation": spread}
        for one, shown in sets:
            shown["info"]["resultsAggregation"] = distribution(entry, by, [one.answer])
    return body | {"response": {"resultSets": [shown for _, shown in sets]}}


def _returned(detail: str, section: Mapping[str, Any], spread: Sequence[Mapping[str, Any]]) -> str:
    """The granularity of a response that tells numbers if any dataset does."""
    if detail == "aggregated" and any("count" in cell for one in spread for cell in one["distribution"]):
        return "aggregated"
    if "numTotalResults" not in section:
        return "boolean"
    return "aggregated" if detail == "aggregated" else "count"


def check_heard(answer: Answer) -> None:
    """Refuse to tell a number where no node answered; of what nodes say about permits, what helps the asker most is told.

    Raises:
        ConsentAwaited: it waits for a data manager's consent; all other nodes that were asked refuse because of permits.
        TooManyWait: the same where too many wait already, and nowhere this one.
        PermitNeeded: every node that was asked answers under a permit only.
        BeyondPermit: every node that was asked refuses because of permits, some by a rule, which is named.
        NobodyAnswered: there are nodes, and none answered.
    """
    codes = {n.code for n in answer.asked}
    for kind in (ConsentAwaited, TooManyWait, BeyondPermit, PermitNeeded):
        if kind.code in codes <= _BY_PERMITS:
            raise kind(" ".join(f"{n.node}: {n.reason}" for n in answer.asked[:5]))
    if answer.nodes and not answer.included:
        reasons = "; ".join(f"{n.node}: {n.reason}" for n in answer.asked[:5])
        raise NobodyAnswered(f"No node answered in time, so there is no number. {reasons}")


def chosen(answer: Answer, request: BeaconRequest) -> tuple[Told, ...]:
    """The datasets that answered, restricted to those that the client named."""
    told = [Told(n.node, n.policy, d) for n in answer.included for d in n.datasets]
    return tuple(t for t in told if not request.datasets or t.id in request.datasets)


def said_of(answer: Answer) -> dict[str, Any]:
    """What was asked, by which rule, and of whom; beside every number."""
    return {
        "question": dict(answer.question),
        "sentence": answer.sentence,
        "scopeRule": list(SCOPE_RULE),
        "asked": [n.node for n in answer.asked],
        "notAsked": [n.node for n in answer.not_asked],
        "includes": [n.node for n in answer.included],
        "notIncluded": [
            {"node": n.node, "status": n.status, "reason": n.reason, "code": n.code} for n in answer.not_included
        ],
    }


def _result_set(told: Told) -> dict[str, Any]:
    """One dataset; a count that nothing bounds has the number 1, since the schema asks for one and 0 would be wrong."""
    answer = told.answer
    number = counted(answer.certain, "resultsCount")
    return {
        "id": told.id,
        "setType": "dataset",
        "resultsCount": 1,
        **number,
        "results": [],
        "info": {
            "node": told.node,
            "policy": told.policy,
            "existence": existence(answer.certain),
            "possible": counted(answer.possible, "resultsCount"),
            "notKnownHere": [use.text for use in answer.unknown],
            "lacking": [
                {"field": f"{x.entity}.{x.field}", "known": x.known, "records": str(x.records), "of": str(x.of)}
                for x in answer.lacking
            ],
        },
    }


def meta(beacon: Beacon, request: BeaconRequest, entry: EntryType | None, returned: str) -> dict[str, Any]:
    """The head of a response, with what was understood of the request.

    ``aggregated`` is a word of v2.0: clients that speak it hear it, in that version; to all others it is ``count``, the
    nearest of the words that they have.
    """
    old = request.detail == "aggregated" and request.speaks_2_0
    words = {} if old else {"aggregated": "count"}
    requested = request.detail
    schemas = [] if entry is None else [{"entityType": entry.id, "schema": entry.schema_id}]
    received: dict[str, Any] = {
        "apiVersion": request.version,
        "requestedSchemas": [dict(s) for s in request.schemas],
        "filters": [str(f) for f in request.filters],
        "includeResultsetResponses": request.include,
        "pagination": {"skip": request.skip, "limit": request.page},
        "requestedGranularity": words.get(requested, requested),
        "testMode": request.test,
    }
    if request.datasets:
        received["requestParameters"] = {"datasets": {"datasetIds": list(request.datasets)}}
    return {
        "beaconId": beacon.id,
        "apiVersion": KNOWS_AGGREGATED if old else API_VERSION,
        "returnedGranularity": words.get(returned, returned),
        "returnedSchemas": schemas,
        "receivedRequestSummary": received,
        "testMode": request.test,
    }


def tell_fault(beacon: Beacon, request: BeaconRequest, fault: OncommonsError, status: int) -> dict[str, Any]:
    """An error as a Beacon tells it: its status, and our code and message in one text."""
    place = f" (at {fault.at})" if fault.at else ""
    return {
        "meta": meta(beacon, request, None, "boolean"),
        "error": {"errorCode": status, "errorMessage": f"{fault.code}{place}: {fault.message}"},
    }

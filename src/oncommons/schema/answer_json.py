"""JSON form of answers: what nodes send to the hub, and the hub to whoever asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from oncommons.schema.answer import (
    Answer,
    Count,
    CriterionUse,
    DatasetAnswer,
    Group,
    Lack,
    NodeAnswer,
    Status,
)
from oncommons.schema.errors import BadRequest

_STATUSES = ("answered", "late", "silent", "refused", "waiting", "unasked")


def answer_to_json(answer: Answer) -> dict[str, Any]:
    """The whole answer, totals and those they leave out included."""
    return {
        "id": answer.id,
        "question": dict(answer.question),
        "sentence": answer.sentence,
        "total": {
            "certain": answer.certain.to_json(),
            "possible": answer.possible.to_json(),
            "asked": [n.node for n in answer.asked],
            "not_asked": [n.node for n in answer.not_asked],
            "includes": [n.node for n in answer.included],
            "not_included": [
                {"node": n.node, "status": n.status, "reason": n.reason, "code": n.code} for n in answer.not_included
            ],
        },
        "nodes": [node_answer_to_json(n) for n in answer.nodes],
        "milliseconds": answer.milliseconds,
    }


def answer_from_json(body: object) -> Answer:
    """Read an answer; totals are computed again from the parts.

    Raises:
        BadRequest: where the body is not an answer.
    """
    try:
        parts = cast("Mapping[str, Any]", body)
        return Answer(
            id=str(parts["id"]),
            question=dict(parts["question"].items()),
            sentence=str(parts["sentence"]),
            nodes=tuple(_node(n) for n in parts["nodes"]),
            milliseconds=int(parts["milliseconds"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as fault:
        raise _not_an_answer(fault) from None


def node_answer_to_json(answer: NodeAnswer) -> dict[str, Any]:
    """One node's part."""
    return {
        "node": answer.node,
        "status": answer.status,
        "reason": answer.reason,
        "code": answer.code,
        "policy": answer.policy,
        "certain": answer.certain.to_json(),
        "possible": answer.possible.to_json(),
        "criteria": {use.path: use.text for d in answer.datasets for use in (*d.applied, *d.unknown)},
        "datasets": [_dataset_to_json(d) for d in answer.datasets],
        "milliseconds": answer.milliseconds,
    }


def node_answer_from_json(body: object) -> NodeAnswer:
    """Read one node's part.

    Raises:
        BadRequest: where the body is not a node's answer.
    """
    try:
        return _node(cast("Mapping[str, Any]", body))
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as fault:
        raise _not_an_answer(fault) from None


def _not_an_answer(fault: Exception) -> BadRequest:
    return BadRequest("The answer does not have the shape of an answer.", detail=repr(fault))


def _dataset_to_json(answer: DatasetAnswer) -> dict[str, Any]:
    body: dict[str, Any] = {
        "dataset": answer.dataset,
        "certain": answer.certain.to_json(),
        "possible": answer.possible.to_json(),
        "applied": [use.path for use in answer.applied],
        "unknown": [use.path for use in answer.unknown],
        "lacking": [
            {
                "field": lack.field,
                "entity": lack.entity,
                "known": lack.known,
                "records": lack.records.to_json(),
                "of": lack.of.to_json(),
            }
            for lack in answer.lacking
        ],
    }
    if answer.unlisted is not None:
        body["groups"] = [
            {"key": dict(g.key), "certain": g.certain.to_json(), "possible": g.possible.to_json()}
            for g in answer.groups
        ]
        body["unlisted"] = answer.unlisted.to_json()
    return body


def _dataset(body: Mapping[str, Any], uses: Mapping[str, CriterionUse]) -> DatasetAnswer:
    count = Count.from_json
    return DatasetAnswer(
        dataset=str(body["dataset"]),
        certain=count(body["certain"]),
        possible=count(body["possible"]),
        applied=tuple(uses[path] for path in body["applied"]),
        unknown=tuple(uses[path] for path in body["unknown"]),
        lacking=tuple(
            Lack(str(x["field"]), str(x["entity"]), bool(x["known"]), count(x["records"]), count(x["of"]))
            for x in body["lacking"]
        ),
        groups=tuple(Group(dict(g["key"]), count(g["certain"]), count(g["possible"])) for g in body.get("groups", ())),
        unlisted=count(body["unlisted"]) if body.get("unlisted") else None,
    )


def _node(body: Mapping[str, Any]) -> NodeAnswer:
    if body["status"] not in _STATUSES:
        message = f"unknown status {body['status']!r}"
        raise ValueError(message)
    took = body.get("milliseconds")
    uses = {str(path): CriterionUse(str(path), str(text)) for path, text in body["criteria"].items()}
    return NodeAnswer(
        node=str(body["node"]),
        status=cast("Status", body["status"]),
        reason=str(body.get("reason", "")),
        code=str(body.get("code", "")),
        policy=str(body.get("policy", "")),
        datasets=tuple(_dataset(d, uses) for d in body["datasets"]),
        milliseconds=None if took is None else int(took),
    )

"""From pieces of work to the federation's answer: the truth about each node, decided purely."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import orjson

from oncommons.hub.link.registry import Node
from oncommons.schema.answer import Answer, NodeAnswer, Status
from oncommons.schema.answer_json import node_answer_from_json
from oncommons.schema.errors import BadRequest, NodeRevoked, OncommonsError, error_from_json
from oncommons.schema.errors_of_permits import ConsentAwaited
from oncommons.schema.parsing import parse_question
from oncommons.schema.plain_names import plain_name
from oncommons.schema.sentence import Namer, sentence
from oncommons.storage.worklist import MOST_ATTEMPTS, Job, Work


def combine(job: Job, work: Sequence[Work], nodes: Sequence[Node], now: float, name: Namer = plain_name) -> Answer:
    """The answer to a question.

    Args:
        job: The question as it was put.
        work: What became of it, by node.
        nodes: Every node of the registry; one that has no work was not named, was revoked before, or joined after.
        now: Seconds since the epoch.
        name: Finds the labels of codes, for the question in words.
    """
    body: Mapping[str, Any] = json.loads(job.body)
    question = parse_question(body)
    known = {n.name: n for n in nodes}
    asked = {w.recipient for w in work}
    parts = [node_part(w, job, known.get(w.recipient), now) for w in work]
    there = [n for n in nodes if n.name not in asked and n.joined <= job.made]
    parts += filter(None, (_without_work(n, question.nodes) for n in there))
    return Answer(
        id=job.id,
        question=body,
        sentence=sentence(question, name),
        nodes=tuple(sorted(parts, key=lambda part: part.node)),
        milliseconds=_took(job, max((w.finished or now for w in work), default=now)),
    )


def node_part(work: Work, job: Job, node: Node | None, now: float) -> NodeAnswer:
    """One node's part of the answer, whatever became of its work."""
    if work.state in {"done", "late"}:
        return _reported(work, job)
    if work.state == "cancelled" or (node is not None and node.revoked is not None):
        return NodeAnswer(work.recipient, "refused", reason="Its key was revoked at the hub.", code=NodeRevoked.code)
    if work.attempts >= MOST_ATTEMPTS:
        reason = f"Took the question {work.attempts} times without an answer."
    elif work.attempts:
        reason = "Took the question and had not answered by the deadline."
    elif node is None or node.seen is None:
        reason = "Has never called the hub."
    else:
        reason = f"Did not fetch the question; last seen {_ago(now - node.seen)} ago."
    return NodeAnswer(work.recipient, "silent", reason=reason)


def _reported(work: Work, job: Job) -> NodeAnswer:
    took = _took(job, work.finished or job.made)
    try:
        body = orjson.loads(work.result)
        if "error" in body:
            raise error_from_json(body)
        part = node_answer_from_json(body)
    except (BadRequest, ValueError, TypeError, RecursionError):
        reason = "Sent something that is not an answer."
        return NodeAnswer(work.recipient, "refused", reason=reason, code=BadRequest.code, milliseconds=took)
    except OncommonsError as fault:
        status: Status = "waiting" if isinstance(fault, ConsentAwaited) else "refused"
        return NodeAnswer(work.recipient, status, reason=fault.message, code=fault.code, milliseconds=took)
    if work.state == "late":
        reason = f"Answered {(work.finished or 0) - job.deadline:.1f} s after the deadline; not counted."
        return replace(part, node=work.recipient, status="late", reason=reason, milliseconds=took)
    return replace(part, node=work.recipient, status="answered", milliseconds=took)


def _without_work(node: Node, named: Sequence[str]) -> NodeAnswer | None:
    """Why a node that was there has no work; nothing where it has joined anew since."""
    if named and node.name not in named:
        return NodeAnswer(node.name, "unasked", reason="Not among the nodes that were named.")
    if node.revoked is None:
        return None
    return NodeAnswer(
        node.name, "refused", reason="Its key was revoked at the hub; it was not asked.", code=NodeRevoked.code
    )


def _took(job: Job, finished: float) -> int:
    return max(round((finished - job.made) * 1000), 0)


def _ago(seconds: float) -> str:
    for size, unit in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{int(seconds // size)} {unit}"
    return f"{max(int(seconds), 0)} seconds"

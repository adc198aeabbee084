"""What each criterion of a question costs: the same question without it, and the rows that would come.

Only released counts are compared, so no more is told than by asking the questions one after the other; the gain is
the interval between them.  Dropping a part of an *and* can only add rows, so only such parts are dropped: a
criterion under *any* or *not* stands or falls with the whole of it.

Under the rule ``noise`` a node may tell the number of a group that it told before and that differs by a few people.  One
number is then a little off its interval, and a difference of two is off by both; so that a gain holds the true one all
the same, it is widened by as many people as such groups may differ.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from oncommons.schema.answer import Answer, Count, total
from oncommons.schema.errors import BadRequest
from oncommons.schema.question import All, Criterion, Question, Some
from oncommons.schema.sentence import words

MOST_RELAXED = 12
"""Criteria that are dropped in turn; of a longer question the first so many."""
UNTOLD = Count(0, None, "suppressed")
"""Where no node told a number."""
_NOISE = re.compile(r"noise (\d{1,4}):(?:.* fewer than (\d{1,5}) differ)?")


@dataclass(frozen=True)
class Relaxation:
    """A question without one of its criteria: where that stood, and in words."""

    path: str
    text: str
    question: Question


@dataclass(frozen=True)
class Relaxed:
    """What the question would find without a criterion.

    Attributes:
        path: Where the criterion stands in the question.
        text: The criterion in words.
        question: The question without it, as JSON.
        certain: Rows that are then certain, at the datasets that answered both; where none did, a number of which nothing
            is known.
        gain: How many more that is; the same.
        nodes: Node to its part of the gain.
        missing: Nodes that answered the question but not this one.
        waiting: Those of them at which it waits for the data manager's consent.
    """

    path: str
    text: str
    question: Mapping[str, Any]
    certain: Count
    gain: Count
    nodes: Mapping[str, Count]
    missing: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The same as JSON."""
        return {
            "path": self.path,
            "text": self.text,
            "question": dict(self.question),
            "certain": self.certain.to_json(),
            "gain": self.gain.to_json(),
            "nodes": {node: count.to_json() for node, count in self.nodes.items()},
            "missing": list(self.missing),
            "waiting": list(self.waiting),
        }


@dataclass(frozen=True)
class Feasibility:
    """A question, what it finds, and what it would find without each criterion in turn.

    Attributes:
        question: The question's JSON.
        sentence: The question in words.
        certain: Rows that are certain.
        relaxed: One for each criterion, in the order of the question.
        left_out: How many criteria were not dropped, because there are too many.
        not_included: Nodes that are in none of the numbers, each with the reason.
        policies: The disclosure rule of each node that is in the numbers, in words.
    """

    question: Mapping[str, Any]
    sentence: str
    certain: Count
    relaxed: tuple[Relaxed, ...]
    left_out: int = 0
    not_included: Mapping[str, str] | None = None
    policies: Mapping[str, str] | None = None

    def to_json(self) -> dict[str, Any]:
        """The same as JSON."""
        return {
            "question": dict(self.question),
            "sentence": self.sentence,
            "certain": self.certain.to_json(),
            "relaxed": [one.to_json() for one in self.relaxed],
            "left_out": self.left_out,
            "not_included": dict(self.not_included or {}),
            "policies": dict(self.policies or {}),
        }

    @classmethod
    def from_json(cls, body: object) -> Feasibility:
        """Read it; raises :class:`BadRequest` where it is not one."""
        try:
            parts = cast("Mapping[str, Any]", body)
            return cls(
                dict(parts["question"].items()),
                str(parts["sentence"]),
                Count.from_json(parts["certain"]),
                tuple(_relaxed(one) for one in parts["relaxed"]),
                int(parts["left_out"]),
                {str(node): str(why) for node, why in parts["not_included"].items()},
                {str(node): str(rule) for node, rule in parts.get("policies", {}).items()},
            )
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as fault:
            raise BadRequest("What the criteria cost cannot be read.", detail=repr(fault)) from None


def relaxations(question: Question) -> tuple[Relaxation, ...]:
    """The question without each of its criteria in turn, in reading order."""
    if question.where is None:
        return ()
    return tuple(
        Relaxation(path, text, replace(question, where=rest)) for path, text, rest in _without(question.where, "where")
    )


def compare(asked: Answer, relaxations_: Sequence[Relaxation], answers: Sequence[Answer], left_out: int) -> Feasibility:
    """What each criterion costs.

    Args:
        asked: The answer to the question itself.
        relaxations_: The questions without a criterion.
        answers: Their answers, in the same order.
        left_out: How many criteria were not dropped.
    """
    relaxed = tuple(_compared(asked, one, answer) for one, answer in zip(relaxations_, answers, strict=True))
    silent = {node.node: node.reason for node in asked.not_included}
    policies = {node.node: node.policy for node in asked.included}
    return Feasibility(asked.question, asked.sentence, asked.certain, relaxed, left_out, silent, policies)


def gain_of(full: Count, relaxed: Count, slack: int = 0) -> Count:
    """How many more rows a relaxed question finds, as far as the two released counts tell.

    Args:
        full: What was told for the question.
        relaxed: What was told for it without a criterion.
        slack: By so many people the group of a noisy number may differ from the one that was asked for.
    """
    full, relaxed = _around(full, slack), _around(relaxed, slack)
    low = 0 if full.at_most is None else max(relaxed.at_least - full.at_most, 0)
    high = None if relaxed.at_most is None else max(relaxed.at_most - full.at_least, low)
    if full.precision == relaxed.precision == "exact":
        return Count(low, high, "exact")
    if "probable" in {full.precision, relaxed.precision}:
        return Count(low, high, "probable")
    if not low:
        return Count(low, high, "suppressed")
    return Count(low, high, "noisy" if "noisy" in {full.precision, relaxed.precision} else "rounded")


def slack_of(policy: str) -> int:
    """By how many people the group of a noisy number may differ from the one that was asked for.

    Args:
        policy: The node's rule in words, such as ``noise 10: ...``; two groups may be told alike where those in whom they
            differ are too few to be told, and how many these may be is said there. Nodes of before it was said told
            groups alike of which fewer than 2k + k/2 - 2 differed.
    """
    found = _NOISE.match(policy)
    if found is None:
        return 0
    return int(found[2]) - 1 if found[2] else 2 * int(found[1]) + max(int(found[1]) // 2, 1) - 3


def _around(count: Count, slack: int) -> Count:
    """The interval that holds the true number also where that of a group nearly the same was told."""
    if count.precision != "noisy":
        return count
    top = None if count.at_most is None else count.at_most + slack
    return Count(max(count.at_least - slack, 0), top, "noisy")


def _without(criterion: Criterion, path: str) -> Iterator[tuple[str, str, Criterion | None]]:
    """Each part that can be dropped: where it stands, in words, and what is left."""
    match criterion:
        case All(criteria):
            for i, inner in enumerate(criteria):
                others = criteria[:i], criteria[i + 1 :]
                for at, text, rest in _without(inner, f"{path}.all[{i}]"):
                    left = (*others[0], *(() if rest is None else (rest,)), *others[1])
                    yield at, text, (left[0] if len(left) == 1 else All(left)) if left else None
        case Some(entity, where) if where is not None and len(inside := list(_without(where, f"{path}.where"))) > 1:
            for at, text, rest in inside:
                yield at, f"{text} (of the same {entity})", Some(entity, rest)
        case _:
            yield path, words(criterion), None


def _compared(asked: Answer, one: Relaxation, answer: Answer) -> Relaxed:
    full = {(n.node, d.dataset): d.certain for n in asked.included for d in n.datasets}
    now = {(n.node, d.dataset): d.certain for n in answer.included for d in n.datasets}
    both = [key for key in full if key in now]
    nodes = dict.fromkeys(node for node, _ in both)
    slack = {n.node: slack_of(n.policy) for n in asked.included}
    gains = {node: total(gain_of(full[key], now[key], slack[node]) for key in both if key[0] == node) for node in nodes}
    missing = {n.node for n in asked.included} - {n.node for n in answer.included}
    told = bool(both) or not missing
    return Relaxed(
        one.path,
        one.text,
        one.question.to_json(),
        total(now[key] for key in both) if told else UNTOLD,
        total(gains.values()) if told else UNTOLD,
        gains,
        tuple(sorted(missing)),
        tuple(n.node for n in answer.waiting if n.node in missing),
    )


def _relaxed(body: Mapping[str, Any]) -> Relaxed:
    return Relaxed(
        str(body["path"]),
        str(body["text"]),
        dict(body["question"].items()),
        Count.from_json(body["certain"]),
        Count.from_json(body["gain"]),
        {str(node): Count.from_json(count) for node, count in body["nodes"].items()},
        tuple(str(node) for node in body["missing"]),
        tuple(str(node) for node in body.get("waiting", ())),
    )


def ungrouped(question: Question) -> Question:
    """The question without its grouping, which comparing needs not."""
    return replace(question, by=(), by_dataset=False, coarsen=False)

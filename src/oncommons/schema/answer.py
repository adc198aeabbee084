"""The answer to a cohort question: what each node could say, how sure, and how exact.

Every count carries the interval in which the true number lies; sums of counts add the intervals.
So a total is a function of what was released and can give nothing else away.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

Precision = Literal["exact", "rounded", "noisy", "probable", "suppressed"]
Status = Literal["answered", "late", "silent", "refused", "waiting", "unasked"]
OTHERS = "*"
"""Stands in the key of a group for all codes that are not listed."""
_LARGEST = 2**53
"""Largest number that every reader of JSON carries exactly (RFC 8259 section 6)."""
_EXACTNESS: tuple[Precision, ...] = ("exact", "rounded", "noisy", "probable", "suppressed")


@dataclass(frozen=True)
class Count:
    """A number of rows as it was released.

    Attributes:
        at_least: Smallest true number that the release allows.
        at_most: Largest true number that the release allows; ``None`` where nothing bounds it.
        precision: ``exact``, ``rounded`` (to the interval), ``noisy``, ``probable`` (noisy, and the interval holds the true
            number in 999 of 1,000 cases, not always), or ``suppressed`` (only a bound is told).
    """

    at_least: int
    at_most: int | None
    precision: Precision

    @property
    def value(self) -> int | None:
        """The number to show: itself when exact, the lower end when rounded, the middle when noisy or probable, else none."""
        if self.precision in {"noisy", "probable"} and self.at_most is not None:
            return (self.at_least + self.at_most) // 2
        return None if self.precision == "suppressed" else self.at_least

    @property
    def number(self) -> int:
        """The number for a reader who takes only one: its value, or where it is suppressed its lower end.

        Of many suppressed counts most are near zero; upper ends that are added up would count people who are not there.
        """
        return self.at_least if self.value is None else self.value

    @property
    def is_told(self) -> bool:
        """Whether anything is said of the number; else it is withheld, without even a bound."""
        return self.precision != "suppressed" or self.at_least > 0 or self.at_most is not None

    def __str__(self) -> str:
        if self.precision == "exact":
            return f"{self.at_least:,}"
        if not self.is_told:
            return "not told"
        if self.at_most is None:
            return f"{self.at_least:,} or more"
        if self.at_least == 0:
            return f"<{self.at_most + 1:,}"
        return f"{self.at_least:,}–{self.at_most:,}"

    def to_json(self) -> dict[str, Any]:
        """The count as JSON, its value and bounds."""
        return {
            "value": self.value,
            "precision": self.precision,
            "at_least": self.at_least,
            "at_most": self.at_most,
        }

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Count:
        """Read a count; raises ``KeyError``, ``TypeError`` or ``ValueError`` where it is not one, or contradicts itself."""
        return _read_count(body["at_least"], body["at_most"], body["precision"])


@lru_cache(maxsize=8192, typed=True)
def _read_count(low: int, high: int | None, precision: Precision) -> Count:
    """A count of an answer, checked; remembered, because an answer repeats the same few thousands of times."""
    whole = type(low) is int and (high is None or type(high) is int)
    if precision not in _EXACTNESS or not whole or not 0 <= low <= _LARGEST or (high or 0) > _LARGEST:
        raise ValueError(f"not a count: {low!r}, {high!r}, {precision!r}")
    if (high is not None and high < low) or (precision == "exact" and high != low):
        raise ValueError(f"a count that contradicts itself: {low!r}, {high!r}, {precision!r}")
    return Count(low, high, precision)


def exact(number: int) -> Count:
    """A count released as it is."""
    return Count(number, number, "exact")


def total(counts: Iterable[Count]) -> Count:
    """The sum of released counts: intervals add, and the sum is as exact as its least exact part.

    A sum in which some part has a value is ``probable``, ``noisy`` or ``rounded``, not ``suppressed``: its lower end says
    something.  The interval of a ``probable`` sum of m ``probable`` parts holds in all but m of 1,000 cases, at worst.
    The sum of nothing is exactly zero.
    """
    parts = list(counts)
    at_least = sum(c.at_least for c in parts)
    tops = [c.at_most for c in parts]
    at_most = None if any(t is None for t in tops) else sum(t for t in tops if t is not None)
    worst: Precision = max((c.precision for c in parts), key=_EXACTNESS.index, default="exact")
    inexact = [c.precision for c in parts if c.precision in {"noisy", "probable"}]
    if worst == "suppressed" and (at_least > 0 or (at_most is not None and "probable" in inexact)):
        worst = max(inexact, key=_EXACTNESS.index, default="rounded")
    return Count(at_least, at_most, worst)


@dataclass(frozen=True)
class Group:
    """Counts of one combination of codes.

    A code of ``None`` stands for rows that lack the field, :data:`OTHERS` for all codes that are not listed.
    """

    key: Mapping[str, str | None]
    certain: Count
    possible: Count


@dataclass(frozen=True)
class Lack:
    """How many records of a dataset lack a field, of how many; ``known`` false where the field is not there at all.

    A node's policy may withhold the numbers; they are then ``suppressed`` without a bound.
    """

    field: str
    entity: str
    known: bool
    records: Count
    of: Count


@dataclass(frozen=True)
class CriterionUse:
    """What became of one criterion at a node: where it stands in the question and in words."""

    path: str
    text: str


@dataclass(frozen=True)
class DatasetAnswer:
    """What one dataset can say.

    Attributes:
        dataset: Identifier of the dataset at its node.
        certain: Rows known to fulfil the question.
        possible: Rows not known to fail it.
        applied: Criteria that were judged on the data.
        unknown: Criteria on a field or entity that the dataset does not have.
        lacking: Per field of the question, the records that lack it.
        groups: Cells of ``by``; combinations not listed count ``unlisted`` each.
        unlisted: Bound of every combination that is not listed.
    """

    dataset: str
    certain: Count
    possible: Count
    applied: tuple[CriterionUse, ...] = ()
    unknown: tuple[CriterionUse, ...] = ()
    lacking: tuple[Lack, ...] = ()
    groups: tuple[Group, ...] = ()
    unlisted: Count | None = None


@dataclass(frozen=True)
class NodeAnswer:
    """What one node said, or why it did not.

    Attributes:
        node: Name of the node.
        status: ``answered``, ``late`` (came after the deadline), ``silent``, ``refused``, ``waiting`` (for the consent of
            its data manager; whoever asks again later is answered), or ``unasked`` (the question named other nodes).
        reason: In words, why it is not ``answered``.
        code: Error code of a refusal, such as ``E203``.
        policy: The disclosure rule that the node applied, in words.
        datasets: Its datasets' answers; a late node's are shown but not counted.
        milliseconds: From the question's arrival at the hub to the answer's, rounded.
    """

    node: str
    status: Status
    reason: str = ""
    code: str = ""
    policy: str = ""
    datasets: tuple[DatasetAnswer, ...] = ()
    milliseconds: int | None = None

    @property
    def certain(self) -> Count:
        """Sum over the node's datasets."""
        return total(d.certain for d in self.datasets)

    @property
    def possible(self) -> Count:
        """Sum over the node's datasets."""
        return total(d.possible for d in self.datasets)


@dataclass(frozen=True)
class Answer:
    """The answer of a federation.

    Attributes:
        id: Identifier of the question at the hub.
        question: The question's JSON, as it was understood.
        sentence: The question in words.
        nodes: One entry for every node of the federation, whatever became of it.
        milliseconds: From the question's arrival at the hub to the answer.
    """

    id: str
    question: Mapping[str, Any]
    sentence: str
    nodes: tuple[NodeAnswer, ...] = field(default=())
    milliseconds: int = 0

    @property
    def included(self) -> tuple[NodeAnswer, ...]:
        """The nodes whose numbers are in the total."""
        return tuple(n for n in self.nodes if n.status == "answered")

    @property
    def not_included(self) -> tuple[NodeAnswer, ...]:
        """The nodes whose numbers are not in the total."""
        return tuple(n for n in self.nodes if n.status != "answered")

    @property
    def waiting(self) -> tuple[NodeAnswer, ...]:
        """The nodes whose data managers have yet to consent to the question; they are ``not_included`` too."""
        return tuple(n for n in self.nodes if n.status == "waiting")

    @property
    def asked(self) -> tuple[NodeAnswer, ...]:
        """The nodes that the question was for."""
        return tuple(n for n in self.nodes if n.status != "unasked")

    @property
    def not_asked(self) -> tuple[NodeAnswer, ...]:
        """The nodes that the question was not for, since it named others; they are ``not_included`` too."""
        return tuple(n for n in self.nodes if n.status == "unasked")

    @property
    def certain(self) -> Count:
        """Sum over the nodes that answered in time."""
        return total(n.certain for n in self.included)

    @property
    def possible(self) -> Count:
        """Sum over the nodes that answered in time."""
        return total(n.possible for n in self.included)

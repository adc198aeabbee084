"""What each criterion of a question costs, as a page shows it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from oncommons.policy.disclosure.budget import cost_of
from oncommons.schema.answer import Answer, Count
from oncommons.schema.dataset import DatasetCard, rule_of
from oncommons.schema.dictionary import plural_of
from oncommons.schema.errors import NodeRevoked
from oncommons.schema.feasibility import MOST_RELAXED, Feasibility, Relaxed, relaxations, ungrouped
from oncommons.schema.parsing import parse_question
from oncommons.web.charts import Chart, Datum, bar_chart


@dataclass(frozen=True)
class CriterionView:
    """A criterion that was dropped: what that gains in all, in words, at each node, and where one asks without it.

    ``silent`` names the nodes that told nothing without it, less those at which that waits for consent.
    """

    relaxed: Relaxed
    says: str
    nodes: tuple[Count | None, ...]
    href: str
    silent: tuple[str, ...] = ()

    @property
    def is_told(self) -> bool:
        """Whether any node told what it gains, or none could."""
        return bool(self.relaxed.nodes) or not self.relaxed.missing


@dataclass(frozen=True)
class CriteriaView:
    """A question and what its criteria cost.

    Attributes:
        weighed: What the hub tells.
        noun: What is counted, in the plural.
        rows: The criteria, the costliest first.
        nodes: Names of the nodes, in order.
        chart: Gains as bars, of the criteria of which any node told what they gain.
        best: The criterion whose loss certainly gains most; nothing where none certainly does.
        rules: Rule in words to the nodes that have it.
    """

    weighed: Feasibility
    noun: str
    rows: tuple[CriterionView, ...]
    nodes: tuple[str, ...]
    chart: Chart
    best: Relaxed | None
    rules: Mapping[str, tuple[str, ...]]

    @property
    def is_told(self) -> bool:
        """Whether of any criterion it was told what it costs, or there is none."""
        return not self.rows or any(row.is_told for row in self.rows)

    @property
    def waiting(self) -> tuple[Relaxed, ...]:
        """Criteria without which the question waits for the consent of a data manager."""
        return tuple(row.relaxed for row in self.rows if row.relaxed.waiting)


@dataclass(frozen=True)
class PriceView:
    """What it costs to find out what each criterion costs.

    Attributes:
        questions: How many questions are asked that were not asked yet.
        left_out: How many criteria are not dropped, since there are too many.
        tests: What they take from the budget of a node with the rule ``noise``.
        noisy: The nodes with that rule.
        private: Nodes with the rule ``private``, each with what it says of its budget; also those whose rule nobody told.
        free: The nodes with other rules, which have no budget.
        href: Where it is found out.
        without: Where it is found out at the other nodes only; empty where there are no others.
    """

    questions: int
    left_out: int
    tests: int
    noisy: tuple[str, ...]
    private: Mapping[str, str]
    free: tuple[str, ...]
    href: str
    without: str


_UNKNOWN = "nothing yet, so its rule may be one that has such a budget"


def price_view(answer: Answer, cards: Iterable[tuple[str, DatasetCard]] = ()) -> PriceView:
    """What it would cost to weigh the criteria of a question that was answered.

    Args:
        answer: The answer.
        cards: The cards of datasets, each with its node; they tell the rules of nodes that were asked and did not answer.
    """
    question = parse_question(dict(answer.question))
    plain = ungrouped(question)
    every = relaxations(plain)
    new = [one.question for one in every[:MOST_RELAXED]] + ([] if plain == question else [plain])
    on_cards = {node: card.policy for node, card in cards}
    told = {n.node: n.policy or on_cards.get(n.node, "") for n in answer.asked if n.code != NodeRevoked.code}
    by_rule = {node: (rule_of(words), words) for node, words in told.items()}
    private = {node: words or _UNKNOWN for node, (rule, words) in by_rule.items() if rule in {"", "private"}}
    others = [("nodes", node) for node in by_rule if node not in private]
    href = f"/answers/{quote(answer.id, safe='')}/criteria?do=weigh"
    return PriceView(
        questions=len(new),
        left_out=max(len(every) - MOST_RELAXED, 0),
        tests=sum(cost_of(one) for one in new),
        noisy=tuple(node for node, (rule, _) in by_rule.items() if rule == "noise"),
        private=private,
        free=tuple(node for node, (rule, _) in by_rule.items() if rule not in {"", "noise", "private"}),
        href=href,
        without=f"{href}&{urlencode(others)}" if others else "",
    )


def says(gain: Count, noun: str) -> str:
    """What an interval of a gain says, in words."""
    if gain.at_least:
        return f"at least {gain.at_least:,} more"
    if gain.at_most is None:
        return "nothing: any number, or none"
    if not gain.at_most:
        return "none more"
    return f"too wide to tell: none, or up to {gain.at_most:,} {noun}"


def criteria_view(weighed: Feasibility) -> CriteriaView:
    """Arrange what criteria cost for their page."""
    entity = str(weighed.question.get("count", ""))
    noun = plural_of(entity)
    ordered = sorted(weighed.relaxed, key=lambda one: (-one.gain.at_least, -(one.gain.at_most or 0)))
    nodes = tuple(sorted({node for one in ordered for node in one.nodes}))
    rows = tuple(
        CriterionView(one, says(one.gain, noun), tuple(one.nodes.get(n) for n in nodes), _href(one), _silent(one))
        for one in ordered
    )
    told = [row.relaxed for row in rows if row.is_told]
    data = [Datum(one.text.partition(" (of the same")[0], one.gain) for one in told]
    chart = bar_chart("by-criterion", f"More {noun} without a criterion", noun, data)
    best = ordered[0] if ordered and ordered[0].gain.at_least > 0 else None
    rules: dict[str, tuple[str, ...]] = {}
    for node, rule in (weighed.policies or {}).items():
        rules[rule] = (*rules.get(rule, ()), node)
    return CriteriaView(weighed, noun, rows, nodes, chart, best, rules)


def _silent(one: Relaxed) -> tuple[str, ...]:
    return tuple(node for node in one.missing if node not in one.waiting)


def _href(one: Relaxed) -> str:
    return "/ask?" + urlencode({"question": json.dumps(dict(one.question)), "do": "ask"}) + "#answer"

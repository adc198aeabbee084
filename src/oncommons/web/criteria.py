"""What each criterion of a question costs, as a page shows it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from urllib.parse import urlencode

from oncommons.schema.answer import Count
from oncommons.schema.dictionary import ENTITIES
from oncommons.schema.feasibility import Feasibility, Relaxed
from oncommons.web.charts import Chart, Datum, bar_chart


@dataclass(frozen=True)
class CriterionView:
    """A criterion that was dropped: what that gains in all, at each node, and where the question without it is asked."""

    relaxed: Relaxed
    nodes: tuple[Count | None, ...]
    href: str


@dataclass(frozen=True)
class CriteriaView:
    """A question and what its criteria cost.

    Attributes:
        weighed: What the hub tells.
        noun: What is counted, in the plural.
        rows: The criteria, the costliest first.
        nodes: Names of the nodes, in order.
        chart: Gains as bars.
        best: The criterion whose loss certainly gains most; nothing where none certainly does.
    """

    weighed: Feasibility
    noun: str
    rows: tuple[CriterionView, ...]
    nodes: tuple[str, ...]
    chart: Chart
    best: Relaxed | None


def criteria_view(weighed: Feasibility) -> CriteriaView:
    """Arrange what criteria cost for their page."""
    entity = str(weighed.question.get("count", ""))
    noun = ENTITIES[entity].plural if entity in ENTITIES else "rows"
    ordered = sorted(weighed.relaxed, key=lambda one: (-one.gain.at_least, -(one.gain.at_most or 0)))
    nodes = tuple(sorted({node for one in ordered for node in one.nodes}))
    rows = tuple(CriterionView(one, tuple(one.nodes.get(n) for n in nodes), _href(one)) for one in ordered)
    data = [Datum(one.text.partition(" (of the same")[0], one.gain) for one in ordered]
    chart = bar_chart("by-criterion", f"More {noun} without a criterion", noun, data)
    best = ordered[0] if ordered and ordered[0].gain.at_least > 0 else None
    return CriteriaView(weighed, noun, rows, nodes, chart, best)


def _href(one: Relaxed) -> str:
    return "/ask?" + urlencode({"question": json.dumps(dict(one.question)), "do": "ask"}) + "#answer"

"""A saved question as its page shows it: how far it is, what each node told, and what changed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from oncommons.schema.dictionary import plural_of
from oncommons.schema.saved import SavedQuestion, Standing
from oncommons.web.charts import Chart, Datum, bar_chart

SIGNS: Mapping[Standing, tuple[str, str]] = {
    "reached": ("✓", "The smallest number that the nodes’ answers allow is large enough."),
    "perhaps": ("◐", "The number lies within what the nodes’ answers allow."),
    "not reached": ("○", "The largest number that the nodes’ answers allow is too small."),
    "not known": ("?", "No node has answered yet."),
}
"""Sign of each state of a number that is waited for, and what it means."""


@dataclass(frozen=True)
class WatchedView:
    """A saved question.

    Attributes:
        saved: What the hub tells.
        noun: What is counted, in the plural.
        text: The question as JSON.
        ask: Where it is asked.
        feed: Path of its feed.
        chart: What is certain at each node that told a number, the most first.
        old: Nodes that did not answer when they were asked last; their numbers are older ones, or there are none.
        waiting: Nodes at which the question waits for the data manager's consent.
        refused: Nodes that refused when they were asked last.
    """

    saved: SavedQuestion
    noun: str
    text: str
    ask: str
    feed: str
    chart: Chart
    old: tuple[str, ...]
    waiting: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


def watched_view(saved: SavedQuestion) -> WatchedView:
    """Arrange a saved question for its page."""
    entity = str(saved.question.get("count", ""))
    noun = plural_of(entity)
    text = json.dumps(dict(saved.question))
    told = [(one.node, one.count) for one in saved.heard if one.count is not None]
    told.sort(key=lambda row: (-row[1].number, row[0]))
    chart = bar_chart(
        "by-node", f"{noun.capitalize()} certain at each node", noun, [Datum(node, count) for node, count in told]
    )
    waiting = tuple(one.node for one in saved.heard if one.waits)
    refused = tuple(one.node for one in saved.heard if one.code and not one.waits)
    old = tuple(one.node for one in saved.heard if not one.is_current and not one.code)
    ask = "/ask?" + urlencode({"question": text, "do": "ask"}) + "#answer"
    return WatchedView(saved, noun, text, ask, f"/api/saved/{saved.id}/feed.atom", chart, old, waiting, refused)

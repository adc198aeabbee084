"""Which nodes a watched question is put to again, and whose number is forgotten; see the table of ``watching.py``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from oncommons.hub.link.registry import Node
from oncommons.hub.saved.logbook import Asked
from oncommons.schema.question import Question

LOOK_AGAIN_SECONDS = 86_400.0
"""A node that has published nothing is asked again after so long."""
PRIVATE = "private"
"""The rule under which each answer takes from a budget that ends."""


def members_of(nodes: Sequence[Node], question: Question) -> list[Node]:
    """The nodes that may answer a question: those of its own that were not revoked, all where it names none."""
    return [n for n in nodes if n.revoked is None and (not question.nodes or n.name in question.nodes)]


def lapsed_of(known: Mapping[str, Asked], rules: Mapping[str, str], published: Mapping[str, float]) -> set[str]:
    """Nodes that told their number under another rule than the one published since; one not noted is not ``private``."""
    return {
        node
        for node, one in known.items()
        if one.told is not None
        and published.get(node, 0.0) > min(one.asked, one.told)  # it told it before the others had been waited for
        and rules.get(node, one.rule) != one.rule
        and (one.rule or rules[node] == PRIVATE)
    }


def is_for_people(rule: str, asked: Asked | None) -> bool:
    """Whether a node is asked only when somebody waits: an answer takes from a budget that ends, or uses a consent up.

    Args:
        rule: The rule that its cards tell; ``private`` where they tell none.
        asked: What is noted of it.
    """
    return rule == PRIVATE or (asked is not None and asked.consents)


def is_due(node: Node, asked: Asked | None, published: float | None, now: float, pause: float = 0) -> bool:
    """Whether a node is to be asked again.

    Args:
        node: The node.
        asked: When it was asked last, and told a number.
        published: When it published its cards last.
        now: Seconds since the epoch.
        pause: Seconds that must have passed since it was asked.
    """
    if asked is None:
        return True
    back = not asked.is_answered and node.seen is not None and node.seen > asked.asked
    news = published is not None and published > asked.asked
    since = now - asked.asked
    return since >= LOOK_AGAIN_SECONDS or ((back or news) and since >= pause)

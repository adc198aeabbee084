"""Several events of which the first counts: cumulative incidence of each by group, as Aalen and Johansen estimate it."""

from __future__ import annotations

from oncommons.algorithms.competing.combine import combine
from oncommons.algorithms.competing.local import local
from oncommons.algorithms.pair import Analysis, Role, Setting

COMPETING = Analysis(
    name="competing",
    version=1,
    title="Competing risks by group",
    says="Cumulative incidence of each of several events with intervals, the time lost to each, and Gray's test.",
    source="Aalen and Johansen 1978, Scand J Statist 5:141; Marubini and Valsecchi 1995, 10.4; Gray 1988, Ann Stat 16:1141",
    roles=(
        Role("time", frozenset({"number"}), "How long each person was followed, until the first event."),
        Role(
            "event",
            frozenset({"code"}),
            "Which event came first; the first level is that none came: these were seen for the last time.",
        ),
        Role("by", frozenset({"code", "yes"}), "The groups that are compared.", needed=False),
    ),
    settings=(
        Setting("level", "How sure intervals are, of one.", 0.95, (0.5, 0.999)),
        Setting(
            "until",
            "At which time incidences are summed up, in the unit of time; 0 for the last event.",
            0.0,
            (0.0, 1e9),
        ),
    ),
    exact=True,
    local=local,
    combine=combine,
    kinds={"groups": "times"},
)
"""Equal to the pooled computation on the times as each node has made them coarse."""

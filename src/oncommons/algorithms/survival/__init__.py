"""Survival of groups: Kaplan-Meier and Nelson-Aalen with numbers at risk, log-rank, restricted mean."""

from __future__ import annotations

from oncommons.algorithms.pair import Analysis, Role, Setting
from oncommons.algorithms.survival.combine import combine
from oncommons.algorithms.survival.local import local

SURVIVAL = Analysis(
    name="survival",
    version=2,
    title="Survival by group",
    says="Kaplan-Meier curves with confidence bands and numbers at risk, medians, restricted means, and the log-rank test.",
    source="Kaplan and Meier 1958, JASA 53:457; Greenwood 1926; Mantel 1966, Cancer Chemother Rep 50:163",
    roles=(
        Role("time", frozenset({"number"}), "How long each person was followed."),
        Role(
            "event", frozenset({"yes"}), "Whether the event came at that time; the others were seen for the last time."
        ),
        Role("by", frozenset({"code", "yes"}), "The groups that are compared.", needed=False),
    ),
    settings=(
        Setting("level", "How sure confidence bands are, of one.", 0.95, (0.5, 0.999)),
        Setting(
            "until",
            "Up to which time the mean is restricted, in the unit of time; 0 for the last event.",
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

"""A number between groups: Welch's and the pooled t-test of two, analysis of variance of several."""

from __future__ import annotations

from oncommons.algorithms.compare.combine import combine
from oncommons.algorithms.compare.local import local
from oncommons.algorithms.pair import Analysis, Role, Setting

COMPARE = Analysis(
    name="compare",
    version=1,
    title="Means by group",
    says="Means by group, the t-test of two groups (Welch's and pooled), and one-way analysis of variance.",
    source="Student 1908, Biometrika 6:1; Welch 1947, Biometrika 34:28; Fisher 1925, Statistical Methods, VII",
    roles=(
        Role("outcome", frozenset({"number"}), "The number whose means are compared."),
        Role("by", frozenset({"code", "yes"}), "The groups."),
    ),
    settings=(Setting("level", "How sure confidence intervals are, of one.", 0.95, (0.5, 0.999)),),
    exact=True,
    local=local,
    combine=combine,
    kinds={"people": "people", "squares": "squares"},
)
"""Equal to the pooled tests."""

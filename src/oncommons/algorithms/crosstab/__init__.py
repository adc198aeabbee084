"""A table of two codes: how many are at both levels, with the chi-squared test and Fisher's exact one."""

from __future__ import annotations

from oncommons.algorithms.crosstab.combine import combine
from oncommons.algorithms.crosstab.local import local
from oncommons.algorithms.pair import Analysis, Role, Setting

CROSSTAB = Analysis(
    name="crosstab",
    version=1,
    title="Cross-table",
    says="People at each level of two codes, Pearson's chi-squared test, and for two by two Fisher's exact test.",
    source="Pearson 1900, Phil Mag 50:157; Fisher 1935, JRSS 98:39; Cramer 1946, 21.9; Cochran 1954, Biometrics 10:417",
    roles=(
        Role("rows", frozenset({"code", "yes"}), "What the rows of the table are."),
        Role("columns", frozenset({"code", "yes"}), "What its columns are."),
    ),
    settings=(Setting("level", "How sure the confidence interval of the odds ratio is, of one.", 0.95, (0.5, 0.999)),),
    exact=True,
    local=local,
    combine=combine,
    kinds={"cells": "people"},
)
"""Equal to the pooled table."""

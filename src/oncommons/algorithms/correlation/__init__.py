"""How numbers go together: Pearson's correlation of each two, with tests."""

from __future__ import annotations

from oncommons.algorithms.correlation.combine import combine
from oncommons.algorithms.pair import Analysis, Role, Setting
from oncommons.algorithms.products import products

CORRELATION = Analysis(
    name="correlation",
    version=1,
    title="Correlation",
    says="Pearson's correlation of each two numbers, with confidence intervals and tests.",
    source="Pearson 1896, Phil Trans A 187:253; Fisher 1921, Metron 1:3 (intervals)",
    roles=(Role("variables", frozenset({"number"}), "Those of which each two are correlated.", many=True),),
    settings=(Setting("level", "How sure confidence intervals are, of one.", 0.95, (0.5, 0.999)),),
    exact=True,
    local=products,
    combine=combine,
    kinds={"people": "people", "levels": "people", "numbers": "moments", "products": "products"},
)
"""Equal to the pooled correlations of those of whom all variables are known."""

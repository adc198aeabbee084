"""What a table 1 says: numbers with mean, spread, quantiles and histogram, and how many are at each level, by group."""

from __future__ import annotations

from oncommons.algorithms.describe.combine import combine
from oncommons.algorithms.describe.local import local
from oncommons.algorithms.pair import Analysis, Role

DESCRIBE = Analysis(
    name="describe",
    version=1,
    title="Description",
    says="Of numbers how many, missing, mean, standard deviation, quantiles and a histogram; of codes people at each level.",
    source="Hyndman and Fan 1996, Am Stat 50:361, definition 1 (quantiles); Chan et al. 1983, Am Stat 37:242 (variance)",
    roles=(
        Role("variables", frozenset({"number", "yes", "code"}), "What is described.", many=True),
        Role("by", frozenset({"code", "yes"}), "The groups that are described apart.", needed=False),
    ),
    settings=(),
    exact=True,
    local=local,
    combine=combine,
    approximate=("quantiles", "histogram"),
    kinds={"people": "people", "levels": "people", "squares": "squares"},
)
"""Equal to the pooled data but for quantiles, which stand between edges of bins, and the histogram."""

"""Principal components: the directions in which numbers spread most, from sums of products; nobody is scored."""

from __future__ import annotations

from oncommons.algorithms.pair import Analysis, Role, Setting
from oncommons.algorithms.pca.combine import combine
from oncommons.algorithms.products import products

PCA = Analysis(
    name="pca",
    version=1,
    title="Principal components",
    says="The directions in which numbers spread most: variances, shares and loadings; no scores of people.",
    source="Pearson 1901, Phil Mag 2:559; Jolliffe 2002, Principal Component Analysis, 1.1 and 2.3",
    roles=(Role("variables", frozenset({"number"}), "Numbers, two at least.", many=True),),
    settings=(
        Setting(
            "matrix",
            "Of which matrix: of correlations, each number in units of its spread, or of covariances, in its own unit.",
            "correlation",
            ("correlation", "covariance"),
        ),
        Setting("components", "How many are told, those of the largest variance; 0 tells all.", 0.0, (0.0, 60.0)),
    ),
    exact=True,
    local=products,
    combine=combine,
    kinds={"people": "people", "levels": "people", "numbers": "moments", "products": "products"},
)
"""Equal to the components of the pooled numbers of those of whom all are known."""

"""ComBat: numbers that hospitals or devices measure each in their own way are brought to one scale, each where they are."""

from __future__ import annotations

from oncommons.algorithms.combat.combine import combine
from oncommons.algorithms.combat.local import local
from oncommons.algorithms.pair import Analysis, Role, Setting

COMBAT = Analysis(
    name="combat",
    version=1,
    title="ComBat harmonisation",
    says="By how much each hospital or device measures numbers higher and wider than all together; each node brings its "
    "own rows to one scale by that.",
    source=(
        "Johnson, Li and Rabinovic 2007, Biostatistics 8:118; Fortin et al. 2018, NeuroImage 167:104; Chen et al. 2022, "
        "NeuroImage 248:118822 (distributed)"
    ),
    roles=(
        Role("variables", frozenset({"number"}), "Numbers that are harmonised, best many of a kind.", many=True),
        Role(
            "covariates",
            frozenset({"number", "yes", "code"}),
            "What may make hospitals differ in truth, and is kept.",
            many=True,
            needed=False,
        ),
        Role(
            "batch",
            frozenset({"yes", "code"}),
            "The device, or whatever else measures; else the hospital.",
            needed=False,
        ),
    ),
    settings=(
        Setting(
            "shrink", "Whether each is drawn towards those of all variables (empirical Bayes).", "yes", ("yes", "no")
        ),
        Setting("adjust", "How high and how wide, or how high alone.", "both", ("both", "location")),
    ),
    exact=True,
    local=local,
    combine=combine,
    by_node=lambda settings: not settings["batch"],
    kinds={
        "people": "people",
        "levels": "people",
        "numbers": "moments",
        "batch_people": "people",
        "squares": "squares",
        "covariates": "products",
    },
)
"""Equal to what comes of the pooled rows; see :func:`oncommons.algorithms.combat.applying.harmonised` for each node's own."""

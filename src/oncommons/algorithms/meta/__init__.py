"""Meta-analysis: each hospital fits its own model, and estimates are put together, with what differs between hospitals."""

from __future__ import annotations

from oncommons.algorithms.meta.combine import combine
from oncommons.algorithms.meta.fitting import MODELS
from oncommons.algorithms.meta.local import local
from oncommons.algorithms.meta.pooling import METHODS
from oncommons.algorithms.pair import Analysis, Role, Setting

META = Analysis(
    name="meta",
    version=1,
    title="Meta-analysis",
    says="Each hospital fits the same model to its own people; estimates are put together, with what differs between "
    "hospitals.",
    source=(
        "DerSimonian and Laird 1986, Control Clin Trials 7:177; Paule and Mandel 1982, J Res NBS 87:377; Viechtbauer 2005, "
        "J Educ Behav Stat 30:261 (REML); Hartung and Knapp 2001, Stat Med 20:3875; Higgins and Thompson 2002, Stat Med "
        "21:1539; Higgins, Thompson and Spiegelhalter 2009, JRSS A 172:137 (prediction)"
    ),
    roles=(
        Role("covariates", frozenset({"number", "yes", "code"}), "What explains the outcome.", many=True),
        Role("outcome", frozenset({"number", "yes"}), "What is explained, unless the model is cox.", needed=False),
        Role("time", frozenset({"number"}), "How long each person was followed, for cox.", needed=False),
        Role("event", frozenset({"yes"}), "Whether the event came at that time, for cox.", needed=False),
        Role("offset", frozenset({"number"}), "What is added with the coefficient one, but for cox.", needed=False),
    ),
    settings=(
        Setting("model", "What each hospital fits: a family of glm, or cox.", "binomial", MODELS),
        Setting(
            "method",
            "One effect for all (fixed), or one that differs between hospitals by a variance that is estimated: by "
            "restricted likelihood (reml), Paule and Mandel (pm), or DerSimonian and Laird (dl).",
            "reml",
            METHODS,
        ),
        Setting("intervals", "Wald's, or Hartung and Knapp's.", "normal", ("normal", "hartung_knapp")),
        Setting("level", "How sure confidence intervals are, of one.", 0.95, (0.5, 0.999)),
    ),
    exact=False,
    local=local,
    combine=combine,
    nodes=2,
    kinds={"people": "people"},
)
"""Near the pooled fit where hospitals are large; nodes tell of one state, so that it can be made where sums cannot."""

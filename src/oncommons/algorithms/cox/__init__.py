"""Proportional hazards: hazard ratios of Cox's model, with the baseline of each hospital or one of all; equal to pooled."""

from __future__ import annotations

from oncommons.algorithms.cox.combine import combine
from oncommons.algorithms.cox.local import local
from oncommons.algorithms.pair import Analysis, Role, Setting

COX = Analysis(
    name="cox",
    version=1,
    title="Proportional hazards",
    says="Hazard ratios of Cox's model with confidence intervals and tests, a check that hazards are proportional, and "
    "Harrell's concordance; each hospital is a stratum with a baseline of its own, or all have one.",
    source="Cox 1972, JRSS B 34:187; Efron 1977, JASA 72:557; Breslow 1974, Biometrics 30:89; Lin and Wei 1989, JASA "
    "84:1074; Grambsch and Therneau 1994, Biometrika 81:515; Harrell et al. 1982, JAMA 247:2543",
    roles=(
        Role("time", frozenset({"number"}), "How long each person was followed."),
        Role("event", frozenset({"yes"}), "Whether the event came at that time."),
        Role("covariates", frozenset({"number", "yes", "code"}), "What the hazard may depend upon.", many=True),
        Role(
            "strata",
            frozenset({"yes", "code"}),
            "Groups that have a baseline of their own within each hospital, and no hazard ratio.",
            many=True,
            needed=False,
        ),
        Role(
            "entry",
            frozenset({"number"}),
            "From when on each person was followed, in the unit of time: left truncation.",
            needed=False,
        ),
    ),
    settings=(
        Setting(
            "baseline",
            "Whether each hospital has its own baseline hazard, or all have one, which only open data can be used for.",
            "hospital",
            ("hospital", "common"),
        ),
        Setting("ties", "How events at one time are counted.", "efron", ("efron", "breslow")),
        Setting("errors", "From the model, or robust (Lin and Wei), by person.", "model", ("model", "robust")),
        Setting(
            "check",
            "By which clock is looked whether hazards stay proportional: the share that had the event, time, or its log.",
            "km",
            ("km", "identity", "log", "none"),
        ),
        Setting("level", "How sure confidence intervals are, of one.", 0.95, (0.5, 0.999)),
    ),
    exact=True,
    local=local,
    combine=combine,
    once=lambda _: False,
    open_only=lambda settings: settings["baseline"] == "common",
    by_node=lambda settings: settings["baseline"] == "hospital",
    kinds={
        "people": "people",
        "levels": "people",
        "numbers": "moments",
        "events": "people",
        "late": "counts",
        "squares": "products",
    },
)
"""Equal to the pooled fit: stratified by hospital, or of one baseline on the times as each node has made them coarse."""

"""Proportional hazards: hazard ratios of Cox's model, ties by Efron or Breslow, equal to the pooled fit."""

from __future__ import annotations

from oncommons.algorithms.cox.combine import combine
from oncommons.algorithms.cox.local import local
from oncommons.algorithms.pair import Analysis, Role, Setting

COX = Analysis(
    name="cox",
    version=1,
    title="Proportional hazards",
    says="Hazard ratios of Cox's model with confidence intervals, and the likelihood-ratio test.",
    source="Cox 1972, JRSS B 34:187; Efron 1977, JASA 72:557; Breslow 1974, Biometrics 30:89; Lu et al. 2015 (WebDISCO)",
    roles=(
        Role("time", frozenset({"number"}), "How long each person was followed."),
        Role("event", frozenset({"yes"}), "Whether the event came at that time."),
        Role("covariates", frozenset({"number", "yes", "code"}), "What the hazard may depend upon.", many=True),
    ),
    settings=(
        Setting("ties", "How events at one time are counted.", "efron", ("efron", "breslow")),
        Setting("level", "How sure confidence intervals are, of one.", 0.95, (0.5, 0.999)),
    ),
    exact=True,
    local=local,
    combine=combine,
    once=lambda _: False,
    open_only=lambda _: True,
)
"""Equal to the pooled fit on the times as each node has made them coarse."""

"""How good a score is that somebody has made before: how well it tells people apart, and whether its risks come true."""

from __future__ import annotations

from oncommons.algorithms.pair import Analysis, Role, Setting
from oncommons.algorithms.validation.combine import combine
from oncommons.algorithms.validation.local import local

VALIDATION = Analysis(
    name="validation",
    version=1,
    title="Validation of a score",
    says="ROC curve with its area, calibration, Brier score, and net benefit of a given score; with a time, concordance.",
    source="DeLong et al. 1988, Biometrics 44:837; Cox 1958, Biometrika 45:562 (recalibration); Brier 1950; Murphy 1973; "
    "Vickers and Elkin 2006, Med Decis Making 26:565; Harrell et al. 1996, Stat Med 15:361",
    roles=(
        Role("score", frozenset({"number"}), "The score: the higher, the more likely the event."),
        Role("event", frozenset({"yes"}), "Whether the event came."),
        Role(
            "time",
            frozenset({"number"}),
            "How long each person was followed; then only the concordance is computed, within each hospital.",
            needed=False,
        ),
    ),
    settings=(
        Setting(
            "scale",
            "Whether the score is the probability of the event, which can be compared with how often it came, or a number.",
            "probability",
            ("probability", "number"),
        ),
        Setting(
            "threshold",
            "From which score on people are taken to be positive, for sensitivity and the like; 0 for none.",
            0.0,
            (-1e9, 1e9),
        ),
        Setting(
            "sums",
            "Whether each node tells bins of its own once, or all tell theirs together in a second round, as sums of which "
            "nobody sees a part: finer, and of three hospitals at least.",
            "once",
            ("once", "together"),
        ),
        Setting("groups", "Into how many groups of about equal size people are taken for calibration.", 10, (2, 50)),
        Setting("level", "How sure intervals are, of one.", 0.95, (0.5, 0.999)),
    ),
    exact=True,
    local=local,
    combine=combine,
    by_node=lambda settings: bool(settings["time"]),
    once=lambda settings: settings.get("sums") != "together" or bool(settings.get("time")),
    kinds={"people": "people", "at": "people", "squares": "squares"},
)
"""Equal to the pooled computation on the scores as each node tells them; Brier score, threshold and concordance always."""

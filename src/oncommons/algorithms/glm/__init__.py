"""Generalised linear models: linear, logistic, Poisson, negative binomial; offset, weights, ridge, robust errors; equal to the pooled fit."""

from __future__ import annotations

from oncommons.algorithms.glm.combine import combine
from oncommons.algorithms.glm.dispersed import NAME
from oncommons.algorithms.glm.local import local
from oncommons.algorithms.pair import Analysis, Role, Setting

GLM = Analysis(
    name="glm",
    version=1,
    title="Generalised linear model",
    says="Coefficients of a linear, logistic, Poisson or negative binomial model, with errors and deviance.",
    source=(
        "McCullagh and Nelder 1989, Generalized Linear Models, 2.5; Lawless 1987, Can J Stat 15:209 (negative binomial); "
        "Hoerl and Kennard 1970, Technometrics 12:55 (ridge); White 1980, Econometrica 48:817 (robust errors)"
    ),
    roles=(
        Role("outcome", frozenset({"number", "yes"}), "What is explained."),
        Role("covariates", frozenset({"number", "yes", "code"}), "What explains it.", many=True),
        Role(
            "offset",
            frozenset({"number"}),
            "What is added with the coefficient one, such as the log of a time.",
            needed=False,
        ),
        Role("weights", frozenset({"number"}), "How much each person counts.", needed=False),
    ),
    settings=(
        Setting("family", "How the outcome is distributed.", "gaussian", ("gaussian", "binomial", "poisson", NAME)),
        Setting(
            "ridge",
            "Penalty on half the squares of coefficients of columns of spread one; none on the intercept.",
            0.0,
            (0.0, 1e9),
        ),
        Setting("errors", "From the model, or robust against another spread (HC0).", "model", ("model", "robust")),
        Setting("level", "How sure confidence intervals are, of one.", 0.95, (0.5, 0.999)),
    ),
    exact=True,
    local=local,
    combine=combine,
    once=lambda settings: settings["family"] == "gaussian",
    kinds={
        "people": "people",
        "levels": "people",
        "numbers": "moments",
        "deviance": "squares",
        "squares": "squares",
        "information": "products",
        "meat": "products",
    },
)
"""Equal to the pooled fit of the same rows."""

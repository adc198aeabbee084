"""What other packages find in the pooled rows of real tables on cancer; run by ``pooled.py`` in an environment of its own.

    python pooled_peer.py TABLES.json FOUND.json
    python pooled_peer.py --hospitals DEALT.json FOUND.json

SurvSet and scikit-survival are under GPL-3; nothing of them comes into ours but numbers, as JSON.
"""

from __future__ import annotations

import importlib
import json
import sys
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import statsmodels.api as sm
from lifelines import CoxPHFitter, KaplanMeierFitter, NelsonAalenFitter
from lifelines.statistics import multivariate_logrank_test
from scipy.optimize import minimize_scalar
from sksurv.compare import compare_survival
from sksurv.linear_model import CoxPHSurvivalAnalysis
from sksurv.nonparametric import kaplan_meier_estimator, nelson_aalen_estimator
from sksurv.util import Surv
from SurvSet.data import SurvLoader

MOST, EACH, LEVEL = 10, 10, 8
"""Coefficients of a model at most; events for each of them, and at each level, at least."""

FITS = ("hospital", "robust", "entry")
CLOSE = {"precision": 1e-14, "r_precision": 1e-16}
"""Lifelines stops where the likelihood hardly moves, eight digits from the end, unless it is told not to."""
WALK, WIDE = 1e-4, 30.0
"""A slope so steep, or an error so large on a column of spread one, is that of a fit without end."""


def frame_of(name: str, origin: list[str]) -> pd.DataFrame:
    """A table with ``time``, ``event``, numbers as they are and codes as text."""
    library, time, event = origin
    if library == "SurvSet":
        return SurvLoader().load_dataset(name)["df"].drop(columns="pid")
    found = getattr(importlib.import_module(f"{library}.datasets"), f"load_{name}")()
    return found.reset_index(drop=True).rename(columns={time: "time", event: "event"})


def dummies(column: pd.Series) -> pd.DataFrame:
    """The columns of a model that a variable makes: a code one for each level but the first."""
    if pd.api.types.is_numeric_dtype(column):
        return column.astype(float).to_frame()
    return pd.get_dummies(column.astype(str), prefix=column.name, prefix_sep="=").iloc[:, 1:].astype(float)


def covariates_of(frame: pd.DataFrame) -> list[str]:
    """The first columns that a model can have: rarely missing, each level often enough, not made of others."""
    kept: list[str] = []
    limit = min(MOST, int(frame.event.sum()) // EACH)
    for name in frame.columns.drop(["time", "event"]):
        column = frame[name]
        if column.isna().mean() > 0.1 or column.nunique() < 2:
            continue
        if not pd.api.types.is_numeric_dtype(column):
            table = pd.crosstab(column, frame.event)
            if len(table) > LEVEL or table.shape[1] < 2 or table[1].min() < EACH:
                continue
        whole = frame[[*kept, name]].dropna()
        matrix = pd.concat([dummies(whole[one]) for one in [*kept, name]], axis=1)
        if matrix.shape[1] > limit or np.linalg.eigvalsh(matrix.corr())[0] < 1e-2:
            continue
        kept.append(name)
    return kept


def cox(time: Any, event: Any, matrix: pd.DataFrame) -> dict[str, Any]:
    """Coefficients and errors of Cox's model, by package and way to count ties."""
    whole = matrix.assign(time=time, event=event)
    fit = CoxPHFitter().fit(whole, "time", "event", fit_options=CLOSE)
    found: dict[str, Any] = {
        "efron": {
            "lifelines": {
                "coefficients": fit.params_.tolist(),
                "errors": fit.standard_errors_.tolist(),
                "log_likelihood": [fit.log_likelihood_],
            }
        },
        "breslow": {},
    }
    for ties in ("efron", "breslow"):
        sksurv = CoxPHSurvivalAnalysis(ties=ties, tol=1e-15, n_iter=200)
        sksurv.fit(matrix.to_numpy(), Surv.from_arrays(event > 0, time))
        found[ties]["scikit-survival"] = {"coefficients": sksurv.coef_.tolist()}
        other = sm.PHReg(time, matrix.to_numpy(), status=event, ties=ties).fit(method="newton", tol=1e-14, maxiter=200)
        found[ties]["statsmodels"] = {"coefficients": other.params.tolist(), "errors": other.bse.tolist()}
    return found


def curves(time: Any, event: Any, group: Any) -> dict[str, Any]:
    """Curves of each group at the times at which somebody leaves, and the log-rank test."""
    found: dict[str, Any] = {"lifelines": {}, "scikit-survival": {}}
    for level in sorted(set(group)):
        some = group == level
        times, survival = kaplan_meier_estimator(event[some] > 0, time[some])
        _, hazard = nelson_aalen_estimator(event[some] > 0, time[some])
        km = KaplanMeierFitter().fit(time[some], event[some])
        bands = np.nan_to_num(km.confidence_interval_.loc[times].to_numpy(), nan=0.0)
        found["lifelines"][level] = {"survival": km.survival_function_.loc[times].iloc[:, 0].tolist()}
        found["lifelines"][level] |= {"low": bands[:, 0].tolist(), "high": bands[:, 1].tolist()}
        if not (
            pd.Series(time[some & (event > 0)]).duplicated().any()
        ):  # lifelines takes deaths at one time one by one
            na = NelsonAalenFitter(nelson_aalen_smoothing=False).fit(time[some], event[some])
            found["lifelines"][level]["hazard"] = na.cumulative_hazard_.loc[times].iloc[:, 0].tolist()
        found["scikit-survival"][level] = {"survival": survival.tolist(), "hazard": hazard.tolist()}
    test = multivariate_logrank_test(time, group, event)
    statistic, p = compare_survival(Surv.from_arrays(event > 0, time), group)
    tests = {"lifelines": [test.test_statistic, test.p_value], "scikit-survival": [statistic, p]}
    return {"curves": found, "log_rank": tests}


def models(frame: pd.DataFrame, matrix: pd.DataFrame) -> dict[str, Any]:
    """Coefficients, errors and deviance of generalised linear models: the time, the event, the event for its time."""
    families = sm.families
    asked = {
        "gaussian": (frame.time, families.Gaussian(), None),
        "binomial": (frame.event, families.Binomial(), None),
        "poisson": (frame.event, families.Poisson(), np.log(frame.time)),
    }
    found = {}
    for name, (outcome, family, offset) in asked.items():
        x = sm.add_constant(matrix.to_numpy())
        fit = sm.GLM(outcome.to_numpy(float), x, family=family, offset=offset).fit(
            tol=1e-13, maxiter=50, tol_criterion="params"
        )
        found[name] = {
            "statsmodels": {
                "coefficients": fit.params.tolist(),
                "errors": fit.bse.tolist(),
                "deviance": [fit.deviance],
            }
        }
    x, count = sm.add_constant(matrix.to_numpy()), np.ceil(frame.time.to_numpy())

    def at(log_alpha: float) -> Any:
        return sm.GLM(count, x, family=families.NegativeBinomial(alpha=np.exp(log_alpha))).fit(tol=1e-10, maxiter=100)

    log_alpha = minimize_scalar(lambda log: -at(log).llf, bounds=(-12, 6), method="bounded").x
    found["negative_binomial"] = {}
    if log_alpha < -9:  # no more than Poisson's spread: there is no dispersion to compare
        return found
    start = np.append(at(log_alpha).params, np.exp(log_alpha))
    fit = sm.NegativeBinomial(count, x).fit(start_params=start, method="newton", tol=1e-14, maxiter=200, disp=0)
    numbers = {
        "coefficients": fit.params[:-1].tolist(),
        "errors": fit.bse[:-1].tolist(),
        "log_likelihood": [float(fit.llf)],
    }
    found["negative_binomial"] = {"statsmodels": numbers}
    return found


def one(name: str, origin: list[str]) -> dict[str, Any]:
    """A table for our side, and what the packages find in it."""
    frame = frame_of(name, origin)
    frame = frame[frame.time > 0].reset_index(drop=True)
    frame = frame.assign(event=(frame.event.astype(int) > 0).astype(float), time=frame.time.astype(float))
    covariates = covariates_of(frame)
    coded = [one for one in covariates if not pd.api.types.is_numeric_dtype(frame[one])]
    by = coded[0] if coded else "half"
    if not coded:
        frame["half"] = np.where(frame[covariates[0]] > frame[covariates[0]].median(), "upper", "lower")
        coded = ["half"]
    known = frame[["time", "event", *covariates]].dropna()
    matrix = pd.concat([dummies(known[one]) for one in covariates], axis=1)
    columns, levels = {one: frame[one].astype(float) for one in ["time", "event", *covariates] if one not in coded}, {}
    for column in coded:
        levels[column] = sorted(frame[column].dropna().astype(str).unique())
        places = frame[column].astype(str).map({level: float(i) for i, level in enumerate(levels[column])})
        columns[column] = places.where(frame[column].notna()).astype(float)
    grouped = frame[["time", "event", by]].dropna()
    return {
        "columns": {key: [None if np.isnan(v) else v for v in value] for key, value in columns.items()},
        "levels": levels,
        "by": by,
        "covariates": covariates,
        "cox": cox(known.time.to_numpy(), known.event.to_numpy(), matrix),
        "glm": models(known, matrix),
        **curves(grouped.time.to_numpy(), grouped.event.to_numpy(), grouped[by].astype(str).to_numpy()),
    }


def stratified(body: dict[str, Any], sites: list[int]) -> dict[str, Any]:
    """Coefficients of Cox's model on the pooled rows, with the hospital as a stratum.

    Three fits: ties by Efron; by Breslow with robust errors; and with another stratum and entry.  One that has no end, as
    where hospitals are small, is nothing.
    """
    columns = {name: np.array([np.nan if v is None else v for v in one]) for name, one in body["columns"].items()}
    frame = pd.DataFrame(columns).assign(site=sites)
    found: dict[str, Any] = {}
    for what, covariates in ((name, body["covariates"] if name != "entry" else body["beside"]) for name in FITS):
        if not covariates:
            continue
        some = frame[list(dict.fromkeys(["time", "event", "site", "entry", body["by"], *covariates]))]
        some = some.dropna(subset=["time", "event", *covariates, *([body["by"]] if what == "entry" else [])])
        parts = []
        for one in covariates:
            levels = body["levels"].get(one)
            there = sorted(some[one].unique())[1:] if levels else []
            parts += [(some[one] == level).astype(float) for level in there] if levels else [some[one]]
        found[what] = fit_of(what, some, pd.concat(parts, axis=1).to_numpy(float), body["by"])
    return found


def fit_of(what: str, some: pd.DataFrame, matrix: Any, by: str) -> dict[str, Any] | None:
    """One of the three fits, by package; nothing where it has no end.

    Columns are centred, which changes no coefficient: of years of the calendar statsmodels would lose half of the digits.
    """
    matrix = matrix - matrix.mean(axis=0)
    strata = some.site.astype(int) + (1000 * (some[by].astype(int) + 1) if what == "entry" else 0)
    more = {"entry": some.entry.to_numpy()} if what == "entry" else {}
    ties = "breslow" if what == "robust" else "efron"
    model = sm.PHReg(
        some.time.to_numpy(), matrix, status=some.event.to_numpy(), strata=strata.to_numpy(), ties=ties, **more
    )
    try:
        fit = model.fit(method="newton", tol=1e-14, maxiter=60, disp=False)
        covariance = np.linalg.inv(-model.hessian(fit.params))
    except (np.linalg.LinAlgError, ValueError, FloatingPointError):
        return None
    wide = np.sqrt(np.diag(covariance)) * matrix.std(axis=0)
    if not np.isfinite(wide).all() or np.abs(model.score(fit.params)).max() > WALK or wide.max() > WIDE:
        return None
    errors = fit.bse
    if what == "robust":  # who is seen for the last time before the first event has no residual, and adds nothing
        residuals = np.nan_to_num(model.score_residuals(fit.params))
        errors = np.sqrt(np.diag(covariance @ residuals.T @ residuals @ covariance))
    found = {"coefficients": fit.params.tolist(), "errors": errors.tolist(), "log_likelihood": [fit.llf]}
    if what != "hospital":
        return {"statsmodels": found}
    whole = pd.DataFrame(matrix, columns=[f"x{i}" for i in range(matrix.shape[1])])
    whole = whole.assign(time=some.time.to_numpy(), event=some.event.to_numpy(), site=strata.to_numpy())
    other = CoxPHFitter().fit(whole, "time", "event", strata=["site"], fit_options=CLOSE)
    told = {"log_likelihood": [other.log_likelihood_], "concordance": [other.concordance_index_]}
    return {"statsmodels": found, "lifelines": {"coefficients": other.params_.tolist(), **told}}


def main() -> None:
    """Read which tables are wanted, write what is found."""
    warnings.filterwarnings("ignore")
    if sys.argv[1] == "--hospitals":
        tables = json.loads(Path(sys.argv[2]).read_text())
        told = {
            name: {way: stratified(body, sites) for way, sites in body["sites"].items()}
            for name, body in tables.items()
        }
        Path(sys.argv[3]).write_text(json.dumps(told))
        return
    wanted = json.loads(Path(sys.argv[1]).read_text())
    packages = ("SurvSet", "lifelines", "scikit-survival", "statsmodels")
    versions = {package: version(package) for package in packages}
    found = {name: one(name, origin) for name, origin in wanted.items()}
    Path(sys.argv[2]).write_text(json.dumps({"versions": versions, "tables": found}))


if __name__ == "__main__":
    main()

"""What other packages find of two events and of a score in the pooled rows of real tables; run by ``judged.py``.

    python judged_peer.py TABLES.json FOUND.json

It runs in the environment of ``pooled_peer.py``; nothing comes back but numbers, as JSON.
"""

from __future__ import annotations

import json
import sys
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import statsmodels.api as sm
from lifelines import AalenJohansenFitter
from lifelines.utils import concordance_index
from pooled_peer import covariates_of, dummies, frame_of
from sklearn.metrics import brier_score_loss, roc_auc_score, roc_curve
from sksurv.metrics import concordance_index_censored
from sksurv.nonparametric import cumulative_incidence_competing_risks

PACKAGES = ("SurvSet", "lifelines", "scikit-learn", "scikit-survival", "statsmodels")


def incidences(time: Any, cause: Any) -> dict[str, Any]:
    """Of two events the incidence at each time; of lifelines with intervals, where no two events are at one time."""
    _, shares = cumulative_incidence_competing_risks(cause, time)
    found: dict[str, Any] = {"scikit-survival": [{"incidence": one.tolist()} for one in shares[1:]]}
    if not pd.Series(time[cause > 0]).duplicated().any():
        fits = [AalenJohansenFitter().fit(time, cause, one) for one in (1, 2)]
        found["lifelines"] = [
            {
                "incidence": fit.cumulative_density_.iloc[1:, 0].tolist(),
                "low": fit.confidence_interval_.iloc[1:, 0].fillna(0).tolist(),
                "high": fit.confidence_interval_.iloc[1:, 1].fillna(0).tolist(),
            }
            for fit in fits
        ]
    return found


def score(time: Any, event: Any, risk: Any) -> dict[str, Any]:
    """Area, points of the curve, Brier score, line of calibration, and concordance, by package."""
    points = [one[1:].tolist() for one in roc_curve(event, risk, drop_intermediate=False)]
    logit = np.log(risk / (1 - risk))
    line = sm.GLM(event, sm.add_constant(logit), sm.families.Binomial()).fit(tol=1e-14, tol_criterion="params")
    learnt = {"area": [roc_auc_score(event, risk)], "curve": points, "Brier": [brier_score_loss(event, risk)]}
    return {
        "scikit-learn": learnt,
        "statsmodels": {"calibration": [*line.params, *line.bse]},
        "lifelines": {"concordance": [concordance_index(time, -risk, event)]},
        "scikit-survival": {"concordance": [concordance_index_censored(event > 0, time, risk)[0]]},
    }


def one(name: str, origin: list[str]) -> dict[str, Any]:
    """A table for our side, and what the packages find in it: events are parted by row, the score is a logistic fit."""
    frame = frame_of(name, origin)
    frame = frame[frame.time > 0].reset_index(drop=True)
    frame = frame.assign(event=(frame.event.astype(int) > 0).astype(float), time=frame.time.astype(float))
    known = frame[["time", "event", *covariates_of(frame)]].dropna().reset_index(drop=True)
    matrix = pd.concat([dummies(known[one]) for one in known.columns[2:]], axis=1)
    fit = sm.GLM(known.event, sm.add_constant(matrix.to_numpy()), sm.families.Binomial()).fit()
    risk = np.clip(np.asarray(fit.fittedvalues) ** 1.3, 1e-9, 1 - 1e-9)  # too low, so that there is something to find
    time, event = known.time.to_numpy(), known.event.to_numpy()
    cause = np.where(event > 0, 1 + np.arange(len(event)) % 2, 0)
    columns = {"time": time, "event": event, "cause": cause, "risk": risk}
    return {
        "columns": {name: column.astype(float).tolist() for name, column in columns.items()},
        "levels": {"cause": ["none", "one", "other"]},
        "incidence": incidences(time, cause),
        "score": score(time, event, risk),
    }


def main() -> None:
    """Read which tables are wanted, write what is found."""
    warnings.filterwarnings("ignore")
    wanted = json.loads(Path(sys.argv[1]).read_text())
    found = {name: one(name, origin) for name, origin in wanted.items()}
    versions = {package: version(package) for package in PACKAGES}
    Path(sys.argv[2]).write_text(json.dumps({"versions": versions, "tables": found}))


if __name__ == "__main__":
    main()

"""What is told of a fit that has ended, against what R's survival prints, and where there is nothing to tell."""

import numpy as np
import pytest
import statsmodels.api as sm
from lifelines.datasets import load_lung
from tests.algorithms.federation import run, split
from tests.algorithms.tables import rossi

from oncommons.algorithms.cox import COX
from oncommons.algorithms.cox.result import EVERYTHING, _concordance
from oncommons.algorithms.pair import Table

OVARIAN = Table(
    {
        "futime": np.array([
            59, 115, 156, 421, 431, 448, 464, 475, 477, 563, 638, 744, 769, 770, 803, 855, 1040, 1106, 1129, 1206, 1227,
            268, 329, 353, 365, 377,
        ], dtype=float),
        "fustat": np.array([1, 1, 1, 0, 1, 0, 1, 1, 0, 1, 1, *[0] * 10, 1, 1, 1, 1, 0], dtype=float),
        "age": np.array([
            72.3315, 74.4932, 66.4658, 53.3644, 50.3397, 56.4301, 56.9370, 59.8548, 64.1753, 55.1781, 56.7562, 50.1096,
            59.6301, 57.0521, 39.2712, 43.1233, 38.8932, 44.6000, 53.9068, 44.2055, 59.5890, 74.5041, 43.1370, 63.2192,
            64.4247, 58.3096,
        ]),
        "ecog": np.array([1, 1, 2, 1, 1, 2, 2, 2, 1, 2, 2, 1, 2, 1, 1, 2, 2, 1, 1, 1, 2, 2, 1, 2, 1, 1], dtype=float),
    }
)  # fmt: skip
"""26 women with ovarian cancer (Edmonson et al. 1979, Cancer Treat Rep 63:241), as in R's survival."""
TRIAL = {"time": "futime", "event": "fustat", "covariates": ["age", "ecog"]}
ROSSI = {"time": "week", "event": "arrest", "covariates": ["fin", "age", "prio"]}


def test_the_check_of_proportional_hazards_is_what_r_prints():
    """``cox.zph(coxph(Surv(futime, fustat) ~ age + ecog.ps, data = ovarian))``, the example of its help page."""
    found = run(COX, {"a": OVARIAN}, TRIAL)
    rows = [[row[0], round(row[1], 3), row[2], round(row[3], 2)] for row in found.tables["proportional"][1:]]
    assert rows == [["age", 0.698, 1, 0.40], ["ecog", 2.371, 1, 0.12], [EVERYTHING, 3.633, 2, 0.16]]
    assert found.found["check"] == "km"


@pytest.mark.parametrize(
    ("covariates", "printed"), [(["sex"], (0.579, 0.021)), (["age", "sex"], (0.603, 0.025)), (["age", "sex", "ecog"], (0.637, 0.025))]
)  # fmt: skip
def test_the_concordance_and_its_error_are_what_r_prints(covariates, printed):
    """``coxph(Surv(time, status) ~ age + sex + ph.ecog, data = lung)`` and two smaller models, in many textbooks."""
    frame = load_lung().rename(columns={"ph.ecog": "ecog"})
    table = Table({name: frame[name].to_numpy(float) for name in ("time", "status", "age", "sex", "ecog")})
    found = run(COX, {"a": table}, {"time": "time", "event": "status", "covariates": covariates}).found["concordance"]
    assert (round(found["value"], 3), round(found["error"], 3)) == printed


def test_without_a_pair_there_is_no_concordance():
    assert _concordance({"a": {"concordant": 0, "tied": 0, "discordant": 0, "agreement": [0, 0, 0]}})["value"] is None


def test_a_code_is_tested_at_once_with_all_its_levels():
    levels = ("none", "some", "many")
    place = np.digitize(rossi().columns["prio"], [1, 4]).astype(float)
    table = Table({**rossi().columns, "prior": place}, {"prior": levels})
    settings = ROSSI | {"covariates": ["age", "prior"], "levels": {"prior": levels}}
    rows = run(COX, {"a": table}, settings).tables["proportional"]
    assert [(row[0], row[2]) for row in rows[1:]] == [("age", 1), ("prior", 2), (EVERYTHING, 3)]


def test_the_score_test_is_that_of_the_slopes_without_coefficients():
    found = run(COX, {"a": rossi()}, ROSSI).found
    matrix = np.column_stack([rossi().columns[name] for name in ROSSI["covariates"]])
    model = sm.PHReg(rossi().columns["week"], matrix, status=rossi().columns["arrest"], ties="efron")
    slopes = model.score(np.zeros(3))
    assert found["score"]["statistic"] == pytest.approx(slopes @ np.linalg.solve(-model.hessian(np.zeros(3)), slopes))
    assert found["score"]["degrees"] == 3


def test_robust_errors_by_breslow_are_those_of_statsmodels():
    sites = np.arange(432) % 3
    settings = ROSSI | {"ties": "breslow", "errors": "robust"}
    found = run(COX, split(rossi(), sites), settings)
    matrix = np.column_stack([rossi().columns[name] for name in ROSSI["covariates"]])
    model = sm.PHReg(rossi().columns["week"], matrix, status=rossi().columns["arrest"], strata=sites, ties="breslow")
    oracle = model.fit(method="newton", tol=1e-14, groups=np.arange(432))
    errors = [row[2] for row in found.tables["terms"][1:]]
    assert np.abs(np.array(errors) - oracle.bse).max() < 1e-12
    assert found.found["errors"] == "robust"
    assert errors != [
        row[2] for row in run(COX, split(rossi(), sites), settings | {"errors": "model"}).tables["terms"][1:]
    ]


def test_a_result_says_which_hazards_it_compares():
    own, common = (run(COX, {"a": rossi()}, ROSSI | {"baseline": one}) for one in ("hospital", "common"))
    assert "stratified by hospital" in own.warnings[0]
    assert "proportional hazards were not checked" in common.warnings[0]
    assert own.tables.keys() - common.tables.keys() == {"proportional"}
    assert own.found["coefficients"] == pytest.approx(common.found["coefficients"], abs=1e-10)
    assert "proportional" not in run(COX, {"a": rossi()}, ROSSI | {"check": "none"}).tables


def test_where_a_clock_stands_still_there_is_nothing_to_test():
    times = np.where(rossi().columns["arrest"] > 0, 20.0, 52.0)
    table = Table({**rossi().columns, "week": times})
    rows = run(COX, {"a": table}, ROSSI | {"check": "identity"}).tables["proportional"][1:]
    assert [row[1] for row in rows] == [None] * 4
    assert [row[2] for row in rows] == [1, 1, 1, 3]

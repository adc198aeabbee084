"""Forest plots of models and means."""

from math import exp

import pytest
import statsmodels.api as sm
from lifelines import CoxPHFitter
from lifelines.datasets import load_gbsg2
from tests.client.figures.records import made, record

from oncommons.client.figures.estimates import means_figures, terms_figures

COX = ["term", "coefficient", "error", "hazard_ratio", "low", "high", "z", "p"]
GLM = ["term", "coefficient", "error", "low", "high", "z", "p"]


def test_hazard_ratios_are_those_of_lifelines():
    figure = terms_figures(made("cox", time="time", event="died", covariates=("age", "nodes", "size")))[0]
    frame = load_gbsg2().rename(columns={"pnodes": "nodes", "tsize": "size"})
    fit = CoxPHFitter().fit(frame[["time", "cens", "age", "nodes", "size"]], "time", "cens")
    for row in figure.shape.rows:
        wanted = fit.summary.loc[row.name.lower()]
        assert row.value == pytest.approx(wanted["exp(coef)"], rel=1e-5)
        assert (row.low, row.high) == pytest.approx(
            (wanted["exp(coef) lower 95%"], wanted["exp(coef) upper 95%"]), rel=1e-5
        )
    assert (figure.shape.none, figure.shape.log, figure.title) == (1.0, True, "Hazard ratios, proportional hazards")
    assert "nodes: 1.06 (1.04 to 1.07), p < 0.001." in figure.caption
    assert "686 people, 299 events." in figure.caption


def test_odds_ratios_are_powers_of_what_the_table_has_and_the_intercept_is_left_out():
    figure = terms_figures(made("glm", outcome="died", family="binomial", covariates=("age", "nodes")))[0]
    frame = load_gbsg2()
    fit = sm.Logit(frame["cens"], sm.add_constant(frame[["age", "pnodes"]])).fit(disp=0)
    assert [row.value for row in figure.shape.rows] == pytest.approx([exp(one) for one in fit.params[1:]], rel=1e-6)
    assert [row.high for row in figure.shape.rows] == pytest.approx(
        [exp(one) for one in fit.conf_int()[1][1:]], rel=1e-6
    )
    assert figure.shape.heads == ("", "Odds ratio (95% CI)", "p")
    assert figure.table[0][1] == "odds ratio"


def test_a_linear_model_has_coefficients_about_nothing():
    rows = [GLM, ["intercept", 9, 1, 8, 10, 1, 0.1], ["age", -0.5, 0.1, -0.7, -0.3, -5, 0.00001]]
    shape = terms_figures(record(result={"family": "gaussian"}, tables={"terms": rows}))[0].shape
    assert [(row.name, row.value, row.texts) for row in shape.rows] == [
        ("Age", -0.5, ("−0.50 (−0.70 to −0.30)", "< 0.001"))
    ]
    assert (shape.none, shape.log) == (0.0, False)


def test_levels_stand_below_their_variable_with_what_they_are_compared_with():
    rows = [
        COX,
        *([f"stage={level}", 0, 0, 2.0, 1.5, 3.0, 2, 0.02] for level in ("II", "III")),
        ["age", 0, 0, 1.1, 1, 1.2, 2, 0.03],
    ]
    levels = {"stage": {"levels": {"I": {}, "II": {}, "III": {}}}}
    told = [
        (row.name, row.within, row.value)
        for row in terms_figures(record(run={"variables": levels}, tables={"terms": rows}))[0].shape.rows
    ]
    assert told == [
        ("Stage", False, None),
        ("I", True, None),
        ("II", True, 2.0),
        ("III", True, 2.0),
        ("Age", False, 1.1),
    ]
    levels["stage"]["levels"]["0"] = {}  # then nobody knows which of two it is
    names = [row.name for row in terms_figures(record(run={"variables": levels}, tables={"terms": rows}))[0].shape.rows]
    assert names == ["Stage", "II", "III", "Age"]


@pytest.mark.parametrize("ratio", [0.0, None, -1.0])
def test_a_ratio_that_cannot_be_is_not_drawn(ratio):
    rows = [COX, ["age", 0, 0, ratio, ratio, 9.0, 0, None]]
    row = terms_figures(record(tables={"terms": rows}))[0].shape.rows[0]
    assert (row.value, row.low, row.texts) == (None, None, ("– (– to 9.00)", "not known"))


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [["intercept", 1, 1, 1, 1, 1, 1]],
        [["age", "x", 1, 1, 1, 1, 1]],
        [[f"t{i}", 1, 1, 1, 1, 1, 1] for i in range(61)],
    ],
)
def test_what_cannot_be_drawn_is_no_figure(rows):
    assert terms_figures(record(tables={"terms": [GLM, *rows]})) == []
    assert means_figures(record(tables={"terms": [GLM, *rows]})) == []


def test_means_stand_with_their_test():
    figure = means_figures(made("compare", outcome="size", by="grade"))[0]
    frame = load_gbsg2().groupby("tgrade")["tsize"].mean()
    assert [row.value for row in figure.shape.rows] == pytest.approx(frame.tolist())
    assert figure.shape.rows[1].texts[0] == "444"
    assert figure.shape.none is None
    assert "Analysis of variance: p = 0.02." in figure.caption

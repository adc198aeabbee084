"""Forest plots of hospitals and what they give together."""

from math import exp

import pytest
from tests.client.figures.records import record

from oncommons.client.figures import figures_of
from oncommons.client.figures.studies import studies_figures

STUDIES = [
    ["node", "term", "estimate", "error", "weight", "low", "high"],
    ["athens", "age", 0.1, 0.05, 0.75, 0.0, 0.2], ["bergen", "age", 0.3, 0.1, 0.25, 0.1, 0.5],
    ["athens", "stage=IV", 0.9, 0.2, 1.0, 0.5, 1.3],
]  # fmt: skip
TERMS = [
    ["term", "coefficient", "error", "low", "high", "z", "p", "nodes", "tau_squared", "q_p", "i_squared"],
    ["age", 0.15, 0.04, 0.07, 0.23, 3.75, 0.0002, 2, 0.01, 0.07, 0.69],
    ["stage=IV", 0.9, 0.2, 0.5, 1.3, 4.5, 0.00001, 1, None, None, None],
]


def meta(**result):
    return record("Meta-analysis", exact=False, result=result, tables={"studies": STUDIES, "terms": TERMS})


def test_hospitals_stand_with_their_weights_above_what_they_give_together():
    age, stage = studies_figures(meta(model="cox", method="reml"))
    assert (age.name, age.title, stage.name) == ("studies-age", "Age by hospital", "studies-stage-iv")
    assert [(row.name, row.weight, row.whole) for row in age.shape.rows] == [
        ("athens", 0.75, False),
        ("bergen", 0.25, False),
        ("Together", None, True),
    ]
    assert [row.value for row in age.shape.rows] == pytest.approx([exp(0.1), exp(0.3), exp(0.15)])
    assert age.shape.rows[0].texts == ("1.11 (1.00 to 1.22)", "75%")
    assert age.shape.heads == ("Hospital", "Hazard ratio (95% CI)", "weight")
    assert (
        "Random effects (REML): 1.16 (1.07 to 1.26), p < 0.001. I² = 69%, τ² = 0.010, test of whether hospitals differ p = 0.07."
        in age.caption
    )
    assert "I²" not in stage.caption
    assert age.table[-1] == (
        "Together",
        pytest.approx(exp(0.15)),
        pytest.approx(exp(0.07)),
        pytest.approx(exp(0.23)),
        1.0,
    )


def test_coefficients_of_a_linear_model_stay_as_they_are():
    age = studies_figures(meta(model="gaussian", method="fixed"))[0]
    assert (age.shape.rows[0].value, age.shape.log, age.shape.none) == (0.1, False, 0.0)
    assert "Fixed effects: 0.15 (0.070 to 0.23)" in age.caption


def test_terms_of_a_meta_analysis_have_a_forest_plot_of_their_own():
    assert [one.name for one in figures_of(meta(model="binomial"))] == ["studies-age", "studies-stage-iv", "forest"]


def test_without_what_they_give_together_there_is_no_figure():
    assert studies_figures(record(tables={"studies": STUDIES})) == []
    assert studies_figures(record(tables={"terms": TERMS})) == []

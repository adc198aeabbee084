"""ROC curves and calibration."""

import pytest
from tests.client.figures.records import record

from oncommons.client.figures.scores import benefit_figures, calibration_figures, roc_figures

ROC = [["threshold", "false_positive_rate", "true_positive_rate"], [0.5, 0.2, 0.7], [None, 0.1, 0.4]]
CALIBRATION = [
    ["people", "predicted", "observed", "low", "high"],
    [60, 0.1, 0.08, 0.03, 0.2],
    [60, 0.3, 0.35, 0.2, 0.45],
]


def test_a_roc_curve_begins_and_ends_at_its_corners():
    figure = roc_figures(record(tables={"roc": ROC}))[0]
    line = figure.shape.lines[0]
    assert list(zip(line.x, line.y, strict=True)) == [(0, 0), (0.1, 0.4), (0.2, 0.7), (1, 1)]
    assert figure.table[1:] == ((0.5, 0.2, 0.7), (None, 0.1, 0.4))


@pytest.mark.parametrize(
    ("result", "said"),
    [
        ({"auc": 0.7346}, "Area under the curve 0.735"), ({"auc": {"value": 0.73, "low": 0.69, "high": 0.78}}, "Area under the curve 0.73 (0.69 to 0.78)"),
        ({"area": 0.5, "area_low": 0.4, "area_high": 0.6}, "Area under the curve 0.50 (0.40 to 0.60)"), ({"roc": {"area": 0.66, "low": 0.61, "high": 0.7}}, "Area under the curve 0.66 (0.61 to 0.70)"), ({}, ""), ({"auc": None}, ""),
    ],
)  # fmt: skip
def test_the_area_stands_in_the_figure_and_in_the_caption(result, said):
    figure = roc_figures(record(result=result, tables={"roc": ROC}))[0]
    assert figure.shape.note == said
    assert said in figure.caption


def test_calibration_says_each_part():
    figure = calibration_figures(record(tables={"calibration": CALIBRATION}))[0]
    assert figure.shape.lines[0].y == (0.08, 0.35)
    assert figure.shape.x == figure.shape.y == pytest.approx((0, 0.495))
    assert "Of 60 people with a mean prediction of 10%, 8% had the event." in figure.caption
    assert figure.table == tuple(map(tuple, CALIBRATION))


def test_without_points_there_is_no_figure():
    assert roc_figures(record(tables={"roc": ROC[:1]})) == []
    assert calibration_figures(record(tables={"calibration": [CALIBRATION[0], [60, None, None, None, None]]})) == []


def test_a_decision_curve_says_where_the_score_is_better_than_both():
    rows = [[0.1, 0.4, 0.4, 0.4, 0.4], [0.3, 0.3, 0.2, 0.3, 0.3], [0.5, 0.2, -0.4, 0.2, 0.2], [0.9, -0.1, -5.0, 0, 0]]
    head = ["threshold", "score", "all", "at_least", "at_most"]
    figure = benefit_figures(record(tables={"net_benefit": [head, *rows]}))[0]
    assert "better than both at 2 of 4 risks that were tried, from 30% to 50%." in figure.caption
    score, everybody, nobody = figure.shape.lines
    assert (score.y, everybody.y, nobody.y) == ((0.4, 0.3, 0.2, -0.1), (0.4, 0.2), (0.0, 0.0))
    assert figure.table[3] == (0.5, 0.2, -0.4)
    assert "At no risk" in benefit_figures(record(tables={"net_benefit": [head, rows[0]]}))[0].caption
    assert benefit_figures(record(tables={"net_benefit": [head]})) == []

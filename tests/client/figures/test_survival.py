"""Curves over time as the figures have them, against lifelines."""

import numpy as np
import pytest
from lifelines import KaplanMeierFitter
from lifelines.datasets import load_gbsg2
from lifelines.utils import median_survival_times
from tests.client.figures.records import by_grade, made, record

from oncommons.client.figures.survival import incidence_figures, survival_figures

HEAD = ["group", "time", "at_risk", "events", "survival", "low", "high", "cumulative_hazard"]
CAUSES = ["group", "cause", "time", "at_risk", "events", "incidence", "low", "high"]


@pytest.fixture(scope="module")
def figure():
    return survival_figures(by_grade())[0]


def test_curves_risks_and_medians_are_those_of_lifelines(figure):
    frame, year = load_gbsg2(), 365.25
    for curve in figure.shape.curves:
        some = frame[frame["tgrade"] == curve.name]
        fit = KaplanMeierFitter().fit(some["time"], some["cens"])
        at = np.arange(8) * year
        assert list(curve.at_risk) == [int((some["time"] >= time).sum()) for time in at[: len(curve.at_risk)]]
        shown = [row for row in figure.table if row[0] == curve.name]
        assert [row[3] for row in shown] == pytest.approx(fit.predict([row[1] * year for row in shown]).tolist())
        assert (curve.middle or np.inf) == pytest.approx(fit.median_survival_time_ / year)
        ends = median_survival_times(fit.confidence_interval_).to_numpy()[0]
        if np.isfinite(ends).all():
            assert f"{ends[0] / year:.2f} to {ends[1] / year:.2f}" in figure.caption


def test_marks_stand_where_people_were_seen_for_the_last_time(figure):
    frame = load_gbsg2()
    several = made("survival", time="time", event="died", by="grade")["tables"]["curve"]
    some = [row for row in several[1:] if row[0] == "I"]
    alone = survival_figures(record(tables={"curve": [HEAD, *some]}))[0].shape.curves[0]
    censored = frame[(frame["tgrade"] == "I") & (frame["cens"] == 0)]["time"].unique()
    assert [x * 365.25 for x, _ in alone.marks] == pytest.approx(sorted(censored))
    assert all(not curve.marks for curve in figure.shape.curves)  # more than 200 would be a line


def test_the_caption_says_what_is_seen(figure):
    for words in (
        "II: 444 people, 202 events, median 4.", "I: 81 people, 18 events, median not reached.", "Log-rank test: p < 0.001.",
        "pointwise 95% confidence", "1 node of 2 took part, with 1,200 people: athens (1,200); not bergen (refused).",
        "Of at most 3 people a variable is missing.", "equal those of the pooled data",
    ):  # fmt: skip
        assert words in figure.caption
    assert (figure.title, figure.shape.upward, figure.shape.across) == (
        "Survival by grade",
        "Overall survival",
        "Time (years)",
    )


def test_where_curves_are_many_bands_are_in_the_table_alone():
    rows = [[f"group {i}", time, 9 - time, 1, 1 - time / 9, 0.1, 0.9, 0.0] for i in range(5) for time in (1, 2)]
    figure = survival_figures(record(tables={"curve": [HEAD, *rows]}))[0]
    assert all(not curve.low for curve in figure.shape.curves)
    assert "intervals are in the table" in figure.caption


def test_an_event_that_is_not_death_is_named():
    run = {"variables": {"relapse": {"is": {"field": "x", "in": ["y"]}}}, "settings": {"event": "relapse"}}
    figure = survival_figures(record(run=run, tables={"curve": [HEAD, ["", 3.0, 4, 1, 0.75, 0.1, 0.9, 0.25]]}))[0]
    assert figure.shape.upward == "Without the event (relapse)"
    assert figure.table[1][0] == "Everybody"


@pytest.mark.parametrize("rows", [[], [["", None, 1, 1, 1, 1, 1, 1]], [["", "x", 1, 1, 1, 1, 1, 1]], [["", 1.0]], [[f"{i}", 1.0, 1, 1, 0, 0, 0, 1] for i in range(13)]])  # fmt: skip
def test_what_cannot_be_drawn_is_no_figure(rows):
    assert survival_figures(record(tables={"curve": [HEAD, *rows]})) == []
    assert incidence_figures(record(tables={"curve": [HEAD, *rows]})) == []


def test_causes_that_compete_have_a_curve_each_and_share_who_is_at_risk():
    rows = [
        [group, cause, time, risk, 1, share, share / 2, share * 1.5]
        for group in ("a", "b")
        for cause, share in (("cancer", 0.4), ("other", 0.1))
        for time, risk in ((10, 8), (20, 4))
    ]
    gray = {"cancer": {"statistic": 2.0, "degrees": 1, "p": 0.157}}
    figure = incidence_figures(record("Competing risks", result={"gray": gray}, tables={"curve": [CAUSES, *rows]}))[0]
    assert "Gray's test of cancer: p = 0.16." in figure.caption
    assert [curve.name for curve in figure.shape.curves] == ["a: cancer", "a: other", "b: cancer", "b: other"]
    assert figure.shape.ticks == (0, 2.5, 5, 7.5, 10, 12.5, 15, 17.5, 20)
    assert dict(figure.shape.at_risk) == dict.fromkeys(("a", "b"), (8,) * 5 + (4,) * 4)
    assert "a: cancer: 40% by 20 days." in figure.caption
    assert survival_figures(record(tables={"curve": [CAUSES, *rows]})) == []

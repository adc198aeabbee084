"""A score over several nodes against the pooled rows: by scipy, statsmodels, lifelines, and counting each pair."""

import numpy as np
import pytest
import statsmodels.api as sm
from lifelines.utils import concordance_index
from scipy.stats import mannwhitneyu
from tests.algorithms.federation import run, split, splits
from tests.algorithms.validation.scores import SETTINGS, known, scored

from oncommons.algorithms.pair import Table, Unanswerable
from oncommons.algorithms.validation import VALIDATION


def validated(table, how="even", nodes=4, least=1, **settings):
    return run(VALIDATION, split(table, splits(table.people, nodes)[how]), SETTINGS | settings, least)


def measured(found):
    return {row[0]: row[1:] for row in found.tables["measures"][1:]}


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("how", ["even", "skewed", "single", "empty", "ordered"])
def test_the_area_is_that_of_all_pairs_at_any_split(how, ties):
    table = scored(ties=ties)
    found, (risk, event) = validated(table, how), known(table)
    pairs = event.sum() * (~event).sum()
    area = mannwhitneyu(risk[event], risk[~event]).statistic / pairs
    assert found.found["roc"]["area"] == pytest.approx(area, abs=1e-12)
    assert found.found["roc"]["at_least"] == pytest.approx(area, abs=1e-12)
    assert found.found["roc"]["at_most"] == pytest.approx(area, abs=1e-12)
    assert found.warnings == ()


def test_the_error_of_the_area_is_that_of_delong_by_each_pair():
    risk, event = known(scored(ties=True))
    wins = np.sign(risk[event][:, None] - risk[~event]) / 2 + 0.5
    spread = wins.mean(axis=1).var(ddof=1) / len(wins) + wins.mean(axis=0).var(ddof=1) / wins.shape[1]
    assert validated(scored(ties=True)).found["roc"]["error"] == pytest.approx(np.sqrt(spread), rel=1e-12)


def test_a_published_rating_of_scans_has_its_published_area_and_interval():
    """Hanley and McNeil 1982, table I; the area, error and interval that Stata's manual prints for it (roctab)."""
    normal, abnormal = (33, 6, 6, 11, 2), (3, 2, 2, 11, 33)
    rating = np.repeat([*range(1, 6)] * 2, normal + abnormal).astype(float)
    table = Table({"risk": rating, "event": np.repeat([0.0, 1.0], [58, 51])})
    roc = validated(table, scale="number").found["roc"]
    assert (round(roc["area"], 4), round(roc["error"], 4)) == (0.8932, 0.0307)
    assert (round(roc["low"], 5), round(roc["high"], 5)) == (0.83295, 0.95339)


@pytest.mark.parametrize("ties", [False, True])
def test_each_point_of_the_curve_is_a_threshold_that_is_counted(ties):
    risk, event = known(scored(ties=ties))
    rows = validated(scored(ties=ties)).tables["roc"][1:]
    assert rows[0] == [None, 0.0, 0.0]
    assert rows[-1][1:] == [1.0, 1.0]
    for at, false, true in rows[1:]:
        assert false == pytest.approx((risk[~event] >= at).mean(), abs=1e-12)
        assert true == pytest.approx((risk[event] >= at).mean(), abs=1e-12)
    area = np.trapezoid([row[2] for row in rows], [row[1] for row in rows])
    assert area == pytest.approx(mannwhitneyu(risk[event], risk[~event]).statistic / event.sum() / (~event).sum())


def test_calibration_is_that_of_logistic_models_of_all_rows():
    risk, event = known(scored())
    logit = np.log(risk / (1 - risk))
    line = sm.Logit(event.astype(float), sm.add_constant(logit)).fit(disp=0, tol=1e-12)
    large = sm.GLM(event.astype(float), np.ones(len(risk)), sm.families.Binomial(), offset=logit).fit(tol=1e-12)
    found = validated(scored(), "skewed").found["calibration"]
    for name, value, error in (
        ("intercept", line.params[0], line.bse[0]), ("slope", line.params[1], line.bse[1]),
        ("in_the_large", large.params.iloc[0] if hasattr(large.params, "iloc") else large.params[0], large.bse[0]),
    ):  # fmt: skip
        assert found[name]["value"] == pytest.approx(value, abs=1e-8)
        assert found[name]["error"] == pytest.approx(error, rel=1e-5)
    assert found["observed_by_expected"] == pytest.approx(event.sum() / risk.sum())


def test_groups_of_calibration_are_tenths_of_people():
    risk, event = known(scored())
    rows = validated(scored(), groups=10).tables["calibration"][1:]
    for some, (people, predicted, observed, low, high) in zip(np.array_split(np.argsort(risk), 10), rows, strict=True):
        assert abs(people - len(some)) <= 1
        assert predicted == pytest.approx(risk[some].mean(), abs=0.01)
        assert low <= observed <= high
    assert sum(row[0] for row in rows) == len(risk)
    assert sum(row[0] * row[2] for row in rows) == pytest.approx(event.sum())


@pytest.mark.parametrize("least", [1, 5, 10])
def test_the_brier_score_is_exact_and_its_parts_add_up(least):
    risk, event = known(scored())
    brier = validated(scored(), least=least).found["brier"]
    assert brier["brier"] == pytest.approx(((risk - event) ** 2).mean(), abs=1e-12)
    parts = brier["reliability"] - brier["resolution"] + brier["uncertainty"] + brier["within"]
    assert parts == pytest.approx(brier["brier"], abs=1e-12)
    assert abs(brier["within"]) < 0.01
    assert brier["uncertainty"] == pytest.approx(event.mean() * (1 - event.mean()))


@pytest.mark.parametrize("least", [1, 5])
def test_at_a_threshold_people_are_counted_exactly(least):
    risk, event = known(scored())
    found = measured(validated(scored(), least=least, threshold=0.4))
    assert found["sensitivity"][0] == (risk[event] >= 0.4).mean()
    assert found["specificity"][0] == (risk[~event] < 0.4).mean()
    assert found["positive predictive value"][0] == event[risk >= 0.4].mean()
    assert found["negative predictive value"][0] == (~event)[risk < 0.4].mean()
    oracle = sm.stats.proportion_confint((risk[event] >= 0.4).sum(), event.sum(), method="wilson")
    assert found["sensitivity"][1:] == pytest.approx(list(oracle))


def test_nodes_with_too_few_on_one_side_of_the_threshold_are_named():
    found = validated(scored(), least=10, threshold=0.97)
    assert "threshold" not in found.found
    assert any(said.startswith("At the threshold nothing is told of node-00, node-01") for said in found.warnings)


def test_the_net_benefit_is_that_of_all_rows():
    risk, event = known(scored())
    for at, value, everybody, least, most in validated(scored()).tables["net_benefit"][1:]:
        odds = at / (1 - at)
        oracle = ((risk >= at) & event).mean() - odds * ((risk >= at) & ~event).mean()
        assert value == pytest.approx(oracle, abs=1e-12)
        assert (least, most) == pytest.approx((value, value))
        assert everybody == pytest.approx(event.mean() - odds * (~event).mean())


@pytest.mark.parametrize("least", [3, 5, 10])
@pytest.mark.parametrize("how", ["even", "skewed"])
@pytest.mark.parametrize("seed", range(3))
def test_of_coarse_scores_the_exact_ones_are_within_the_bounds(how, least, seed):
    table = scored(seed=seed)
    parts = split(table, splits(table.people, 3)[how])
    parts = {name: one for name, one in parts.items() if one.people > 100}
    exact, coarse = (run(VALIDATION, parts, SETTINGS, k) for k in (1, least))
    roc, area = coarse.found["roc"], exact.found["roc"]["area"]
    assert roc["at_least"] - 1e-12 <= area <= roc["at_most"] + 1e-12
    assert abs(roc["area"] - area) < 0.05
    for one, other in zip(coarse.tables["net_benefit"][1:], exact.tables["net_benefit"][1:], strict=True):
        assert one[3] - 1e-12 <= other[1] <= one[4] + 1e-12
    for name, near in (("slope", 0.1), ("in_the_large", 0.03)):
        apart = coarse.found["calibration"][name]["value"] - exact.found["calibration"][name]["value"]
        assert abs(apart) < near


def test_of_small_nodes_the_result_warns():
    found = validated(scored(200), nodes=4, least=10)
    assert "so coarsely that the area on exact ones is between 0." in found.warnings[0]


def test_concordance_within_one_hospital_is_that_of_lifelines():
    whole = scored().complete("risk", "time", "died")
    risk, time, died = (whole.columns[name] for name in ("risk", "time", "died"))
    found = run(VALIDATION, {"a": scored()}, {"score": "risk", "event": "died", "time": "time"})
    assert found.found["concordance"] == pytest.approx(concordance_index(time, -risk, died), abs=1e-12)
    assert found.tables["measures"][1][0] == "concordance"


def test_concordance_counts_pairs_of_one_hospital_only_and_its_error_is_that_of_the_jackknife():
    whole = scored(120).complete("risk", "died", "time")
    people, step = whole.people, 1e-4
    risk, died, time = whole.columns.values()
    sites = splits(people, 3)["skewed"]
    found = run(VALIDATION, split(whole, sites), {"score": "risk", "event": "died", "time": "time"}).found
    first = (died[:, None] > 0) & ((time[:, None] < time) | ((time[:, None] == time) & (died == 0)))
    pairs = first & (sites[:, None] == sites)
    right = pairs * (np.sign(risk[:, None] - risk) / 2 + 0.5)

    def value(weights):
        return weights @ right @ weights / (weights @ pairs @ weights)

    ones = np.ones(people)
    slopes = [(value(ones + step * one) - value(ones - step * one)) / (2 * step) for one in np.eye(people)]
    assert found["concordance"] == pytest.approx(value(ones), abs=1e-12)
    assert found["error"] == pytest.approx(np.sqrt(np.sum(np.square(slopes))), rel=1e-6)


def test_what_cannot_be_told_is_said():
    table = scored()
    for event in (0.0, 1.0):
        with pytest.raises(Unanswerable, match="Nothing is told apart"):
            validated(Table({**table.columns, "event": np.full(500, event)}))
    with pytest.raises(Unanswerable, match="not a probability"):
        validated(Table({**table.columns, "risk": table.columns["risk"] * 100}))
    assert (
        "calibration"
        not in validated(Table({**table.columns, "risk": table.columns["risk"] * 100}), scale="number").tables
    )
    certain = validated(Table({**table.columns, "risk": np.round(table.columns["risk"])}))
    assert certain.warnings[0].startswith("No slope of calibration")
    with pytest.raises(Unanswerable, match="no two people"):
        validated(Table({**table.columns, "died": np.zeros(500)}), event="died", time="time")


@pytest.mark.parametrize("nodes", [3, 12])
@pytest.mark.parametrize("least", [1, 5, 10])
def test_told_together_the_area_is_near_that_of_exact_scores_however_small_nodes_are(nodes, least):
    exact, found = (validated(scored(), nodes=nodes, least=k, sums=s) for k, s in ((1, "once"), (least, "together")))
    one, two = exact.found, found.found
    assert two["roc"]["at_least"] - 1e-12 <= one["roc"]["area"] <= two["roc"]["at_most"] + 1e-12
    assert abs(two["roc"]["area"] - one["roc"]["area"]) < (0.003 if least < 10 else 0.008)
    assert two["brier"]["brier"] == pytest.approx(one["brier"]["brier"], abs=1e-12)
    assert two["calibration"]["slope"]["value"] == pytest.approx(one["calibration"]["slope"]["value"], abs=0.05)
    assert two["people"] == one["people"]


def test_told_together_a_threshold_is_exact_and_few_people_are_not_told():
    risk, event = known(scored())
    near = validated(scored(), nodes=12, least=10, sums="together", threshold=0.4)
    assert measured(near)["sensitivity"][0] == (risk[event] >= 0.4).mean()
    far = validated(scored(), nodes=12, least=10, sums="together", threshold=0.985)
    assert "threshold" not in far.found
    assert any("all nodes together" in said for said in far.warnings)


def test_told_together_the_same_score_for_everybody_is_said():
    with pytest.raises(Unanswerable, match="the same for everybody"):
        validated(Table({**scored().columns, "risk": np.full(500, 0.5)}), sums="together")


def test_sums_are_told_once_or_at_two_states():
    assert [VALIDATION.once({"sums": sums, "time": time}) for sums, time in (("once", None), ("together", "t"))] == [
        True,
        True,
    ]
    assert not VALIDATION.once({"sums": "together", "time": None})

"""Cumulative incidences against R's published ones, lifelines, the jackknife, and shares of people."""

import numpy as np
import pytest
from lifelines import AalenJohansenFitter
from lifelines.statistics import logrank_test
from scipy.integrate import trapezoid
from tests.algorithms.federation import run, split, splits
from tests.algorithms.tables import rossi, transplanted

from oncommons.algorithms.competing import COMPETING
from oncommons.algorithms.pair import Table, Unanswerable
from oncommons.algorithms.survival import SURVIVAL

SETTINGS = {"time": "time", "event": "event", "by": "group"}
LEVELS = {"levels": dict(transplanted().levels)}
PUBLISHED = {  # cuminc of R's cmprsk at 20, 40 and 60 months
    ("ALL", "relapse"): (0.3713851, 0.3875571, 0.3875571), ("AML", "relapse"): (0.2414530, 0.2663827, 0.2810390),
    ("ALL", "death"): (0.3698630, 0.3860350, 0.3860350), ("AML", "death"): (0.4439103, 0.4551473, 0.4551473),
}  # fmt: skip


def made(people=150, seed=3, lost=0.3):
    """Times without ties, three causes, people lost at random."""
    random = np.random.default_rng(seed)
    event = np.where(random.uniform(size=people) < lost, 0, random.integers(1, 4, people))
    return Table({"time": random.exponential(10, people), "event": event * 1.0}, {"event": ("no", "a", "b", "c")})


def curve(found, cause, group=""):
    return np.array([row[2:] for row in found.tables["curve"][1:] if row[:2] == [group, cause]], dtype=float)


@pytest.mark.parametrize("how", ["even", "skewed", "single", "empty", "ordered"])
def test_published_incidences_are_found_at_any_split(how):
    whole = transplanted()
    parts = split(whole, splits(whole.people, 4)[how])
    for place, until in enumerate((20.0, 40.0, 60.0)):
        rows = run(COMPETING, parts, SETTINGS | LEVELS | {"until": until}).tables["incidence"][1:]
        assert {(row[0], row[1]): round(row[5], 7) for row in rows} == {k: v[place] for k, v in PUBLISHED.items()}


@pytest.mark.parametrize("cause", [1, 2, 3])
def test_incidences_and_intervals_are_those_of_lifelines(cause):
    whole = made()
    found = run(
        COMPETING,
        split(whole, splits(whole.people, 5)["even"]),
        {"time": "time", "event": "event", "levels": whole.levels},
    )
    oracle = AalenJohansenFitter().fit(whole.columns["time"], whole.columns["event"].astype(int), cause)
    rows = curve(found, "-abc"[cause])
    assert np.abs(rows[:, 3] - oracle.cumulative_density_.iloc[1:, 0].to_numpy()).max() < 1e-12
    bands = oracle.confidence_interval_.iloc[1:].to_numpy()
    inner = np.isfinite(bands).all(axis=1) & (rows[:, 3] > 0)
    assert np.abs(rows[inner, 4:] - bands[inner]).max() < 1e-9


def weighted(time, event, weights, cause, at):
    """The incidence of weighted people, written out."""
    free, found = 1.0, 0.0
    for one in np.unique(time[time <= at]):
        risk = weights[time >= one].sum()
        found += free * weights[(time == one) & (event == cause)].sum() / risk
        free *= 1 - weights[(time == one) & (event > 0)].sum() / risk
    return found


@pytest.mark.parametrize("cause", ["relapse", "death"])
def test_the_variance_is_that_of_the_infinitesimal_jackknife(cause):
    whole, at, ones = transplanted(), 7.63, np.ones(177)
    time, event = whole.columns["time"], whole.columns["event"]
    place, step = whole.levels["event"].index(cause), 1e-5
    slopes = [
        (
            weighted(time, event, ones + step * (np.arange(177) == i), place, at)
            - weighted(time, event, ones - step * (np.arange(177) == i), place, at)
        )
        / (2 * step)
        for i in range(177)
    ]
    settings = SETTINGS | {"by": None, "until": at} | LEVELS
    row = next(row for row in run(COMPETING, {"a": whole}, settings).tables["incidence"] if row[1] == cause)
    assert row[6] == pytest.approx(np.sqrt(np.sum(np.square(slopes))), rel=1e-6)


def test_where_nobody_is_lost_incidences_are_shares_with_their_binomial_error():
    whole = made(lost=0.0)
    found = run(COMPETING, {"a": whole}, {"time": "time", "event": "event", "until": 8.0, "levels": whole.levels})
    for _, cause, people, _, _, share, error, low, high, *_ in found.tables["incidence"][1:]:
        had = ((whole.columns["event"] == " abc".index(cause)) & (whole.columns["time"] <= 8)).mean()
        assert share == pytest.approx(had, abs=1e-12)
        assert error == pytest.approx(np.sqrt(had * (1 - had) / people), rel=1e-9)
        assert low < share < high


def test_incidences_and_who_is_free_of_events_add_up():
    whole = transplanted()
    found = run(COMPETING, {"a": whole}, SETTINGS | {"by": None} | LEVELS)
    rows = [curve(found, cause) for cause in ("relapse", "death")]
    events, free = whole.columns["event"] > 0, 1.0
    for (time, risk, *_), share in zip(rows[0], rows[0][:, 3] + rows[1][:, 3], strict=True):
        free *= 1 - (events & (whole.columns["time"] == time)).sum() / risk
        assert share == pytest.approx(1 - free, abs=1e-12)


def test_time_lost_is_the_area_below_the_curve():
    settings = SETTINGS | {"by": None, "until": 30.0} | LEVELS
    found = run(COMPETING, {"a": transplanted()}, settings)
    rows, fine = curve(found, "death"), np.arange(0, 30, 0.0005)
    heights = np.concatenate([[0.0], rows[:, 3]])[np.searchsorted(rows[:, 0], fine, side="right")]
    assert found.tables["incidence"][2][9] == pytest.approx(trapezoid(heights, fine), abs=1e-3)


def test_each_event_has_its_log_rank_test():
    whole = transplanted()
    found = run(COMPETING, split(whole, splits(177, 3)["skewed"]), SETTINGS | LEVELS).found["log_rank"]
    first = whole.columns["group"] == 0
    for place, cause in enumerate(("relapse", "death"), 1):
        happened = whole.columns["event"] == place
        time = whole.columns["time"]
        oracle = logrank_test(time[first], time[~first], happened[first], happened[~first])
        assert found[cause]["statistic"] == pytest.approx(oracle.test_statistic, abs=1e-9)


def test_with_one_event_it_is_one_less_survival():
    table = rossi()
    coded = Table(table.columns, {"arrest": ("no", "yes")})
    one = run(COMPETING, {"a": coded}, {"time": "week", "event": "arrest", "levels": {"arrest": ("no", "yes")}})
    other = np.array(
        [row[4:7] for row in run(SURVIVAL, {"a": table}, {"time": "week", "event": "arrest"}).tables["curve"][1:]]
    )
    assert np.abs(curve(one, "yes")[:, 3] - (1 - other[:, 0])).max() < 1e-12


def test_nobody_at_all_is_said():
    with pytest.raises(Unanswerable, match="join events"):
        run(COMPETING, {"a": transplanted()}, SETTINGS | LEVELS, least=60)

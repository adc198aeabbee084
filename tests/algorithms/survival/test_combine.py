"""Curves, means and tests against lifelines, and against sums written out."""

import numpy as np
import pytest
from lifelines import KaplanMeierFitter, NelsonAalenFitter
from lifelines.statistics import multivariate_logrank_test
from tests.algorithms.federation import run, split, splits
from tests.algorithms.tables import made, rossi

from oncommons.algorithms.pair import Table, Unanswerable
from oncommons.algorithms.survival import SURVIVAL

LEVELS = {"levels": {"g": ("a", "b", "c", "d")}}


def curves(table, nodes=5, least=1, **settings):
    return run(SURVIVAL, split(table, splits(table.people, nodes)["even"]), settings, least)


@pytest.mark.parametrize("data", [rossi, made])
def test_curves_and_bands_are_those_of_lifelines(data):
    time, event, by = ("week", "arrest", "fin") if data is rossi else ("time", "event", "s")
    found, whole = curves(data(), time=time, event=event, by=by), data().complete(time, event, by)
    for place, group in enumerate(("no", "yes")):
        some = whole.columns[by] == place
        times, events = whole.columns[time][some], whole.columns[event][some]
        oracle, hazard = KaplanMeierFitter().fit(times, events), NelsonAalenFitter(nelson_aalen_smoothing=False)
        hazard = hazard.fit(times, events).cumulative_hazard_.iloc[1:, 0].to_numpy()
        rows = np.array([row[1:] for row in found.tables["curve"][1:] if row[0] == group])
        assert np.abs(rows[:, 3] - oracle.survival_function_.iloc[1:, 0].to_numpy()).max() < 1e-12
        bands = oracle.confidence_interval_.iloc[1:].to_numpy()
        assert np.abs(np.nan_to_num(rows[:, 4:6] - bands)).max() < 1e-12
        assert np.abs(rows[:, 6] - hazard).max() < 1e-12 or data is made  # lifelines takes ties of deaths one by one
        assert (found.found["groups"][group]["median"] or np.inf) == oracle.median_survival_time_


@pytest.mark.parametrize(("data", "by"), [(rossi, "fin"), (made, "g")])
def test_the_log_rank_test_is_that_of_lifelines(data, by):
    time, event = ("week", "arrest") if data is rossi else ("time", "event")
    found, whole = curves(data(), time=time, event=event, by=by, **LEVELS), data().complete(time, event, by)
    if data is made:
        found = run(SURVIVAL, split(made(), splits(600, 7)["skewed"]), {"time": time, "event": event, "by": by})
    oracle = multivariate_logrank_test(whole.columns[time], whole.columns[by], whole.columns[event])
    assert found.found["log_rank"]["statistic"] == pytest.approx(oracle.test_statistic, abs=1e-9)
    assert found.found["log_rank"]["p"] == pytest.approx(oracle.p_value, rel=1e-9)
    assert found.found["log_rank"]["degrees"] == oracle.degrees_of_freedom


def test_the_restricted_mean_is_the_area_below_the_curve():
    whole = rossi()
    found = curves(whole, time="week", event="arrest", until=40.0).found["groups"][""]
    oracle = KaplanMeierFitter().fit(whole.columns["week"], whole.columns["arrest"])
    steps = np.arange(0, 40, 0.001) + 0.0005
    assert found["restricted_mean"] == pytest.approx(oracle.predict(steps).to_numpy().mean() * 40, abs=1e-9)


def test_a_published_example_has_its_published_numbers():
    """Freireich et al. 1963, remission under 6-mercaptopurine; Klein and Moeschberger 2003, tables 4.1 and 4.2."""
    times = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
    events = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
    table = Table({"t": np.array(times, dtype=float), "e": np.array(events, dtype=float)})
    found = run(SURVIVAL, {"a": table}, {"time": "t", "event": "e"})
    rows = {row[1]: row for row in found.tables["curve"][1:] if row[3]}
    assert {time: round(row[4], 3) for time, row in rows.items()} == {
        6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538, 23: 0.448,
    }  # fmt: skip
    assert found.found["groups"][""]["median"] == 23


def test_of_groups_with_too_few_events_nothing_is_told():
    whole = rossi()
    parts = split(whole, splits(whole.people, 2)["even"])
    told = SURVIVAL.local(parts["node-00"], {"time": "week", "event": "arrest", "by": "fin"}, None, 20)
    assert set(told.found["groups"]) <= {"no", "yes"}
    assert all(cell >= 20 for cell in told.basis.cells)
    with pytest.raises(Unanswerable, match="enough people"):
        curves(whole, 20, 30, time="week", event="arrest", by="fin")


@pytest.mark.parametrize("least", [1, 3, 10])
def test_every_number_rests_upon_enough_people(least):
    for part in split(made(), splits(600, 5)["skewed"]).values():
        told = SURVIVAL.local(part, {"time": "time", "event": "event", "by": "g"}, None, least)
        assert all(cell >= least for cell in told.basis.cells)
        assert told.basis.people == sum(told.basis.cells) <= part.people


def test_the_result_says_how_far_small_nodes_moved_a_curve():
    whole, names = rossi(), {"time": "week", "event": "arrest"}
    (exact, five), small = (curves(whole, 1, least, **names) for least in (1, 5)), curves(whole, 8, 8, **names)
    assert (exact.found["groups"][""]["off"], exact.warnings, five.warnings) == (0.0, (), ())
    assert small.warnings[0].startswith("Nodes told times so coarsely that the curve can be up to 0.")
    told, (one, two) = (
        small.found["groups"][""],
        (np.array([[row[1], row[4]] for row in found.tables["curve"][1:]], dtype=float) for found in (exact, small)),
    )
    heights = np.append(1.0, two[:, 1])[np.searchsorted(two[:, 0], one[:, 0], side="right")]
    assert told["people"] == 432
    assert 0.02 < np.abs(heights - one[:, 1])[:-1].max() < told["off"]


def test_groups_and_tests_are_tables_too():
    found = curves(rossi(), time="week", event="arrest", by="fin")
    head, no, yes = found.tables["groups"]
    assert dict(zip(head[1:], no[1:], strict=True)) == found.found["groups"]["no"]
    assert (no[0], yes[0]) == ("no", "yes")
    assert found.tables["tests"] == [
        ["test", "statistic", "degrees", "p"],
        ["log-rank", *found.found["log_rank"].values()],
    ]


def test_nodes_that_tell_nothing_of_a_group_are_named():
    found = curves(rossi(), 8, 10, time="week", event="arrest")
    assert found.found["groups"][""]["people"] < 432
    assert found.warnings[0] == (
        "Too few had the event at some nodes, or nobody is there, so that these tell nothing and the result rests upon the others: "
        "node-05."
    )
    grouped = curves(rossi(), 6, 10, time="week", event="arrest", by="fin").warnings[0]
    assert grouped.endswith("of no node-01; of yes node-00, node-02, node-03.")

"""Bins that tell of nobody, and quantiles between their edges, against the order of the numbers."""

import numpy as np
import pytest

from oncommons.algorithms.bins import BINS, Bins, Grid, binned, spread_of

RANDOM = np.random.default_rng(3)
VALUES = RANDOM.gamma(3.0, 20.0, 500)


def about(mean, spread):
    return Grid.of(2.0, 2 * mean, 2 * (spread**2 + mean**2))


def gathered(values, nodes, least):
    grid = about(values.mean(), values.std())
    parts = [binned(part, grid, least) for part in np.array_split(values, nodes)]
    return spread_of(grid, parts, {"mean": values.mean(), "sd": values.std()})


@pytest.mark.parametrize(
    ("mean", "spread", "step"),
    [(50.0, 12.0, 2.0), (0.0, 8.0, 1.0), (3.0, 0.1, 0.02), (-4e6, 1e5, 2e4), (1.0, 5.6, 1.0)],
)
def test_edges_are_round_and_reach_four_standard_deviations(mean, spread, step):
    edges = about(mean, spread).edges
    assert np.diff(edges) == pytest.approx(np.full(BINS - 2, step))
    assert edges[0] <= mean - 3.8 * spread
    assert edges[-1] >= mean + 3.8 * spread
    assert edges / step == pytest.approx(np.round(edges / step), abs=1e-9)


def test_edges_are_the_numbers_that_are_written_so():
    assert 0.3 in Grid(1, -1, 0).edges.tolist()
    assert Grid(1, -1, 0).counts([0.3])[Grid(1, -1, 0).edges.tolist().index(0.3) + 1] == 1


def test_a_grid_that_is_not_of_round_steps_is_none():
    grid = about(50.0, 12.0)
    assert Grid.from_json(grid.to_json()) == grid
    with pytest.raises(ValueError, match="1, 2 or 5"):
        Grid.from_json([3, 0, 0])


@pytest.mark.parametrize("least", [2, 5, 30])
def test_every_bin_has_enough_people_and_is_where_it_says(least):
    for part in np.array_split(VALUES, 7):
        bins = binned(part, about(60.0, 35.0), least)
        assert min(bins.people) >= least
        assert list(bins.people) == np.histogram(part, [-np.inf, *bins.edges, np.inf])[0].tolist()
        assert len(bins.people) >= {2: 12, 5: 8, 30: 2}[least]
        assert Bins.from_json(bins.to_json()) == bins


def test_the_same_people_give_the_same_bins_whatever_grid_the_others_have():
    assert binned(VALUES, about(60.0, 35.0), 5) == binned(VALUES, about(52.0, 11.0), 5)


def test_people_are_parted_where_as_many_are_below_as_above_and_in_the_middle_of_nobody():
    bins = binned(np.array([-10.0] * 9 + [10.0] * 9), about(0.0, 1.0), 5)
    assert bins == Bins((0.0,), (9, 9))
    assert binned(np.array([-10.0] * 5 + [0.0] + [10.0] * 6), about(0.0, 1.0), 5) == Bins((6.0,), (6, 6))


def test_no_edge_tells_where_few_people_end():
    """Where few are far away, they are in the bin of the next ones, wherever they are."""
    values = np.concatenate([np.linspace(0, 0.9, 60), np.linspace(9, 10, 4)])
    assert binned(values, about(0.0, 1.0), 5).edges[-1] < 1


def test_all_the_same_and_nobody_are_one_bin():
    assert binned(np.full(9, 3.0), about(0.0, 1.0), 5) == Bins((), (9,))
    assert binned(np.zeros(0), about(0.0, 1.0), 5) == Bins((), (0,))
    assert about(3.0, 0.0) is None


def test_where_one_person_may_be_told_bins_are_those_of_the_grid():
    grid = about(60.0, 35.0)
    assert binned(VALUES, grid, 1) == Bins(tuple(grid.edges), tuple(grid.counts(VALUES)))


@pytest.mark.parametrize("body", [[[1.0], [3]], [[2.0, 1.0], [1, 1, 1]], [[1.0, 1.0], [1, 1, 1]], [[], [-1]]])
def test_what_are_no_bins_is_refused(body):
    with pytest.raises(ValueError, match="rising edges"):
        Bins.from_json(body)


@pytest.mark.parametrize("least", [1, 5, 20, 400])
@pytest.mark.parametrize("share", [0.1, 0.25, 0.5, 0.75, 0.9, 0.002, 1.0])
def test_a_quantile_is_between_the_edges_that_are_told(least, share):
    low, high, about = gathered(VALUES, 4, least).quantile(share)
    oracle = np.quantile(VALUES, share, method="inverted_cdf")
    assert low is None or low <= oracle
    assert high is None or oracle < high
    assert (about is None) == (low is None or high is None)
    assert about is None or low <= about <= high


@pytest.mark.parametrize(
    ("least", "off", "shares"), [(1, 2.0, (0.25, 0.5, 0.75)), (5, 4.0, (0.25, 0.5, 0.75)), (20, 8.0, (0.5,))]
)
def test_about_where_a_quantile_is_is_near_it(least, off, shares):
    spread = gathered(VALUES, 4, least)
    for share in shares:
        assert spread.quantile(share)[2] == pytest.approx(np.quantile(VALUES, share), abs=off)


def test_below_an_edge_are_as_many_as_bounds_say():
    spread = gathered(VALUES, 3, 10)
    true = np.array([(edge > VALUES).sum() for edge in spread.grid.edges])
    assert np.all(spread.least <= true)
    assert np.all(true <= spread.most)
    assert np.all((spread.least <= spread.about + 1e-9) & (spread.about <= spread.most + 1e-9))
    assert np.all(gathered(VALUES, 3, 1).about == true)


def test_far_from_the_mean_numbers_in_a_bin_are_spread_evenly_or_stand_at_its_one_end():
    spread = spread_of(Grid(1, 0, 0), [Bins((0.0, 4.0), (0, 8, 5))], {"mean": -1e3, "sd": 1.0})
    assert spread.about[31:37].tolist() == [0.0, 2.0, 4.0, 6.0, 8.0, 13.0]
    spread = spread_of(Grid(1, 0, 0), [Bins((0.0,), (8, 0))], {"mean": 1e3, "sd": 1.0})
    assert spread.about[30:33].tolist() == [0.0, 8.0, 8.0]

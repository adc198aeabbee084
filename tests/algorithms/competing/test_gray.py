"""Gray's test against R's published ones, and where it must be that of a single event."""

import numpy as np
import pytest
from tests.algorithms.federation import split, splits
from tests.algorithms.tables import rossi, transplanted

from oncommons.algorithms.competing.gray import gray
from oncommons.algorithms.leaving import leaving, log_rank, together
from oncommons.algorithms.pair import Table

NAMES = ("time", "event", "group")


def groups(table, nodes=1, how="even", causes=2):
    told = [leaving(part, NAMES, 1, causes)[0] for part in split(table, splits(table.people, nodes)[how]).values()]
    return [together([one[level] for one in told if level in one]) for level in table.levels["group"]]


@pytest.mark.parametrize("how", ["even", "skewed", "single", "ordered"])
@pytest.mark.parametrize(("cause", "statistic", "p"), [(1, 2.8623325, 0.09067592), (2, 0.4481279, 0.50322531)])
def test_published_statistics_are_found_at_any_split(how, cause, statistic, p):
    """As ``cuminc`` of R's cmprsk prints them for these people; two of the second event are at one time twice."""
    found = gray(groups(transplanted(), 5, how), cause)
    assert (round(found["statistic"], 7), round(found["p"], 8)) == (statistic, p)
    assert found["degrees"] == 1


def test_groups_in_another_order_have_the_same_statistic():
    random = np.random.default_rng(1)
    event = random.integers(0, 3, 300) * 1.0
    columns = {"time": np.ceil(random.exponential(9, 300)), "event": event, "group": random.integers(0, 3, 300) * 1.0}
    some = groups(Table(columns, {"event": ("no", "a", "b"), "group": ("x", "y", "z")}))
    first, second = gray(some, 1), gray([some[2], some[0], some[1]], 1)
    assert first["statistic"] == pytest.approx(second["statistic"])
    assert first["degrees"] == 2


def test_groups_that_are_the_same_do_not_differ():
    one = groups(transplanted())[0]
    assert gray([one, one, one], 1)["statistic"] == pytest.approx(0.0, abs=1e-9)


def test_of_a_single_event_it_is_near_the_log_rank_test():
    columns = {"time": rossi().columns["week"], "event": rossi().columns["arrest"], "group": rossi().columns["fin"]}
    some = groups(Table(columns, {"event": ("no", "yes"), "group": ("no", "aid")}), causes=1)
    assert gray(some, 1)["statistic"] == pytest.approx(log_rank(some)["statistic"], rel=0.01)


def test_under_no_difference_it_is_rarely_significant():
    rare = 0
    for seed in range(200):
        random = np.random.default_rng(seed)
        columns = {
            "time": random.exponential(9, 80),
            "event": random.integers(0, 3, 80) * 1.0,
            "group": np.arange(80) % 2.0,
        }
        some = groups(Table(columns, {"event": ("no", "a", "b"), "group": ("x", "y")}))
        rare += gray(some, 1)["p"] < 0.05
    assert 2 <= rare <= 20


def test_an_event_that_nobody_had_tells_nothing():
    assert gray([together([[[[5.0], [3]], [[], []], [[1.0, 2.0], [1, 1]]]])] * 2, 1)["p"] == 1.0

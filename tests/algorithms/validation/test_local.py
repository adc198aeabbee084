"""What a node tells of a score: bins of enough people with and without the event, and a threshold where enough are."""

import numpy as np
import pytest
from tests.algorithms.validation.scores import SETTINGS, known, scored

from oncommons.algorithms.pair import Table, Unanswerable
from oncommons.algorithms.validation.local import local

CHOSEN = SETTINGS | {"time": None, "threshold": 0.0, "sums": "once"}


@pytest.mark.parametrize("least", [3, 5, 10, 40])
@pytest.mark.parametrize("threshold", [0.0, 0.4, 0.9])
def test_every_number_rests_upon_enough_people(least, threshold):
    told = local(scored(), CHOSEN | {"threshold": threshold}, None, least)
    assert min(told.basis.cells) >= least
    assert np.sum(told.found["people"]) == told.basis.people == len(known(scored())[0])
    assert len(told.found["edges"]) + 1 == len(told.found["score"])


def test_bins_are_those_of_the_scores():
    risk, event = known(scored())
    told = local(scored(), CHOSEN | {"threshold": 0.4}, None, 10).found
    place = np.searchsorted(told["edges"], risk, side="right")
    assert 0.4 in told["edges"]
    assert sorted(told["edges"]) == told["edges"]
    for one, score in enumerate(told["score"]):
        assert score == pytest.approx(risk[place == one].mean())
        assert [row[one] for row in told["people"]] == [(~event & (place == one)).sum(), (event & (place == one)).sum()]


def test_where_one_person_may_be_told_each_score_is():
    told = local(scored(ties=True), CHOSEN, None, 1).found
    assert told["score"] == np.unique(known(scored(ties=True))[0]).tolist()
    assert told["exact"] == 1


def test_a_node_with_few_events_has_one_bin_that_the_rules_keep():
    table = Table({"risk": np.arange(50.0) / 50, "event": (np.arange(50) < 4) * 1.0})
    assert local(table, CHOSEN, None, 5).basis.cells == (46, 4, 46, 4)


def test_a_node_without_people_tells_nothing_of_anybody():
    empty = Table({"risk": np.zeros(0), "event": np.zeros(0)})
    told = local(empty, CHOSEN | {"threshold": 0.3}, None, 5)
    assert (told.basis.people, told.basis.cells, told.found["people"]) == (0, (), [[], []])


def test_a_threshold_and_the_edges_of_bins_tell_people_apart_in_the_ledger():
    risk, event = scored().columns["risk"], scored().columns["event"]
    told = local(scored(), CHOSEN | {"threshold": 0.4}, None, 10)
    crowds = [mask.tobytes() for mask in told.basis.crowds]
    for cut in {0.4, *told.found["edges"]}:
        assert ((risk >= cut) & (event > 0)).tobytes() in crowds
        assert ((risk < cut) & (event == 0)).tobytes() in crowds
    assert len(crowds) == 3 + 6 * len(told.found["edges"])


def test_pairs_are_counted_by_hand():
    table = Table(
        {"risk": np.array([3.0, 2, 2, 1]), "event": np.array([1.0, 1, 0, 0]), "time": np.array([1.0, 2, 2, 5])}
    )
    told = local(table, CHOSEN | {"time": "time"}, None, 1)
    assert told.found["concordance"]["pairs"] == 5
    assert told.found["concordance"]["right"] == 4.5
    assert told.basis.cells == (2, 2)


def test_told_together_names_and_shapes_follow_from_the_state_alone():
    chosen, state = CHOSEN | {"sums": "together"}, {"grid": [1, -1, 5], "least": 5}
    empty = Table({"risk": np.zeros(0), "event": np.zeros(0)})
    told, none = (local(table, chosen, state, 5).found for table in (scored(), empty))
    assert told.keys() == none.keys()
    for name in told:
        assert np.shape(told[name]) == np.shape(none[name])
        assert not np.any(none[name])
    assert np.sum(told["people"]) == len(known(scored())[0])
    assert local(scored(), chosen, state, 5).basis.cells == tuple(np.bincount(known(scored())[1]))


@pytest.mark.parametrize("state", [{}, {"grid": [3, 0, 1]}, {"grid": None}, {"grid": [1, 0]}, {"grid": ["a", 1, 2]}])
def test_a_state_that_is_none_is_refused(state):
    with pytest.raises(Unanswerable, match="no state of this analysis"):
        local(scored(), CHOSEN | {"sums": "together"}, state, 5)

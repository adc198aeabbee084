"""Which people of a node take part, what the first round tells of them, and which settings go together."""

import numpy as np
import pytest
from tests.algorithms.cox.test_hospital import COLUMNS, NOBODY, PEOPLE, SETTINGS, STATE, TABLE

from oncommons.algorithms.cox import COX
from oncommons.algorithms.cox.local import local
from oncommons.algorithms.pair import Table, Unanswerable
from oncommons.algorithms.possible import impossible

ENTRY = np.where(np.arange(PEOPLE) < 4, COLUMNS["t"] + 1, 0.0)
LATE = Table(COLUMNS | {"b": ENTRY}, TABLE.levels)


def test_the_first_round_tells_of_covariates_and_not_of_events():
    found = local(TABLE, SETTINGS, None, 1)
    x, counts = COLUMNS["x"], np.bincount(COLUMNS["g"].astype(int), minlength=4).tolist()
    assert found.found["people"] == PEOPLE
    assert found.found["numbers"] == {"x": [pytest.approx(x.sum()), pytest.approx((x**2).sum())]}
    assert (found.found["levels"], found.found.keys()) == ({"g": counts}, {"people", "numbers", "levels"})
    assert local(NOBODY, SETTINGS, None, 1).found["people"] == 0


def test_the_first_round_tells_the_rules_which_parameters_there_will_be_at_least():
    basis = local(TABLE, SETTINGS, None, 1).basis
    assert (basis.parameters, basis.events) == (3, COLUMNS["e"].sum())
    one = Table(COLUMNS | {"g": np.zeros(PEOPLE)}, TABLE.levels)
    assert local(one, SETTINGS, None, 1).basis.parameters == 1


def test_who_comes_when_already_gone_is_in_no_sum_and_counted():
    late, rest = local(LATE, SETTINGS, STATE, 1), {name: column[4:] for name, column in COLUMNS.items()}
    kept = local(Table(rest, TABLE.levels), SETTINGS, STATE, 1)
    assert late.found == kept.found | {"late": 4}
    assert late.basis.people == PEOPLE - 4
    assert impossible(COX.kinds, late.found | {"late": PEOPLE}, late.basis.people) == ""
    assert not any(crowd[:4].any() for crowd in late.basis.crowds)


def test_where_all_come_when_already_gone_nothing_is_told_of_them():
    gone = Table(COLUMNS | {"b": COLUMNS["t"]}, TABLE.levels)
    assert local(gone, SETTINGS, STATE, 1).found == local(NOBODY, SETTINGS, STATE, 1).found


def test_people_of_whom_a_stratum_or_the_entry_is_missing_are_left_out():
    for name in ("y", "b"):
        column = COLUMNS[name].copy()
        column[:7] = np.nan
        assert local(Table(COLUMNS | {name: column}, TABLE.levels), SETTINGS, None, 1).found["people"] == PEOPLE - 7


def test_people_of_each_stratum_are_a_crowd_that_another_analysis_is_compared_with():
    masks = [mask.tolist() for mask in local(TABLE, SETTINGS, None, 1).basis.crowds]
    assert (COLUMNS["y"] == 1).tolist() in masks


@pytest.mark.parametrize("other", [{"strata": ["y"]}, {"entry": "b"}, {"errors": "robust"}])
def test_what_needs_a_baseline_of_each_hospital_is_told_where_all_have_one(other):
    settings = SETTINGS | {"strata": [], "entry": None, "errors": "model", "baseline": "common"}
    assert local(TABLE, settings, None, 1).found["people"] == PEOPLE
    with pytest.raises(Unanswerable, match="go with a baseline of each hospital"):
        local(TABLE, settings | other, None, 1)


def test_a_clock_of_logs_needs_times_above_nothing():
    settings = SETTINGS | {"check": "log"}
    assert local(TABLE, settings, STATE | {"last": True}, 1).found["trend_score"]
    early = Table(
        COLUMNS | {"t": COLUMNS["t"] - COLUMNS["t"].min(), "b": COLUMNS["b"] - 9, "e": np.ones(PEOPLE)}, TABLE.levels
    )
    with pytest.raises(Unanswerable, match="log of a time"):
        local(early, settings, None, 1)

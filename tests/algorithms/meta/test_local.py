"""What a node tells for a meta-analysis: its estimates, once, and what they rest upon."""

import numpy as np
import pytest
from tests.algorithms.tables import made

from oncommons.algorithms.meta.local import crossed, local
from oncommons.algorithms.pair import Table, Unanswerable
from oncommons.policy.disclosure.output import withheld

LEVELS = {"levels": {"g": ("a", "b", "c", "d")}}
LOGIT = {"model": "binomial", "outcome": "binomial", "covariates": ["x", "g"], **LEVELS}


def of(**columns):
    return Table({name: np.array(column, dtype=float) for name, column in columns.items()})


def kept(partial, least=5):
    """The name of the rule that keeps it at the node."""
    found = withheld(partial.basis, least)
    return found.rule if found else ""


def test_estimates_are_told_with_their_errors_and_nothing_else():
    found = local(made(), LOGIT, None, 5)
    assert found.found.keys() == {"people", "terms"}
    assert list(found.found["terms"]) == ["x", "g=b", "g=c", "g=d"]
    assert all(len(one) == 2 for one in found.found["terms"].values())
    assert (kept(found), found.basis.parameters, found.basis.people) == ("", 5, made().complete("x", "g").people)


def test_who_is_in_a_group_with_the_outcome_and_without_is_a_cell():
    table = of(y=[1, 1, 0, 0, 0, 1], s=[1, 1, 1, 0, 0, 0], x=[1, 2, 3, 4, 5, 7])
    assert crossed(table, ("s", "x"), "y", both=True) == (3, 3, 1, 2, 2, 1)
    assert crossed(table, ("s",), "y", both=False) == (3, 1, 2)
    assert crossed(table, ("s",), "x", both=True) == ()


def test_a_group_in_which_few_have_the_outcome_keeps_the_estimates_here():
    random = np.random.default_rng(2)
    s = np.arange(200.0) % 2
    few = of(y=np.where(s, np.arange(200) < 7, random.integers(0, 2, 200)), s=s)
    settings = {"model": "binomial", "outcome": "y", "covariates": ["s"]}
    assert kept(local(few, settings, None, 5)) == "cells"
    assert kept(local(few, settings, None, 3), 3) == ""


BAD = {
    "nobody with the outcome in a group": (of(y=np.arange(80) % 4 == 1, s=np.arange(80) % 2), "without bound"),
    "columns that say the same": (
        of(y=np.arange(80) % 3 == 1, s=np.arange(80) % 2, t=1 - np.arange(80) % 2),
        "say the same",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_why_there_is_no_fit_is_told_of_open_data_alone(name):
    table, says = BAD[name]
    settings = {"model": "binomial", "outcome": "y", "covariates": [one for one in table.columns if one != "y"]}
    with pytest.raises(Unanswerable, match=says):
        local(table, settings, None, 1)
    found = local(table, settings, None, 5)
    assert (found.found["terms"], kept(found)) == ({}, "cells")


def test_where_the_first_level_is_nobodys_others_are_compared_with_nothing():
    table = Table({"y": np.arange(80.0), "g": 1 + np.arange(80.0) % 3}, {"g": ("a", "b", "c", "d")})
    settings = {"model": "gaussian", "outcome": "y", "covariates": ["g"], **LEVELS}
    with pytest.raises(Unanswerable, match="Nobody here has g a"):
        local(table, settings, None, 1)
    assert kept(local(table, settings, None, 5)) == "cells"


def test_an_outcome_that_one_person_makes_up_in_a_group_keeps_the_estimates_here():
    s = np.arange(100.0) % 2
    counts = np.where(s, 0, 3 + np.arange(100) % 5)
    counts[7], counts[9] = 400, 1
    found = local(of(y=counts, s=s), {"model": "poisson", "outcome": "y", "covariates": ["s"]}, None, 5)
    assert found.basis.share == pytest.approx(400 / 401)
    assert kept(found) in {"people", "dominance"}


def test_of_times_the_events_are_counted():
    table = made()
    found = local(
        table, {"model": "cox", "time": "time", "event": "event", "covariates": ["s", "g"], **LEVELS}, None, 5
    )
    rows = table.complete("s", "g", "time", "event").columns
    assert found.basis.events == rows["event"].sum()
    assert int(((rows["s"] == 1) & (rows["event"] == 1)).sum()) in found.basis.cells
    assert kept(found) == ""


def test_a_node_with_nobody_has_no_estimate():
    found = local(of(y=[np.nan], s=[1.0]), {"model": "binomial", "outcome": "y", "covariates": ["s"]}, None, 5)
    assert (found.found, found.basis.people) == ({"people": 0, "terms": {}}, 0)


def test_of_variables_that_tell_people_apart_each_side_is_a_crowd():
    crowds = local(made(), LOGIT, None, 5).basis.crowds
    assert len(crowds) == 1 + 4 + 2  # everybody, four levels, with and without the outcome

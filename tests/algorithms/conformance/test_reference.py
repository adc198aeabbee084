"""The tables on which analyses are tried."""

import numpy as np
import pytest
from lifelines.datasets import load_leukemia

from oncommons.algorithms.conformance.reference import Reference, leukaemia, odd, trial
from oncommons.algorithms.pair import Table


def test_the_leukaemia_trial_is_the_published_one():
    frame, table = load_leukemia(), leukaemia().table
    told = zip(table.columns["time"], table.columns["event"], 1 - table.columns["treated"], strict=True)
    assert sorted(told) == sorted(zip(frame["t"], frame["status"], frame["Rx"], strict=True))
    assert (table.columns["arm"] == table.columns["treated"]).all()


def test_the_trial_is_the_same_each_time_and_has_every_kind_of_column():
    first, again = trial.__wrapped__().table, trial.__wrapped__().table
    assert all(np.array_equal(first.columns[n], again.columns[n], equal_nan=True) for n in first.columns)
    assert {trial().kind(name) for name in first.columns} == {"number", "yes", "code"}
    assert (first.columns["entry"] < first.columns["time"]).all()
    assert ((first.columns["cause"] > 0) == (first.columns["event"] > 0)).all()
    assert any(np.isnan(column).any() for column in first.columns.values())


def test_odd_tables_are_odd():
    found = {one.name: one for one in odd()}
    assert [found[name].table.people for name in ("nobody", "one person")] == [0, 1]
    assert np.isnan(found["nothing known"].table.columns["age"]).all()
    assert len(set(found["everybody the same"].table.columns["age"])) == 1
    rare = found["a level of two people"].table.columns
    assert [(rare[name] == level).sum() for name, level in (("stage", 2), ("female", 1))] == [2, 2]
    assert found["two events"].table.columns["event"].sum() == 2


def test_what_is_told_to_an_analysis_cannot_be_changed_by_it():
    own = np.arange(3.0)
    reference = Reference("own", Table({"age": own}), frozenset())
    with pytest.raises(ValueError, match="read-only"):
        reference.table.columns["age"] += 1
    own += 1
    assert reference.table.columns["age"].tolist() == [0, 1, 2]


def test_some_rows_are_those_rows():
    part = trial().part(np.array([3, 5]))
    assert part.columns["age"].tolist() == trial().table.columns["age"][[3, 5]].tolist()

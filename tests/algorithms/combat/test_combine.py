"""Harmonising over nodes against the pooled rows, step by step, and where it cannot be."""

import numpy as np
import pytest
from tests.algorithms.combat.pooled import VARIABLES, harmonise, measured
from tests.algorithms.federation import run, split, splits

from oncommons.algorithms.combat import COMBAT
from oncommons.algorithms.combat.applying import harmonised
from oncommons.algorithms.pair import Table, Unanswerable

LEVELS = {"levels": {"stage": ("I", "II", "III"), "device": ("old", "new", "none")}}
SETTINGS = {"variables": [*VARIABLES], "covariates": ["age", "stage"], **LEVELS}


def columns_of(table):
    stage = table.columns["stage"]
    return np.stack([table.columns["age"], stage == 1, stage == 2], axis=1).astype(float)


def table_of(result, name, *wanted):
    head, *rows = result.tables[name]
    return np.array([[row[head.index(one)] for one in wanted] for row in rows], dtype=float)


HOW = {
    "both": ({}, {}),
    "location": ({"adjust": "location"}, {"location": True}),
    "each": ({"shrink": "no"}, {"shrink": False}),
    "location of each": ({"shrink": "no", "adjust": "location"}, {"shrink": False, "location": True}),
}


@pytest.mark.parametrize("how", HOW)
def test_hospitals_are_harmonised_as_the_pooled_rows_would_be(how):
    ours, theirs = HOW[how]
    whole = measured()
    parts = split(whole, whole.columns["site"].astype(int))
    found = run(COMBAT, parts, SETTINGS | ours)
    after, location, scale = harmonise(whole.columns, VARIABLES, columns_of(whole), whole.columns["site"], **theirs)
    told = table_of(found, "parameters", "location", "scale")
    assert np.abs(told[:, 0] - location.ravel()).max() < 1e-11
    assert np.abs(told[:, 1] - scale.ravel()).max() < 1e-11
    for site, (name, table) in enumerate(parts.items()):
        rows = harmonised(table, found.found, found.tables, name)
        at = whole.columns["site"] == site
        assert np.abs(np.stack([rows[one] for one in VARIABLES], axis=1) - after[at]).max() < 1e-10


@pytest.mark.parametrize("how", ["even", "skewed", "empty"])
def test_devices_are_harmonised_wherever_they_stand(how):
    whole = measured()
    parts = split(whole, splits(whole.people, 5)[how])
    found = run(COMBAT, parts, SETTINGS | {"batch": "device"})
    after, _, _ = harmonise(whole.columns, VARIABLES, columns_of(whole), whole.columns["device"])
    rows = harmonised(whole, found.found, found.tables)
    assert np.abs(np.stack([rows[one] for one in VARIABLES], axis=1) - after).max() < 1e-10
    assert found.found["batches"] == ["old", "new"]


@pytest.mark.parametrize("adjust", ["both", "location"])
def test_means_and_deviations_before_and_after_are_those_of_the_rows(adjust):
    whole = measured()
    found = run(COMBAT, split(whole, whole.columns["site"].astype(int)), SETTINGS | {"adjust": adjust})
    before = np.stack([whole.columns[name] for name in VARIABLES], axis=1)
    after, _, _ = harmonise(
        whole.columns, VARIABLES, columns_of(whole), whole.columns["site"], location=adjust == "location"
    )
    for name, rows in (("before", before), ("after", after)):
        some = [rows[whole.columns["site"] == site] for site in range(4)]
        oracle = np.concatenate([np.stack([one.mean(axis=0), one.std(axis=0, ddof=1)], axis=1) for one in some])
        assert table_of(found, name, "mean", "deviation") == pytest.approx(oracle, rel=1e-10)
    assert [row[2] for row in found.tables["before"][1::5]] == [
        np.sum(whole.columns["site"] == site) for site in range(4)
    ]


NEUROCOMBAT = {
    "both": [3.602042991099386, 104.39914612128355, 202.87497240774675, 301.8246793228178, 402.7540212001734],
    "location": [3.8144573457367716, 104.14644190525446, 202.86619501111326, 301.48841124613205, 403.3092699114353],
    "each": [3.579906874395178, 104.41713568703187, 202.88200002769247, 301.76488237017236, 402.7275556804994],
}
"""neuroCombat 0.2.12 (MIT) on the same rows, of the first person of the third hospital; its steps ended at 1e-13 in place
of 1e-4, all in double precision."""


@pytest.mark.parametrize("how", NEUROCOMBAT)
def test_it_is_what_neurocombat_finds(how):
    whole = measured()
    parts = split(whole, whole.columns["site"].astype(int))
    found = run(COMBAT, parts, SETTINGS | HOW[how][0])
    rows = harmonised(parts["node-02"], found.found, found.tables, "node-02")
    assert [rows[name][0] for name in VARIABLES] == pytest.approx(NEUROCOMBAT[how], rel=1e-12)


def test_without_covariates_batches_have_one_mean_and_deviation_where_nothing_is_drawn():
    whole = measured()
    settings = {"variables": [*VARIABLES], "covariates": [], "shrink": "no"}
    found = run(COMBAT, split(whole, whole.columns["site"].astype(int)), settings)
    told = table_of(found, "after", "mean", "deviation").reshape(4, 5, 2)
    assert told[:, :, 0] == pytest.approx(np.broadcast_to(told[0, :, 0], (4, 5)))
    sizes = np.bincount(whole.columns["site"].astype(int))
    pooled = np.sqrt(
        sum(
            (n - 1) * row**2 for n, row in zip(sizes, table_of(found, "before", "deviation").reshape(4, 5), strict=True)
        )
        / 240
    )
    assert told[:, :, 1] == pytest.approx(np.broadcast_to(pooled, (4, 5)))
    assert found.tables["model"][0] == ["variable", "spread", "intercept"]


def test_a_hospital_with_nobody_is_no_batch():
    whole = measured()
    parts = split(whole, whole.columns["site"].astype(int))
    empty = {"node-09": Table({name: one[:0] for name, one in whole.columns.items()}, whole.levels)}
    assert run(COMBAT, parts | empty, SETTINGS).tables == run(COMBAT, parts, SETTINGS).tables


def bad(**changed):
    whole = measured()
    return split(Table({**whole.columns, **changed}, whole.levels), whole.columns["site"].astype(int))


SITE = measured().columns["site"]
WRONG = {
    "one hospital": ({"a": measured()}, {}, "two batches"),
    "one person": ({"a": measured(), "b": split(measured(), np.arange(240) == 7)["node-01"]}, {}, "Of b there is one person"),
    "one variable": (bad(), {"variables": ["volume"]}, "set shrink to no"),
    "a covariate that is the hospital": (bad(age=SITE), {"covariates": ["age"]}, "Within batches, age"),
    "a covariate twice": (bad(sex=3 * measured().columns["age"] + SITE), {"covariates": ["age", "sex"]}, "say the same"),
    "a variable that is the hospital": (bad(skew=SITE), {}, "skew does not differ within batches"),
    "a variable that is the same in one": (
        bad(skew=np.where(SITE == 0, 1.0, measured().columns["skew"])), {"shrink": "no", "covariates": []}, "skew is the same for a whole",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_where_it_cannot_be_it_says_why(name):
    parts, settings, says = WRONG[name]
    with pytest.raises(Unanswerable, match=says):
        run(COMBAT, parts, SETTINGS | settings)

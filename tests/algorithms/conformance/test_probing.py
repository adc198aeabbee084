"""How many people a number rests upon is found by changing them one by one."""

import numpy as np
import pytest

from oncommons.algorithms.conformance.probing import fewest, influential, released
from oncommons.algorithms.pair import Basis, Table

PEOPLE = 30
RANDOM = np.random.default_rng(4)
TABLE = Table(
    {
        "x": RANDOM.normal(50, 10, PEOPLE), "y": np.r_[np.ones(12), np.zeros(18)],
        "c": np.r_[np.zeros(3), np.ones(15), np.full(12, 2.0)],
    },
    {"c": ("a", "b", "d")},
)  # fmt: skip


def x(table):
    return table.columns["x"]


def found(tell, least=5):
    few = fewest(lambda table: {"told": tell(table)}, TABLE, frozenset({"y"}), least)
    return few.people if few else None


@pytest.mark.parametrize(
    "tell",
    [
        lambda t: float(x(t).sum()),
        lambda t: float((x(t) ** 2).sum()),
        lambda t: float(x(t)[t.columns["y"] > 0].sum()),
        lambda t: np.bincount(t.columns["c"].astype(int), minlength=3)[1:].tolist(),
        lambda t: [7, "text", float(np.exp(x(t) / 50).sum())],
        lambda t: float(np.maximum(x(t) - 45, 0).sum()),
    ],
)
def test_sums_and_counts_over_enough_rest_upon_enough(tell):
    assert found(tell) is None


@pytest.mark.parametrize(
    ("tell", "people"),
    [
        (lambda t: float(x(t)[:4].sum()), 4),
        (lambda t: float(x(t).max()), 1),
        (lambda t: -3 * round(float(x(t).min())), 1),
        (lambda t: float(np.sort(x(t))[1]), 1),
        (lambda t: t.columns["c"].tolist(), 1),
        (lambda t: f"{x(t).mean():.6f}", 1),
        (lambda t: np.bincount(t.columns["c"].astype(int), minlength=3).tolist(), 3),
        (lambda t: bool(x(t)[7] > 40), 1),
    ],
)
def test_what_few_decide_rests_upon_few(tell, people):
    assert found(tell) == people


def test_as_many_as_are_asked_for_are_enough():
    assert found(lambda t: float(x(t)[:4].sum()), least=4) is None
    assert found(lambda t: float(x(t)[:4].sum()), least=5) == 4


def test_who_matters_is_counted_by_leaving_them_out():
    assert influential(lambda t: {"told": float(x(t).sum())}, TABLE) == PEOPLE
    assert influential(lambda t: {"told": float(x(t).max())}, TABLE) == 1
    assert influential(lambda t: {"told": 0}, TABLE) == 0


def test_the_rule_that_keeps_a_part_is_named():
    assert released(Basis(3), 5) == "people"
    assert released(Basis(40, (4,)), 5) == "cells"
    assert released(Basis(40, (5,)), 5) == ""

"""Whether rounds can be told as sums that nobody sees in parts."""

from dataclasses import replace

import numpy as np
import pytest
from tests.algorithms.conformance.planted import BAD, ITERATIVE

from oncommons.algorithms.conformance.federating import run, split
from oncommons.algorithms.conformance.summing import near, summed, unsummable
from oncommons.algorithms.glm import GLM
from oncommons.algorithms.pair import Basis, Partial, Table

TABLE = Table({"age": np.array([1.0, 2.0, 6.0, 9.0, 7.0, 4.0])})
TABLES = split(TABLE, [0, 1, 2, 0, 1, 2])


def why(analysis, tables=TABLES):
    settings = {"outcome": "age"}
    return list(unsummable(analysis, settings, run(analysis, settings, tables).rounds))


def test_sums_can_be():
    assert why(ITERATIVE) == []
    x = np.random.default_rng(1).normal(size=60)
    table = Table({"x": x, "y": (x + np.random.default_rng(2).normal(size=60) > 0).astype(float)})
    settings = {
        "outcome": "y",
        "covariates": ["x"],
        "family": "binomial",
        "ridge": 0.0,
        "errors": "robust",
        "level": 0.95,
    }
    rounds = run(GLM, settings, split(table, np.arange(60) % 3)).rounds
    assert len(rounds) > 4
    assert list(unsummable(GLM, settings, rounds)) == []


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ("looks at one node", "its combining half sees more than sums over all nodes"),
        ("tells text in later rounds", "more is not a number or a list of numbers"),
        ("tells objects in later rounds", "more is not a number or a list of numbers"),
        ("tells ragged lists", "more has lists of different lengths"),
    ],
)
def test_what_cannot_says_why(wrong, says):
    (told,) = why(BAD[wrong][1])
    assert says in told


def test_shapes_that_depend_on_people_are_told_with_the_node():
    (told,) = why(BAD["tells shapes that depend on people"][1], split(TABLE, [0, 0, 1, 1, 1, 1]))
    assert told == "in round 2 what node-01 tells has another shape than what the others tell"


def test_one_that_counts_nodes_sees_more_than_sums():
    def counting(settings, state, partials):
        return ITERATIVE.combine(settings, state and {**state, "mean": state["mean"] * len(partials)}, partials)

    assert len(why(replace(ITERATIVE, combine=counting))) == 1


def test_a_sum_has_the_shape_of_each_part():
    parts = {"a": Partial({"n": 1, "m": [[1, 2]]}, Basis(0)), "b": Partial({"n": 2, "m": [[3, 4]]}, Basis(0))}
    assert summed(parts) == {"n": 3, "m": [[4, 6]]}


def test_what_is_near_is_said_by_its_path():
    assert near({"a": [1.0, 1e6]}, {"a": [1.0 + 1e-9, 1e6 + 1e-3]}, 1e-8) == ""
    assert near({"a": [1.0, 2.0]}, {"a": [1.0, 2.1]}, 1e-8) == "a[1]"
    assert near({"a": "b"}, {"a": "c"}, 1.0) == "a"
    assert near({"a": 1}, {"b": 1}, 1.0) == "a"

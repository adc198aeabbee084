"""A federation without a wire carries what JSON does, and says what an analysis does that it must not."""

from dataclasses import replace

import numpy as np
import pytest
from tests.algorithms.conformance.planted import GOOD, ITERATIVE, telling

from oncommons.algorithms.conformance.federating import Broken, combined, dealt, leaves, run, split
from oncommons.algorithms.pair import Partial, Result, Table

TABLE = Table({"age": np.array([1.0, 2.0, 6.0, np.nan, 7.0])})
ASKED = {"outcome": "age"}


def test_rounds_go_on_until_there_is_a_result():
    ended = run(ITERATIVE, ASKED, split(TABLE, [0, 1, 0, 1, 0]))
    assert ended.result.found["variance"] == pytest.approx(np.var([1, 2, 6, 7], ddof=1))
    assert [one.state is None for one in ended.rounds] == [True, False, False, False, False]
    assert set(ended.rounds[0].partials) == {"node-00", "node-01"}


def test_where_there_is_no_answer_it_says_why():
    ended = run(GOOD, ASKED, {"a": Table({"age": np.array([])})})
    assert (ended.result, ended.why) == (None, "Nobody is left.")


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (telling(lambda v: float("inf")), "infinite or none"),
        (telling(lambda v: v), "what JSON does not carry: Object of type ndarray"),
        (telling(lambda v: [{3: 1}]), "has 3 as a name"),
        (telling(lambda v: 1 / 0), "local half raises ZeroDivisionError"),
        (replace(GOOD, local=lambda *_: {}), "something else than a Partial"),
        (replace(GOOD, combine=lambda *_: []), "combining half gives list"),
        (replace(GOOD, combine=lambda *_: Result({"a": np.float64(0) / 0})), "raises FloatingPointError"),
        (replace(GOOD, combine=lambda *_: {}), "it does not end within 120 rounds"),
    ],
)
def test_what_it_must_not_do_is_told(wrong, says):
    with pytest.raises(Broken, match=says):
        run(wrong, ASKED, {"a": TABLE})


def test_what_is_put_together_is_what_came_over_the_wire():
    part = Partial({"people": 2, "sum": 0.1 + 0.2}, None)
    assert combined(GOOD, ASKED, None, {"a": part}).found == {"people": 2.0, "mean": (0.1 + 0.2) / 2}


def test_everybody_is_at_one_node_whichever_way_they_are_shared_out():
    ways = dealt(100, 5)
    assert set(ways) == {"even", "skewed", "one person at a node", "nobody at a node", "in order"}
    assert all(len(one) == 100 and max(one) < 5 for one in ways.values())
    assert ways["one person at a node"].count(0) == 1
    assert ways["nobody at a node"].count(0) == 0
    assert sum(one.people for one in split(TABLE, [0, 1, 2, 2, 0]).values()) == 5


def test_everything_in_a_value_has_its_path():
    assert dict(leaves({"a": [1, {"b": "c"}], "d": 2})) == {"a[0]": 1, "a[1].b": "c", "d": 2}

"""What a node tells for curves: numbers by group and time, no person by themselves."""

import numpy as np

from oncommons.algorithms.pair import Table
from oncommons.algorithms.survival.local import local

TABLE = Table(
    {
        "t": np.array([1.0, 2, 2, 3, 4, np.nan]),
        "e": np.array([1.0, 1, 0, 1, 0, 1]),
        "g": np.array([0.0, 1, 1, 0, 1, 0]),
    },
    {"g": ("low", "high", "none")},
)


def test_numbers_stand_by_group_and_time():
    found = local(TABLE, {"time": "t", "event": "e", "by": "g"}, None, 1)
    assert found.found == {
        "groups": {
            "low": {"events": [[1.0, 3.0], [1, 1]], "last": [[], []]},
            "high": {"events": [[2.0], [1]], "last": [[2.0, 4.0], [1, 1]]},
        },
        "moved": {"low": [0, 0], "high": [0, 0]},
    }
    assert found.basis.cells == (1, 1, 1, 1, 1)


def test_without_groups_everybody_is_one():
    found = local(TABLE, {"time": "t", "event": "e"}, None, 2).found["groups"][""]
    assert found == {"events": [[2.0], [3]], "last": [[3.0], [2]]}

"""How far intervals reach: by Student's distribution or the normal one, and of shares between 0 and 1."""

import numpy as np
import pytest

from oncommons.algorithms.intervals import around, around_shares, reach


@pytest.mark.parametrize(("degrees", "expected"), [(None, 1.959964), (1, 12.7062), (30, 2.042272)])
def test_an_interval_reaches_as_far_as_tables_say(degrees, expected):
    assert reach(0.95, degrees) == pytest.approx(expected, rel=1e-6)


def test_it_is_symmetric_about_the_estimate():
    low, high = around(np.array([1.0, -2.0]), np.array([0.5, 0.0]), 0.95)
    assert low == pytest.approx([1 - 0.5 * reach(0.95), -2.0])
    assert high == pytest.approx([1 + 0.5 * reach(0.95), -2.0])


def test_that_of_a_share_lies_between_nothing_and_all():
    """Half of all with an error of a tenth, by hand."""
    low, high = around_shares(np.array([0.5]), np.array([0.1]), 0.95)
    wide = np.exp(1.959963985 * 0.1 / (0.5 * np.log(2)))
    assert [low[0], high[0]] == pytest.approx([0.5**wide, 0.5 ** (1 / wide)])


def test_of_nothing_and_all_it_is_the_share_itself_and_an_error_without_bound_tells_nothing():
    with np.errstate(all="raise", under="ignore"):
        low, high = around_shares(np.array([0.0, 1.0, 0.5]), np.array([0.0, 0.3, 1e9]), 0.95)
    assert (low.tolist(), high.tolist()) == ([0.0, 1.0, 0.0], [0.0, 1.0, 1.0])

"""Measures of a score, where they can be worked out by hand."""

import numpy as np
import pytest

from oncommons.algorithms.validation.measures import Groups, Scored, area, benefit, recalibrated, roc, wilson


def of(score, others, events, edges=None):
    part = {"score": score, "people": [others, events], "edges": edges or [], "exact": int(edges is None)}
    return Scored.of([part])


def test_nobody_is_told_apart_by_one_score():
    one = of([0.5], [10], [5])
    assert area(one, 0.95)["area"] == 0.5
    assert roc(one)[1:] == [[None, 0.0, 0.0], [0.5, 1.0, 1.0]]
    assert recalibrated(one, 0.95) is None


def test_who_is_told_apart_wholly_has_an_area_of_one_and_no_slope():
    one = of([0.2, 0.8], [10, 0], [0, 5])
    assert area(one, 0.95) == {"area": 1.0, "error": 0.0, "low": 1.0, "high": 1.0, "at_least": 1.0, "at_most": 1.0}
    assert recalibrated(one, 0.95) is None


def test_the_area_is_certain_only_between_bins_that_do_not_meet():
    one = area(of([0.2, 0.8], [8, 2], [4, 6], edges=[0.5]), 0.95)
    assert one["at_least"] == pytest.approx(6 * 8 / 100)
    assert one["at_most"] == pytest.approx(1 - 4 * 2 / 100)
    assert one["area"] == pytest.approx((48 + (32 + 12) / 2) / 100)


def test_bins_of_two_nodes_overlap_as_their_edges_say():
    parts = [
        {"score": [0.2, 0.8], "people": [[0, 0], [0, 10]], "edges": [0.5], "exact": 0},
        {"score": [0.3, 0.7], "people": [[10, 10], [0, 0]], "edges": [0.6], "exact": 0},
    ]
    found = area(Scored.of(parts), 0.95)
    assert (found["at_least"], found["at_most"]) == (0.0, 1.0)
    parts[1]["edges"] = [0.5]
    assert area(Scored.of(parts), 0.95)["at_least"] == 0.5


def test_corners_of_the_curve_stay_and_points_on_a_line_do_not():
    rows = roc(of([1, 2, 3, 4], [2, 2, 0, 0], [0, 0, 3, 3]))[1:]
    assert rows == [[None, 0.0, 0.0], [3.0, 0.0, 1.0], [1.0, 1.0, 1.0]]


def test_a_published_interval_of_a_share():
    """Newcombe 1998, Stat Med 17:857, table I: 81 of 263 and 0 of 20, method 3."""
    low, high = wilson(np.array([81.0, 0.0]), np.array([263.0, 20.0]), 0.95)
    assert np.round([*low, *high], 4).tolist() == [0.2553, 0.0, 0.3662, 0.1611]


def test_groups_are_bins_taken_together():
    groups = Groups.of(of([0.1, 0.2, 0.6, 0.9], [9, 8, 5, 0], [1, 2, 5, 10]), 2)
    assert groups.people.tolist() == [20, 20]
    assert groups.predicted.tolist() == pytest.approx([0.15, 0.75])
    assert groups.observed.tolist() == [0.15, 0.75]
    assert groups.parts(0.2)["reliability"] == pytest.approx(0.0)


def test_the_benefit_of_a_bin_that_a_threshold_parts_is_between_bounds():
    rows = {round(row[0], 2): row[1:] for row in benefit(of([0.2, 0.8], [8, 2], [4, 6], edges=[0.5]))[1:]}
    assert rows[0.5] == pytest.approx([0.2, 0.0, 0.2, 0.2])
    assert rows[0.8] == pytest.approx([6 / 20 - 4 * 2 / 20, 0.5 - 4 * 0.5, -4 * 2 / 20, 6 / 20])

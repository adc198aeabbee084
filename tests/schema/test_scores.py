"""Scores are read in the ways in which they are written."""

import pytest

from oncommons.schema.oncology import MARKER, RESULT
from oncommons.schema.scores import LABELS, PARENTS, SCORES, read_score


@pytest.mark.parametrize(
    ("marker", "text", "code"),
    [
        ("HER2", "3+", "HER2_3"),
        ("BIRADS", "4", "BIRADS_4"),
        ("BIRADS", "4a", "BIRADS_4A"),
        ("BIRADS", "BI-RADS 4A", "BIRADS_4A"),
        ("BIRADS", "birads: 0", "BIRADS_0"),
        ("BIRADS", "BI-RADS category 6", "BIRADS_6"),
        ("PIRADS", "PI-RADS v2.1 5", "PIRADS_5"),
        ("PIRADS", "PIRADS_2", "PIRADS_2"),
        ("PIRADS", "0", ""),
        ("BIRADS", "7", ""),
        ("HER2", "1", ""),
        ("PSA", "3+", ""),
    ],
)
def test_a_score_is_read_with_its_name_or_without(marker, text, code):
    assert read_score(marker, text) == code


def test_every_score_is_a_result_of_a_marker_and_below_one_that_there_is():
    assert {code for written in SCORES.values() for code in written.values()} == set(LABELS) <= set(RESULT.codes)
    assert all(MARKER.holds(marker) for marker in SCORES)
    assert {above for parents in PARENTS.values() for above in parents} <= set(RESULT.codes)

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
        ("PIRADS", "PI-RADS 2.0: 4", "PIRADS_4"),
        ("HER2", "HER2 score: 2+", "HER2_2"),
        ("HER2", "HER2: 0", "HER2_0"),
    ],
)
def test_a_score_is_read_with_its_name_or_without(marker, text, code):
    assert read_score(marker, text) == code


@pytest.mark.parametrize("marker", SCORES)
@pytest.mark.parametrize(
    ("other", "text"),
    [("BIRADS", "BI-RADS {}"), ("PIRADS", "PI-RADS {}"), ("PIRADS", "PIRADS v2.1: {}"), ("HER2", "HER2 score {}")],
)
def test_a_score_that_names_another_marker_is_not_read_as_ones_own(marker, other, text):
    written = {value for scores in SCORES.values() for value in scores}
    read = {value for value in written if read_score(marker, text.format(value))}
    assert read == (set(SCORES[marker]) if marker == other else set())


def test_a_name_of_which_the_beginning_lacks_is_none():
    assert [read_score(marker, text) for marker in SCORES for text in ("RADS 4", "BIHER2 4", "HER2-RADS 4")] == [""] * 9


def test_every_score_is_a_result_of_a_marker_and_below_one_that_there_is():
    assert {code for written in SCORES.values() for code in written.values()} == set(LABELS) <= set(RESULT.codes)
    assert all(MARKER.holds(marker) for marker in SCORES)
    assert {above for parents in PARENTS.values() for above in parents} <= set(RESULT.codes)

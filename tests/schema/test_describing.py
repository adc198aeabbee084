"""Codes of what describes a series: every combination has one, and a question for one kind finds them all."""

from itertools import chain, combinations

import pytest

from oncommons.schema.describing import DESCRIPTION, KINDS, NOTHING, code_of, codes_by_kinds

ALL = list(chain.from_iterable(combinations(KINDS, n) for n in range(len(KINDS) + 1)))


def test_every_combination_has_a_code_and_a_label_of_its_own():
    codes = [code_of(kinds) for kinds in ALL]
    assert len(set(codes)) == 16
    assert list(DESCRIPTION.codes) == sorted(codes)
    assert len(set(DESCRIPTION.codes.values())) == 16
    assert codes[0] == NOTHING


def test_the_order_of_kinds_does_not_matter_and_others_do_not_count():
    assert code_of(["dose", "contours", "plan"]) == "CONTOURS_AND_DOSE"
    assert code_of({"selection"}) == NOTHING
    assert DESCRIPTION.codes["SEGMENTATION_AND_CONTOURS_AND_REPORT"] == "segmentation, contours and report"


@pytest.mark.parametrize("asked", ALL[1:], ids=code_of)
def test_a_question_for_some_kinds_finds_series_that_have_these_and_more(asked):
    found = set(DESCRIPTION.expand([code_of(asked)]).codes)
    assert found == {code_of(kinds) for kinds in ALL if set(asked) <= set(kinds)}


def test_nothing_finds_nothing_else():
    assert DESCRIPTION.expand([NOTHING]).codes == (NOTHING,)


def test_codes_are_found_by_the_kinds_in_order_of_the_alphabet():
    assert codes_by_kinds()["contours,segmentation"] == "SEGMENTATION_AND_CONTOURS"
    assert codes_by_kinds()[""] == NOTHING
    assert len(codes_by_kinds()) == 16

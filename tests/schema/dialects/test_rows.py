"""Of which rows conditions speak."""

import pytest

from oncommons.schema.dialects.rows import Said, check_possible, is_repeated, joined, rows_of
from oncommons.schema.dictionary import find_field
from oncommons.schema.errors_of_protocols import Untranslatable
from oncommons.schema.question import All, Between, In, Some

MODALITY, PART, NUMBER = (find_field(name, "series") for name in ("modality", "body_part", "instances"))
CT, MR = (Said(MODALITY, In(MODALITY, (code,)), "x") for code in ("CT", "MR"))
CHEST = Said(PART, In(PART, ("CHEST",)), "x")
MANY = Said(NUMBER, Between(NUMBER, 5, None), "x")


def test_different_fields_speak_of_one_row():
    assert rows_of("series", [CT, CHEST]) == [Some("series", All((CT.criterion, CHEST.criterion)))]


def test_one_field_named_twice_speaks_of_two_rows():
    assert rows_of("series", [CT, MR]) == [Some("series", CT.criterion), Some("series", MR.criterion)]
    assert is_repeated([CT, MR])


def test_two_ends_of_a_range_speak_of_one_row():
    assert not is_repeated([MANY, MANY])
    assert len(rows_of("series", [MANY, MANY])) == 1


def test_two_values_beside_another_field_could_mean_two_things():
    with pytest.raises(Untranslatable):
        rows_of("series", [CT, MR, CHEST])
    with pytest.raises(Untranslatable):
        check_possible([CT, MR])


def test_one_criterion_needs_no_all():
    assert joined([CT.criterion]) is CT.criterion

"""Texts of attributes as numbers."""

from datetime import date

from oncommons.imaging.checks.reading import day, listed, number, numbers, said, share, whole
from oncommons.imaging.tags import Tag


def test_numbers_are_read_or_there_are_none():
    one = {Tag.POSITION: "1\\-2.5\\ 3e1", Tag.ROWS: "x", Tag.SLOPE: "nan", Tag.FRAMES: "12.0", Tag.KVP: "1.5"}
    assert numbers(one, Tag.POSITION) == (1.0, -2.5, 30.0)
    assert (numbers(one, Tag.ROWS), numbers(one, Tag.SLOPE), numbers(one, Tag.COLUMNS)) == ((), (), ())
    assert (number(one, Tag.POSITION), number(one, Tag.COLUMNS)) == (1.0, None)
    assert (whole(one, Tag.FRAMES), whole(one, Tag.KVP)) == (12, None)


def test_days_are_read_or_there_is_none():
    assert day({Tag.STUDY_DATE: "20040229"}, Tag.STUDY_DATE) == date(2004, 2, 29)
    assert [day({Tag.STUDY_DATE: text}, Tag.STUDY_DATE) for text in ("", "2004", "20040230", "2004.1.1")] == [None] * 4


def test_things_are_told_shortly():
    assert listed(["a", "b", "c"], most=2) == "a, b and 1 more"
    assert [share(n, [{}] * 3) for n in (1, 3)] == ["1 of 3 images", "all 3 images"]
    assert share(1, [{}]) == "the image"
    assert said([{Tag.SEX: "M"}, {}, {Tag.SEX: ""}, {Tag.SEX: "F"}], Tag.SEX) == ["F", "M"]

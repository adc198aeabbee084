"""What fits what is asked for (PS3.4 C.2.2.2)."""

import fnmatch
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncommons.node.share.dicomweb.fields import BY_NAME
from oncommons.node.share.dicomweb.matching import LONGEST, fits, matcher
from oncommons.schema.errors_of_protocols import BadSearch


def passes(keyword, asked, *values):
    test = matcher(BY_NAME[keyword], asked)
    return test is None or test(values)


CASES = [
    ("StudyDescription", "THORAX", ["THORAX"], ["Thorax", "THORAX 2", ""]),
    ("StudyDescription", "THO*", ["THORAX", "THO"], ["ATHORAX", "tho"]),
    ("StudyDescription", "T?O*X", ["THORAX", "TxOX"], ["TOX", "THORA"]),
    ("Modality", "CT", ["CT"], ["CTX", "ct"]),
    ("Modality", "CT,MR", ["CT", "MR"], ["PT"]),
    ("ModalitiesInStudy", "CT\\PT", ["CT", "PT"], ["MR"]),
    ("PatientName", "doe^j*", ["Doe^Jane", "DOE^J"], ["Roe^J"]),
    ("PatientName", "Doe^Jane^", ["Doe^Jane", "Doe^Jane^^"], ["Doe^Janet"]),
    ("PatientName", "山田*", ["Yamada^Tarou=山田^太郎"], ["Yamada^Tarou"]),
    ("StudyInstanceUID", "1.2,1.3", ["1.2", "1.3"], ["1.23", ""]),
    ("StudyInstanceUID", "1.2\\1.3", ["1.3"], ["1.4"]),
    ("StudyDate", "20260105", ["20260105"], ["20260106", ""]),
    ("StudyDate", "20260105-20260210", ["20260105", "20260210", "20260115"], ["20260104", "20260211", "2026"]),
    ("StudyDate", "-20260105", ["19000101", "20260105"], ["20260106"]),
    ("StudyDate", "20260105-", ["20991231"], ["20260104"]),
    ("StudyTime", "10", ["100000", "105959.999", "1030", "10"], ["095959", "110000", ""]),
    ("StudyTime", "0800-1015", ["080000", "101559", "10"], ["0759", "1016"]),
    ("StudyTime", "101500.25", ["101500.25", "101500.250000"], ["101500.24", "101500"]),
    ("StudyTime", "-12", ["000000", "125959"], ["13"]),
    ("Rows", "512", ["512"], ["513", ""]),
    ("SliceThickness", "3", ["3.0", "3", "3.00E0"], ["3.1", "thick"]),
    ("InstanceNumber", "7", ["7", "07"], ["8"]),
]


@pytest.mark.parametrize(("keyword", "asked", "good", "bad"), CASES)
def test_a_value_fits_or_not(keyword, asked, good, bad):
    assert [value for value in good if not passes(keyword, asked, value)] == []
    assert [value for value in bad if passes(keyword, asked, value)] == []


@pytest.mark.parametrize("asked", ["", " ", "*", "**"])
def test_everything_fits_where_nothing_is_asked(asked):
    assert matcher(BY_NAME["StudyDescription"], asked) is None


def test_one_of_several_values_is_enough():
    assert passes("ImageType", "AXIAL", "ORIGINAL", "PRIMARY", "AXIAL")
    assert not passes("ImageType", "AXIAL")


@pytest.mark.parametrize(
    ("keyword", "asked"),
    [
        ("StudyInstanceUID", "1.2*"),
        ("StudyInstanceUID", "abc"),
        ("StudyDate", "January"),
        ("StudyDate", "2026"),
        ("StudyDate", "-"),
        ("StudyDate", "20260101-20260201-20260301"),
        ("StudyTime", "noon"),
        ("Rows", "many"),
        ("StudyDescription", "x" * (LONGEST + 1)),
    ],
)
def test_what_cannot_be_read_is_told_with_the_attribute(keyword, asked):
    with pytest.raises(BadSearch) as told:
        matcher(BY_NAME[keyword], asked)
    assert told.value.at == keyword


@given(st.text("ab*?", max_size=8), st.text("ab", max_size=8))
def test_patterns_are_those_of_the_standard_library(pattern, text):
    assert fits(pattern, text) == bool(re.match(fnmatch.translate(pattern), text))


def test_a_hostile_pattern_takes_no_longer_than_another():
    assert not fits("*a" * 500 + "b", "a" * 1000)

"""The measures tell what is lost: each is tried with an object that has lost it."""

import math

import pytest
from pydicom.dataset import Dataset
from tests.use.measures import (
    Attribute,
    attributes,
    dates,
    days_between,
    kept,
    references,
    suv_factor,
    values_at,
    words,
)

SAME, MOVED, REPLACED = (
    Attribute(path, way, "")
    for path, way in (("KVP", "same"), ("StudyDate", "moved"), ("FrameOfReferenceUID", "replaced"))
)


def an_object(**values):
    one = Dataset()
    for keyword, value in values.items():
        setattr(one, keyword, value)
    return one


def pet(**more):
    dose = an_object(
        RadiopharmaceuticalStartTime="100000", RadionuclideTotalDose="370000000", RadionuclideHalfLife="6586.2"
    )
    times = {
        "SeriesTime": "110000",
        "AcquisitionTime": "110500",
        "SeriesDate": "20200101",
        "AcquisitionDate": "20200101",
    }
    return an_object(RadiopharmaceuticalInformationSequence=[dose], **{"PatientWeight": "70"} | times | more)


def test_every_research_attribute_has_a_way_and_a_reason():
    table = attributes()
    assert len({a.path for a in table}) == len(table) > 53
    assert {a.way for a in table} == {"same", "moved", "replaced"}
    assert all(a.why for a in table)


@pytest.mark.parametrize(
    ("attribute", "before", "after", "told"),
    [
        (SAME, {"KVP": "120"}, {"KVP": "120"}, True),
        (SAME, {"KVP": "120"}, {"KVP": "12"}, False),
        (SAME, {"KVP": "120"}, {"KVP": ""}, False),
        (SAME, {"KVP": "120"}, {}, False),
        (SAME, {"KVP": ""}, {}, None),
        (SAME, {}, {}, None),
        (MOVED, {"StudyDate": "20200110"}, {"StudyDate": "20200101"}, True),
        (MOVED, {"StudyDate": "20200110"}, {"StudyDate": "20200102"}, False),
        (MOVED, {"StudyDate": "20200110"}, {"StudyDate": ""}, False),
        (REPLACED, {"FrameOfReferenceUID": "1.2"}, {"FrameOfReferenceUID": "1.3"}, True),
        (REPLACED, {"FrameOfReferenceUID": "1.2"}, {}, False),
    ],
)
def test_what_is_kept_lost_or_was_never_there(attribute, before, after, told):
    assert kept(attribute, an_object(**before), an_object(**after), 9) is told


def test_values_of_every_item_are_found():
    one = an_object(SegmentSequence=[an_object(SegmentNumber=1), an_object(SegmentNumber=2)], PixelSpacing=["1", "2"])
    assert values_at(one, "SegmentSequence.SegmentNumber") == ["1", "2"]
    assert values_at(one, "PixelSpacing") == ["1\\2"]
    assert values_at(one, "SegmentSequence.SegmentLabel") == values_at(one, "ROIContourSequence.ROINumber") == []


def test_an_hour_more_of_decay_is_another_uptake():
    factor = suv_factor(pet())
    assert factor == pytest.approx(70_000 / (370e6 * math.exp(-math.log(2) * 3600 / 6586.2)))
    assert suv_factor(pet(SeriesTime="120000", AcquisitionTime="120500")) / factor == pytest.approx(
        2 ** (3600 / 6586.2)
    )
    assert suv_factor(pet(SeriesTime="130000")) == pytest.approx(factor * 2 ** (300 / 6586.2))
    assert suv_factor(pet(PatientWeight="")) is suv_factor(Dataset()) is None


def test_days_lie_between_dates_and_times_must_be_the_same():
    assert days_between("20200301", "20200228") == 2
    assert days_between("20200301101500", "20200229101500") == 1
    assert days_between("20200301101500", "20200229111500") is days_between("20200301", "") is None


def test_references_are_to_others_and_dates_and_words_are_found():
    item = an_object(
        ReferencedSOPClassUID="1.2.840.10008.5.1.4.1.1.2", ReferencedSOPInstanceUID="1.9", StudyDate="20200101"
    )
    one = an_object(SOPInstanceUID="1.1", ReferencedImageSequence=[item, item], SeriesDate="20200102")
    one.SeriesDescription = "Axial T1, axial"
    assert references(one) == ["1.9", "1.9"]
    assert sorted(dates(one)) == ["20200101", "20200101", "20200102"]
    assert words(one) == {"axial": 2, "t1": 1}

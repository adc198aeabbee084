"""What an object says in one place and denies in another."""

import pytest
from tests.imaging.checks.made import PET, image, series

from oncommons.imaging.checks.contradictions import (
    MODALITIES,
    age,
    bits,
    colours,
    dates,
    kind_and_modality,
    orientation,
    person,
    sizes,
    slice_distance,
    suv,
)
from oncommons.imaging.checks.stacks import stacks
from oncommons.imaging.tags import Tag

PT = {
    "sop_class": PET,
    "modality": "PT",
    "units": "BQML",
    "decay_correction": "START",
    "corrected": "DECY\\ATTN\\SCAT",
    "weight": "80",
    "dose": "359884960",
    "half_life": "6588",
    "dose_time": "102100",
    "series_time": "112148",
}


@pytest.mark.parametrize(
    ("rule", "more"),
    [
        (kind_and_modality, {"modality": "MR"}),
        (orientation, {"orientation": "1\\0\\0\\1\\0\\0"}),
        (orientation, {"orientation": "2\\0\\0\\0\\1\\0"}),
        (orientation, {"orientation": "1\\0\\0"}),
        (sizes, {"pixel_spacing": "0.5\\0"}),
        (sizes, {"slice_thickness": "-1"}),
        (sizes, {"slice_thickness": "thin"}),
        (bits, {"bits_stored": "17"}),
        (bits, {"high_bit": "10"}),
        (bits, {"high_bit": "16"}),
        (colours, {"photometric": "RGB"}),
        (colours, {"samples": "3"}),
        (dates, {"study_date": "20050415", "series_date": "20050330"}),
        (age, {"study_date": "20050415", "birth_date": "19650415", "age": "052Y"}),
    ],
)
def test_a_contradiction_is_found(rule, more):
    assert rule(image()) is None
    assert rule(image(**more)) is not None


@pytest.mark.parametrize(
    "more",
    [
        {"high_bit": "15"},
        {"modality": None},
        {"sop_class": "1.2.3", "modality": "MR"},
        {"slice_thickness": ""},
        {"orientation": "0.99999\\0.00001\\0\\0\\1\\0"},
        {"study_date": "20050415", "series_date": "20050414"},
        {"study_date": "20050415", "birth_date": "19650416", "age": "039Y"},
        {"study_date": "20050415", "birth_date": "19050416", "age": "090Y"},
        {"study_date": "20050415", "birth_date": "20050101", "age": "015W"},
        {"birth_date": "19650416", "age": "039Y"},
        {"photometric": "OTHER"},
    ],
)
def test_what_is_odd_but_right_is_no_contradiction(more):
    rules = (kind_and_modality, orientation, sizes, bits, colours, suv, dates, age)
    assert [rule(image(**more)) for rule in rules] == [None] * len(rules)


def test_every_kind_has_a_modality():
    assert all(uid.startswith("1.2.840.10008.5.1.4.1.1.") and allowed for uid, allowed in MODALITIES.items())


def test_uptake_can_be_computed_where_everything_is_there():
    assert suv(image(**PT)) is None
    assert suv(image(**PT | {"dose_time": None, "dose_datetime": "20050415102100"})) is None


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"weight": None}, "weight"),
        ({"weight": "0"}, "weight above zero"),
        ({"dose": ""}, "dose"),
        ({"half_life": None}, "half-life"),
        ({"dose_time": None}, "time of injection"),
        ({"series_time": None, "acquisition_time": None}, "time of the scan"),
        ({"corrected": "DECY"}, "attenuation"),
        ({"decay_correction": "NONE"}, "decay correction to a known time"),
    ],
)
def test_what_uptake_lacks_is_named(more, word):
    assert word in suv(image(**PT | more)).words


def test_uptake_that_is_in_the_file_needs_nothing():
    assert suv(image(**PT | {"units": "GML", "dose": None, "weight": None})) is None


def test_the_distance_of_slices_is_compared_with_the_header():
    def told(value):
        return slice_distance(stacks(series(spacing_between_slices=value))[0])

    assert told("3") is told("-3.05") is told(None) is None
    assert told("5").numbers == {"found_mm": 3.0, "told_mm": 5.0}
    gap = slice_distance(stacks(series(apart=5.0, spacing_between_slices="2"))[0])
    assert "gap between them" in gap.words


def test_series_of_a_person_agree_on_who_it_is():
    both = [{Tag.SEX: "F", Tag.AGE: "040Y", Tag.STUDY: "1"}, {Tag.SEX: "F", Tag.AGE: "041Y", Tag.STUDY: "1"}]
    assert person(both) is None
    assert person([*both, {Tag.SEX: "F", Tag.AGE: "052Y", Tag.STUDY: "2"}]) is None
    assert "12 years" in person([*both, {Tag.SEX: "M", Tag.AGE: "052Y", Tag.STUDY: "1"}]).words
    assert person([*both, {Tag.SEX: "M"}]).numbers == {"sexes": 2}

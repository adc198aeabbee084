"""A check tells of series from which a face could be rebuilt."""

import pytest

from oncommons.imaging.checks.faces import recognizable_face
from oncommons.imaging.tags import Tag

HEAD = {Tag.MODALITY: "MR", Tag.BODY_PART: "HEAD", Tag.SLICE_THICKNESS: "1.5"}


def told(count=60, **more):
    return [found.words for found in recognizable_face([{**HEAD, **{Tag[k]: v for k, v in more.items()}}] * count)]


def test_thin_slices_of_a_head_are_told_with_their_number_and_distance():
    assert told() == ["60 slices of 1.5 mm with a head."]
    assert told(SLICE_THICKNESS="") == ["60 slices with a head."]


def test_the_distance_of_slices_counts_more_than_their_thickness():
    assert told(SPACING_BETWEEN_SLICES="6.0") == []
    assert told(SLICE_THICKNESS="6.0", SPACING_BETWEEN_SLICES="1.0") == ["60 slices of 1 mm with a head."]


def test_frames_of_one_object_count_as_slices():
    assert told(1) == []
    assert told(1, FRAMES="60") == ["60 slices of 1.5 mm with a head."]


@pytest.mark.parametrize("more", [{"BODY_PART": "CHEST"}, {"FEATURES": "NO"}, {"MODALITY": "CR"}])
def test_other_series_are_not_told(more):
    assert told(**more) == []


def test_a_head_is_known_by_the_descriptions_too():
    assert told(BODY_PART="", STUDY_DESCRIPTION="BRAIN")
    assert told(BODY_PART="", SERIES_DESCRIPTION="T1 HEAD")
    assert told(BODY_PART="", PROTOCOL="NECK")


def test_no_images_are_no_face():
    assert list(recognizable_face([])) == []

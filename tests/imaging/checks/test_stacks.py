"""Images sorted into stacks and volumes by where they lie."""

import random

import pytest
from tests.imaging.checks.made import image, series

from oncommons.imaging.checks.stacks import is_localizer, is_single, offsets, spacing, stacks
from oncommons.imaging.tags import Tag


def test_a_plain_series_is_one_stack_and_one_volume():
    images = series(20)
    random.Random(3).shuffle(images)
    (stack,) = stacks(images)
    assert stack.normal == (0.0, 0.0, 1.0)
    assert [one.number for one in stack.slices] == list(range(1, 21))
    assert [len(volume) for volume in stack.volumes] == [20]
    assert spacing(offsets(stack.slices)) == pytest.approx(3.0)


def test_the_normal_is_that_of_the_plane():
    """Sagittal slices are stacked from right to left: rows run backwards, columns down (PS3.3 C.7.6.2.1.1)."""
    images = [image(i, orientation="0\\1\\0\\0\\0\\-1", position=f"{4 * i}\\0\\0") for i in range(5)]
    (stack,) = stacks(images)
    assert stack.normal == (-1.0, 0.0, 0.0)
    assert spacing(offsets(stack.slices)) == pytest.approx(4.0)


def test_orientations_that_differ_by_rounding_are_one():
    images = [image(i, 3.0 * i, orientation=f"1\\0.000{i}\\0\\0\\1\\0") for i in range(5)]
    assert len(stacks(images)) == 1


@pytest.mark.parametrize("tag", ["temporal_position", "echo_time", "b_value", "acquisition_number", "trigger_time"])
def test_volumes_are_told_apart_by_what_differs_between_them(tag):
    images = [one for i in range(4) for one in series(10, **{tag: str(i)})]
    (stack,) = stacks(images)
    assert sorted(len(volume) for volume in stack.volumes) == [10] * 4
    assert set(stack.crowds.values()) == {4}


def test_what_differs_from_slice_to_slice_makes_no_volumes():
    images = [image(i, 3.0 * i, acquisition_time=f"1015{i:02}") for i in range(20)]
    images.append(image(21, 9.0, acquisition_time="101503"))
    (stack,) = stacks(images)
    assert [len(volume) for volume in stack.volumes] == [21]


def test_two_attributes_together_tell_volumes_apart():
    images = [one for t in "12" for e in "12" for one in series(6, temporal_position=t, echo_numbers=e)]
    (stack,) = stacks(images)
    assert [len(volume) for volume in stack.volumes] == [6] * 4


def test_objects_that_are_no_single_slices_are_left_out():
    images = [image(1, frames="20"), image(2, position=None), image(3, orientation="1\\0"), image(4, frames="1")]
    images.append(image(5, sop_class="1.2.840.10008.5.1.4.1.1.7"))
    assert [is_single(one) for one in images] == [False, False, False, True, False]
    assert len(stacks(images)[0].slices) == 1


def test_localizers_say_so():
    assert is_localizer(image(image_type="ORIGINAL\\PRIMARY\\LOCALIZER"))
    assert not is_localizer(image())


def test_an_orientation_without_a_direction_does_no_harm():
    assert stacks([image(orientation="0\\0\\0\\0\\0\\0")])[0].normal == (0.0, 0.0, 0.0)
    assert stacks([]) == []
    assert Tag.POSITION in image()

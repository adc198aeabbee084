"""Where frames lie in the patient, by the equation of PS3.3 C.7.6.2.1.1 written down once more."""

import numpy as np
import pydicom
import pytest
from tests.imaging.files import sample

from oncommons.imaging.elements import read_elements
from oncommons.imaging.planes import along_normal, make_plane, plane_of
from oncommons.imaging.syntax import open_file

TILTED = ((10.0, -20.0, 30.0), (0.8, 0.6, 0.0, 0.0, 0.0, -1.0), (2.0, 0.5))


def by_the_standard(position, orientation, spacing, column, row):
    """Equation C.7.6.2.1-1: the matrix times (column, row, 0, 1)."""
    x, y = np.asarray(orientation[:3]), np.asarray(orientation[3:])
    matrix = np.column_stack((x * spacing[1], y * spacing[0], np.zeros(3), position))
    return matrix @ (column, row, 0, 1)


def test_pixels_of_a_tilted_plane_are_where_the_standard_says():
    plane = make_plane(*TILTED, (4, 6))
    centres = plane.centres()
    for row, column in ((0, 0), (3, 5), (2, 1)):
        assert centres[row, column] == pytest.approx(by_the_standard(*TILTED, column, row))


def test_points_come_back_to_their_pixels():
    plane = make_plane(*TILTED, (4, 6))
    off = plane.centres().reshape(-1, 3) + 1.5 * plane.normal
    places, apart = plane.to_pixels(off)
    assert apart == pytest.approx(np.full(24, 1.5))
    assert places.reshape(4, 6, 2)[2, 5] == pytest.approx((5, 2))


def test_axes_that_are_not_of_length_one_are_made_so():
    plane = make_plane((0, 0, 0), (2, 0, 0, 0, 3, 0), (1, 1), (1, 1))
    assert plane.normal.tolist() == [0, 0, 1]


@pytest.mark.parametrize(
    ("position", "orientation", "spacing"),
    [
        ((), TILTED[1], TILTED[2]),
        (TILTED[0], (1, 0, 0), TILTED[2]),
        (TILTED[0], TILTED[1], (1,)),
        (TILTED[0], TILTED[1], (0, 1)),
        (TILTED[0], (0,) * 6, TILTED[2]),
    ],
)
def test_values_that_make_no_plane_are_no_plane(position, orientation, spacing):
    assert make_plane(position, orientation, spacing, (1, 1)) is None


def test_an_image_lies_where_its_header_says():
    plane = plane_of(read_elements(open_file(sample("CT_small.dcm"))))
    theirs = pydicom.dcmread(pydicom.data.get_testdata_file("CT_small.dcm"))
    assert plane.origin.tolist() == list(theirs.ImagePositionPatient)
    assert (plane.spacing, plane.shape) == (tuple(theirs.PixelSpacing), (theirs.Rows, theirs.Columns))


def test_each_frame_of_a_multi_frame_image_has_its_place():
    dataset = read_elements(open_file(sample("liver.dcm")))
    theirs = pydicom.dcmread(pydicom.data.get_testdata_file("liver.dcm"))
    for number, group in enumerate(theirs.PerFrameFunctionalGroupsSequence, 1):
        assert plane_of(dataset, number).origin.tolist() == list(group.PlanePositionSequence[0].ImagePositionPatient)


def test_an_object_without_a_place_has_none():
    assert plane_of(read_elements(open_file(sample("rtplan.dcm")))) is None


def test_slices_are_ordered_along_their_normal():
    sagittal = (0, 1, 0, 0, 0, -1)
    assert [along_normal((x, 9, 9), sagittal) for x in (3, -2)] == [-3, 2]
    assert along_normal((), sagittal) == 0

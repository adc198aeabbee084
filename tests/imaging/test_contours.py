"""Contours and masks on their images; where they belong is worked out once more with pydicom and the standard's matrix."""

import numpy as np
import pydicom
import pytest
from tests.data import data
from tests.imaging.files import file, image, sample

from oncommons.imaging.contours import COLOURS, Area, Outline, drawn_series, heights, marks_on
from oncommons.imaging.elements import read_elements
from oncommons.imaging.planes import make_plane, plane_of
from oncommons.imaging.syntax import open_file
from oncommons.imaging.thumbnail import thumbnail

SERIES = ("STS_002/PET", "STS_012/CT", "STS_047/CT", "STS_047/MR_T1")
SQUARE = "0\\0\\5\\4\\0\\5\\4\\4\\5\\0\\4\\5"
PLANE = make_plane((0, 0, 5), (1, 0, 0, 0, 1, 0), (2, 2), (4, 4))


def elements(raw):
    return read_elements(open_file(raw))


def structure(*contours, colour="255\\0\\9"):
    """A structure set with one region of these contours: kind and points."""
    items = [[(0x30060042, "CS", kind), (0x30060050, "DS", points)] for kind, points in contours]
    region = [(0x3006002A, "IS", colour), (0x30060040, "SQ", items)]
    kind = (0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.481.3")
    return elements(file(image(kind, (0x30060039, "SQ", [region]), without={0x7FE00010})))


def matrix_of(theirs):
    """From column and row to the patient (PS3.3 equation C.7.6.2.1-1)."""
    across, down = (np.asarray(theirs.ImageOrientationPatient[at : at + 3], float) for at in (0, 3))
    return np.column_stack(
        (across * theirs.PixelSpacing[1], down * theirs.PixelSpacing[0], np.asarray(theirs.ImagePositionPatient, float))
    )


@pytest.mark.parametrize("name", SERIES)
def test_contours_of_real_images_lie_where_pydicom_and_the_standard_put_them(name):
    folder = data("sts") / name
    theirs = pydicom.dcmread(folder / "mask" / "RS.dcm")
    ours = elements((folder / "mask" / "RS.dcm").read_bytes())
    drawn = [
        np.asarray(contour.ContourData, float).reshape(-1, 3)
        for region in theirs.ROIContourSequence
        for contour in region.ContourSequence
    ]
    for path in sorted((folder / "image").iterdir())[::6]:
        slice_, header = elements(path.read_bytes()), pydicom.dcmread(path, stop_before_pixels=True)
        marks = marks_on(ours, plane_of(slice_), 1.0)
        expected = [points for points in drawn if abs(points[0, 2] - header.ImagePositionPatient[2]) < 1]
        assert len(marks) == len(expected)
        shown = thumbnail(
            np.zeros((header.Rows, header.Columns), np.uint8), marks, 4 * max(header.Rows, header.Columns)
        )
        for mark, points in zip(marks, expected, strict=True):
            apart = (points - header.ImagePositionPatient).T
            places = np.linalg.lstsq(matrix_of(header)[:, :2], apart, rcond=None)[0].T
            assert mark.points == pytest.approx(places, abs=0.01)
            columns, rows = np.rint((places + 0.5) * 4 - 0.5).astype(int).T
            assert (shown[rows, columns].max(axis=-1) > 60).all()
    assert drawn_series(ours) == {header.SeriesInstanceUID}


def test_a_contour_belongs_to_the_planes_within_reach():
    found = structure(("CLOSED_PLANAR", SQUARE))
    (mark,) = marks_on(found, PLANE, 0.1)
    assert (mark.points.tolist(), mark.colour) == ([[0, 0], [2, 0], [2, 2], [0, 2]], (255, 0, 9))
    away = make_plane((0, 0, 6), (1, 0, 0, 0, 1, 0), (2, 2), (4, 4))
    assert (marks_on(found, away, 0.9), len(marks_on(found, away, 1.1))) == ([], 1)
    assert heights(found, away) == [-1]


@pytest.mark.parametrize(
    "contour",
    [("POINT", "1\\2\\5"), ("OPEN_PLANAR", SQUARE), ("CLOSED_PLANAR", "1\\2\\5\\3"), ("CLOSED_PLANAR", "x\\y\\z")],
)
def test_what_encloses_nothing_is_no_outline(contour):
    assert marks_on(structure(contour), PLANE, 1.0) == []


def test_a_contour_that_crosses_the_plane_is_not_on_it():
    assert marks_on(structure(("CLOSED_PLANAR", "0\\0\\0\\4\\0\\5\\4\\4\\9")), PLANE, 1.0) == []


def test_a_region_without_a_colour_gets_one():
    (mark,) = marks_on(structure(("CLOSED_PLANAR", SQUARE), colour=""), PLANE, 1.0)
    assert (mark.colour, isinstance(mark, Outline)) == (COLOURS[0], True)


def test_masks_of_a_segmentation_are_those_of_pydicom():
    ours, theirs = elements(sample("liver.dcm")), pydicom.dcmread(pydicom.data.get_testdata_file("liver.dcm"))
    for number, mask in enumerate(theirs.pixel_array, 1):
        (area,) = marks_on(ours, plane_of(ours, number), 0.1)
        assert isinstance(area, Area)
        assert np.array_equal(area.mask, mask != 0)
    assert sorted(heights(ours, plane_of(ours))) == pytest.approx(
        sorted(
            float(g.PlanePositionSequence[0].ImagePositionPatient[2]) - plane_of(ours).origin[2]
            for g in theirs.PerFrameFunctionalGroupsSequence
        )
    )
    assert drawn_series(ours) == {theirs.ReferencedSeriesSequence[0].SeriesInstanceUID}


def test_a_mask_is_moved_to_the_pixels_of_the_image():
    ours = elements(sample("liver.dcm"))
    plane = plane_of(ours)
    coarse = make_plane(
        plane.origin + 1.5 * plane.spacing[0] * (plane.along_row + plane.along_column),
        (*plane.along_row, *plane.along_column),
        tuple(4 * gap for gap in plane.spacing),
        (128, 128),
    )
    (fine,), (moved,) = marks_on(ours, plane, 0.1), marks_on(ours, coarse, 0.1)
    assert moved.mask.sum() == pytest.approx(fine.mask.sum() / 16, rel=0.05)
    assert np.array_equal(moved.mask, fine.mask[2::4, 2::4])


def test_other_objects_have_drawn_nothing():
    assert marks_on(elements(sample("rtplan.dcm")), PLANE, 1.0) == []
    assert drawn_series(elements(sample("CT_small.dcm"))) == frozenset()

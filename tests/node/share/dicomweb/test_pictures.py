"""Rendered frames and thumbnails, read by Pillow."""

import io

import numpy as np
import pydicom
import pytest
from PIL import Image
from tests.data import data
from tests.imaging.files import sample
from tests.node.images import dicom
from tests.node.share.dicomweb.kept_files import KeptFiles
from tests.node.share.dicomweb.messages import parts_of

from oncommons.imaging.picture import Window
from oncommons.node.share.dicomweb.objects import Object
from oncommons.node.share.dicomweb.pictures import (
    Wishes,
    give_rendered,
    give_rendered_all,
    give_thumbnail,
    read_wishes,
    shown_series,
)
from oncommons.schema.errors import BadRequest, NotFound
from oncommons.schema.errors_of_protocols import NoPicture, NotAcceptable

PNG = "image/png"
PLAIN = Wishes()


@pytest.fixture
def kept(tmp_path):
    def some(*raws):
        return KeptFiles(tmp_path, raws)

    return some


def one(kept):
    return Object(next(kept.instances()))


def picture(reply):
    with Image.open(io.BytesIO(b"".join(reply.pieces))) as found:
        assert found.get_format_mimetype() == reply.media
        return np.asarray(found)


@pytest.mark.parametrize("media", ["image/jpeg", "image/png", "image/gif"])
@pytest.mark.parametrize("name", ["CT_small.dcm", "SC_rgb.dcm", "JPEG2000.dcm"])
def test_a_frame_is_rendered_in_every_kind_of_picture(kept, name, media):
    theirs = pydicom.dcmread(pydicom.data.get_testdata_file(name))
    assert picture(give_rendered(one(kept(sample(name))), 1, media, PLAIN)).shape[:2] == (theirs.Rows, theirs.Columns)


def test_jpeg_is_what_is_given_where_nothing_is_asked_for(kept):
    assert give_rendered(one(kept(sample("CT_small.dcm"))), 0, "*/*", PLAIN).media == "image/jpeg"


def test_a_picture_shows_its_own_frame(kept):
    found = one(kept(sample("emri_small.dcm")))
    first, last = (picture(give_rendered(found, n, PNG, PLAIN)) for n in (1, 10))
    assert not np.array_equal(first, last)
    assert np.array_equal(picture(give_rendered(found, 0, PNG, PLAIN)), picture(give_rendered(found, 5, PNG, PLAIN)))


def test_a_viewport_is_filled_as_far_as_it_goes(kept):
    found = one(kept(sample("CT_small.dcm")))
    assert picture(give_rendered(found, 0, PNG, read_wishes({"viewport": "64,32"}))).shape == (32, 32)


def test_a_region_is_cut_out(kept):
    found = one(kept(sample("CT_small.dcm")))
    whole = picture(give_rendered(found, 0, PNG, PLAIN))
    part = picture(give_rendered(found, 0, PNG, read_wishes({"viewport": "20,10,40,50,20,10"})))
    assert np.array_equal(part, whole[50:60, 40:60])
    with pytest.raises(BadRequest):
        give_rendered(found, 0, PNG, read_wishes({"viewport": "20,10,400,50,20,10"}))


def test_what_is_asked_of_a_picture_is_read():
    query = {"window": "40,400,linear-exact", "viewport": "512,256", "quality": "75", "annotation": "patient"}
    assert read_wishes(query) == Wishes(Window(40, 400, "LINEAR_EXACT"), (256, 512), None, 75)
    assert (read_wishes({"window": "40,400"}).window.function, read_wishes({})) == ("LINEAR", PLAIN)


@pytest.mark.parametrize(
    "query",
    [
        {"window": "40"},
        {"window": "a,b"},
        {"window": "nan,1"},
        {"viewport": "1"},
        {"viewport": "0,5"},
        {"viewport": "9999,1"},
        {"viewport": "5,5,1"},
        {"viewport": "5,5,1,1,inf,1"},
        {"quality": "best"},
    ],
)
def test_what_cannot_be_read_is_told_with_its_name(query):
    with pytest.raises(BadRequest) as told:
        read_wishes(query)
    assert told.value.at in query


def test_an_object_without_pixels_has_no_picture(kept):
    with pytest.raises(NoPicture):
        give_rendered(one(kept(sample("rtplan.dcm"))), 0, PNG, PLAIN)
    plans = kept(sample("rtplan.dcm"))
    with pytest.raises(NoPicture):
        give_thumbnail(plans, list(plans.instances()), 0, PNG, PLAIN)


def test_a_frame_that_is_not_there_is_told(kept):
    with pytest.raises(NotFound):
        give_rendered(one(kept(sample("CT_small.dcm"))), 2, PNG, PLAIN)


def test_a_kind_of_picture_that_cannot_be_given_is_told(kept):
    with pytest.raises(NotAcceptable, match="image/png"):
        give_rendered(one(kept(sample("CT_small.dcm"))), 0, "image/webp", PLAIN)


def test_a_thumbnail_shows_the_middle_slice(kept):
    """Five slices whose pixels tell their place; the numbers run against it."""
    flat = {
        "ImageOrientationPatient": [1, 0, 0, 0, 1, 0],
        "WindowCenter": 127.5,
        "WindowWidth": 256,
        "RescaleIntercept": 0,
    }
    raws = [dicom(9 - n, pixel=40 * n, ImagePositionPatient=[0, 0, n], **flat) for n in range(5)]
    found = kept(*raws)
    shown = picture(give_thumbnail(found, list(found.instances()), 0, "*/*", PLAIN))
    assert (shown.shape, set(shown.ravel())) == ((256, 256), {80})


def test_the_size_of_a_thumbnail_can_be_asked_for(kept):
    found = kept(sample("CT_small.dcm"))
    wishes = read_wishes({"viewport": "100,100"})
    assert picture(give_thumbnail(found, list(found.instances()), 0, PNG, wishes)).shape == (100, 100)


def test_a_segmentation_is_drawn_over_its_series(kept):
    segments = pydicom.dcmread(pydicom.data.get_testdata_file("liver.dcm"))
    group = segments.PerFrameFunctionalGroupsSequence[1]
    position = [float(v) for v in group.PlanePositionSequence[0].ImagePositionPatient]
    shared = segments.SharedFunctionalGroupsSequence[0]
    mask = segments.pixel_array[1] != 0
    image = pydicom.dcmread(
        io.BytesIO(
            dicom(
                patient=str(segments.PatientID),
                ImagePositionPatient=position,
                ImageOrientationPatient=list(shared.PlaneOrientationSequence[0].ImageOrientationPatient),
            )
        )
    )
    image.PixelSpacing = shared.PixelMeasuresSequence[0].PixelSpacing
    image.Rows, image.Columns, image.PixelData = 512, 512, bytes(2 * 512 * 512)
    image.SeriesInstanceUID = segments.ReferencedSeriesSequence[0].SeriesInstanceUID
    file = io.BytesIO()
    image.save_as(file)
    found = kept(file.getvalue(), sample("liver.dcm"))
    rows = list(found.instances(series=str(image.SeriesInstanceUID)))
    shown = picture(give_thumbnail(found, rows, 0, PNG, read_wishes({"viewport": "512,512"})))
    lined = (shown != 0).any(axis=-1)
    assert lined.any()
    assert not (lined & ~mask).any()
    assert lined.sum() < mask.sum() / 5


def test_contours_are_drawn_over_a_real_series(kept):
    folder = data("sts") / "STS_012" / "PET"
    images = [path.read_bytes() for path in sorted((folder / "image").iterdir())]
    drawing = (folder / "mask" / "RS.dcm").read_bytes()
    bare, drawn = kept(*images), kept(*images, drawing)
    series = next(bare.instances()).series
    grey = picture(give_thumbnail(bare, list(bare.instances(series=series)), 0, PNG, PLAIN))
    red = picture(give_thumbnail(drawn, list(drawn.instances(series=series)), 0, PNG, PLAIN))
    lined = red[..., 0].astype(int) - red[..., 1] > 100
    assert (grey.ndim, red.shape[:2]) == (2, grey.shape)
    assert 200 < lined.sum() < 2000
    assert np.array_equal(red[..., 0][red[..., 0] == red[..., 1]], grey[red[..., 0] == red[..., 1]])


def test_the_slice_that_something_was_drawn_on_goes_before_the_middle_one(kept):
    folder = data("sts") / "STS_012" / "PET"
    images = [path.read_bytes() for path in (folder / "image").iterdir()]
    drawing = (folder / "mask" / "RS.dcm").read_bytes()
    structure = pydicom.dcmread(folder / "mask" / "RS.dcm")
    lowest = min(c.ContourData[2] for c in structure.ROIContourSequence[0].ContourSequence)
    below = [raw for raw in images if pydicom.dcmread(io.BytesIO(raw)).ImagePositionPatient[2] < lowest + 1]
    found = kept(*below, drawing)
    series = next(row for row in found.instances() if row.attributes["00080060"] == "PT").series
    shown = picture(give_thumbnail(found, list(found.instances(series=series)), 0, PNG, PLAIN))
    assert shown.ndim == 3


def test_the_first_series_with_pixels_stands_for_a_study(kept):
    found = kept(sample("rtplan.dcm"), dicom())
    assert shown_series(found.series()).attributes["00080060"] == "CT"
    with pytest.raises(NoPicture):
        shown_series(kept(sample("rtplan.dcm")).series())


MANY = 'multipart/related; type="image/png"'


def test_a_series_is_rendered_slice_by_slice(kept):
    found = kept(*(dicom(n, pixel=n, ImagePositionPatient=[0, 0, float(-n)]) for n in (1, 2, 3)), sample("rtplan.dcm"))
    parts = parts_of(give_rendered_all(list(found.instances()), MANY, "http://node/dicom-web", PLAIN))
    slices = [row for row in found.instances() if row.attributes.get("00280010")]
    assert len(slices) == 3
    for row, (headers, content) in zip(sorted(slices, key=lambda row: row.sop)[::-1], parts, strict=True):
        assert headers["content-type"] == PNG
        assert headers["content-location"].endswith(f"/instances/{row.sop}/rendered")
        assert content == b"".join(give_rendered(Object(row), 0, PNG, PLAIN).pieces)


def test_a_series_cannot_be_rendered_into_one_picture(kept):
    with pytest.raises(NotAcceptable):
        give_rendered_all(list(kept(dicom(1), dicom(2)).instances()), PNG, "", PLAIN)


def test_a_series_without_pixels_cannot_be_rendered(kept):
    with pytest.raises(NoPicture):
        give_rendered_all(list(kept(sample("rtplan.dcm")).instances()), MANY, "", PLAIN)

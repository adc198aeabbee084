"""WADO-RS over files; pydicom says what must be in the answers."""

import io
import json

import numpy as np
import pydicom
import pytest
from pydicom.pixels import pixel_array
from tests.imaging.files import sample
from tests.node.share.dicomweb.kept_files import KeptFiles
from tests.node.share.dicomweb.messages import parts_of

from oncommons.node.share.dicomweb.media import EXPLICIT
from oncommons.node.share.dicomweb.objects import Object
from oncommons.node.share.dicomweb.retrieve import give_frames, give_metadata, give_objects, give_value
from oncommons.schema.errors import NotFound
from oncommons.schema.errors_of_protocols import NoPicture, NotAcceptable

BASE = "http://node/dicom-web"
ALL = 'multipart/related; type="application/dicom"; transfer-syntax=*'
OCTETS = "multipart/related; type=application/octet-stream"
J2K_LOSSLESS = "emri_small_jpeg_2k_lossless.dcm"


@pytest.fixture
def objects(tmp_path):
    def some(*names):
        return [Object(row) for row in KeptFiles(tmp_path, map(sample, names)).instances()]

    return some


def theirs(name):
    return pydicom.dcmread(pydicom.data.get_testdata_file(name, download=False))


def test_objects_are_given_as_they_are_kept(objects):
    names = ("CT_small.dcm", "MR_small_implicit.dcm", "JPEG2000.dcm")
    found = parts_of(give_objects(objects(*names), ALL, single=False))
    assert sorted(raw for _, raw in found) == sorted(map(sample, names))
    assert {part["content-type"].split("=")[1] for part, _ in found} == {
        EXPLICIT,
        "1.2.840.10008.1.2",
        "1.2.840.10008.1.2.4.91",
    }


def test_objects_are_explicit_where_no_syntax_is_asked_for(objects):
    for part, raw in parts_of(give_objects(objects("MR_small_implicit.dcm", J2K_LOSSLESS), "*/*", single=False)):
        found = pydicom.dcmread(io.BytesIO(raw))
        assert part["content-type"] == f"application/dicom; transfer-syntax={EXPLICIT}"
        assert found.file_meta.TransferSyntaxUID == EXPLICIT


def test_a_single_object_need_not_be_wrapped(objects):
    reply = give_objects(objects("CT_small.dcm"), "application/dicom; transfer-syntax=*", single=True)
    content = b"".join(reply.pieces)
    assert (content, reply.length) == (sample("CT_small.dcm"), len(content))
    assert reply.media == f"application/dicom; transfer-syntax={EXPLICIT}"


def test_a_syntax_that_one_of_them_cannot_have_is_told_before_anything_is_sent(objects):
    wanted = f"{ALL[:-1]}1.2.840.10008.1.2.4.91"
    with pytest.raises(NotAcceptable):
        give_objects(objects("JPEG2000.dcm", "CT_small.dcm"), wanted, single=False)


def test_metadata_tell_each_object(objects):
    reply = give_metadata(objects("CT_small.dcm", "rtplan.dcm"), "application/json", BASE)
    found = json.loads(b"".join(reply.pieces))
    assert reply.media == "application/json"
    assert {one["00080060"]["Value"][0] for one in found} == {"CT", "RTPLAN"}
    assert b"".join(give_metadata([], "*/*", BASE).pieces) == b"[]"


@pytest.mark.parametrize(
    "accept", ["*/*", 'multipart/related; type="*/*"', OCTETS, f"{OCTETS}; transfer-syntax=*", "", "multipart/related"]
)
@pytest.mark.parametrize("name", ["CT_small.dcm", "MR_small_implicit.dcm", "MR_small_bigendian.dcm", "emri_small.dcm"])
def test_native_frames_are_the_pixels(objects, name, accept):
    expected = pixel_array(theirs(name), raw=True).astype("<u2")
    frames = expected if expected.ndim == 3 else expected[None]
    numbers = list(range(1, len(frames) + 1))
    found = parts_of(give_frames(objects(name)[0], numbers, accept, BASE))
    assert [raw for _, raw in found] == [frame.tobytes() for frame in frames]
    assert found[0][0]["content-location"].endswith("/frames/1")
    assert found[0][0]["content-type"] == f"application/octet-stream; transfer-syntax={EXPLICIT}"


def test_frames_come_in_the_order_in_which_they_are_asked_for(objects):
    (one,) = objects("emri_small.dcm")
    forth, back = ([raw for _, raw in parts_of(give_frames(one, numbers, "", BASE))] for numbers in ([2, 5], [5, 2]))
    assert forth == back[::-1]


def test_compressed_frames_are_decoded_where_no_syntax_is_asked_for(objects):
    (one,) = objects(J2K_LOSSLESS)
    expected = pixel_array(theirs(J2K_LOSSLESS), raw=True)
    found = parts_of(give_frames(one, [1, 3], 'multipart/related; type="*/*"', BASE))
    assert all(
        np.array_equal(np.frombuffer(raw, "<u2"), expected[n].ravel())
        for (_, raw), n in zip(found, (0, 2), strict=True)
    )


@pytest.mark.parametrize(
    "accept", [f"{OCTETS}; transfer-syntax=*", "multipart/related; type=image/jp2", 'multipart/related; type="image/*"']
)
def test_compressed_frames_are_given_as_they_are_where_that_is_taken(objects, accept):
    (one,) = objects(J2K_LOSSLESS)
    ((part, raw),) = parts_of(give_frames(one, [2], accept, BASE))
    expected = list(pydicom.encaps.generate_frames(theirs(J2K_LOSSLESS).PixelData, number_of_frames=10))[1]
    assert raw == expected
    assert part["content-type"] == "image/jp2; transfer-syntax=1.2.840.10008.1.2.4.90"


def test_a_single_frame_need_not_be_wrapped(objects):
    reply = give_frames(objects("CT_small.dcm")[0], [1], "application/octet-stream", BASE)
    assert b"".join(reply.pieces) == theirs("CT_small.dcm").PixelData


def test_frames_that_cannot_be_decoded_are_given_as_they_are_to_who_takes_them(objects):
    (one,) = objects("JPEG-lossy.dcm")
    ((part, _),) = parts_of(give_frames(one, [1], "*/*", BASE))
    assert part["content-type"] == "image/jpeg; transfer-syntax=1.2.840.10008.1.2.4.51"
    with pytest.raises(NotAcceptable):
        give_frames(one, [1], OCTETS, BASE)


def test_frames_in_a_syntax_that_cannot_be_given_are_told(objects):
    with pytest.raises(NotAcceptable):
        give_frames(objects("CT_small.dcm")[0], [1], f"{OCTETS}; transfer-syntax=1.2.840.10008.1.2.4.90", BASE)


@pytest.mark.parametrize("numbers", [[0], [2], [1, 2]])
def test_a_frame_that_is_not_there_is_told(objects, numbers):
    with pytest.raises(NotFound, match="has 1 frames"):
        give_frames(objects("CT_small.dcm")[0], numbers, "", BASE)


def test_an_object_without_pixels_has_no_frames(objects):
    with pytest.raises(NoPicture):
        give_frames(objects("rtplan.dcm")[0], [1], "", BASE)


def test_a_link_of_the_metadata_leads_to_the_value(objects):
    (one,) = objects("CT_small.dcm")
    ((_, raw),) = parts_of(give_value(one, "7FE00010", "*/*", BASE))
    assert raw == theirs("CT_small.dcm").PixelData
    assert b"".join(give_value(one, "7FE00010", "application/octet-stream", BASE).pieces) == raw


def test_the_value_of_compressed_pixels_is_their_frames(objects):
    (one,) = objects(J2K_LOSSLESS)
    assert len(parts_of(give_value(one, "7FE00010", f"{OCTETS}; transfer-syntax=*", BASE))) == 10


def test_all_pixels_of_big_endian_are_given_in_little(objects):
    ((_, raw),) = parts_of(give_value(objects("MR_small_bigendian.dcm")[0], "7FE00010", "", BASE))
    assert raw == theirs("MR_small.dcm").PixelData


@pytest.mark.parametrize("path", ["00990099", "00081140", "x", "7FE00010/1/00080018"])
def test_a_value_that_is_not_there_is_told(objects, path):
    with pytest.raises(NotFound):
        give_value(objects("CT_small.dcm")[0], path, "", BASE)


def test_a_large_object_is_sent_in_pieces_and_never_held_as_a_whole(tmp_path):
    large = pydicom.dcmread(pydicom.data.get_testdata_file("MR_small_implicit.dcm"))
    large.Rows = large.Columns = 2048
    large.PixelData = np.arange(2048 * 2048, dtype="<u2").tobytes()
    file = io.BytesIO()
    large.save_as(file)
    (row,) = KeptFiles(tmp_path, [file.getvalue()]).instances()
    for reply in (
        give_objects([Object(row)], ALL, single=False),
        give_objects([Object(row)], "*/*", single=False),
        give_value(Object(row), "7FE00010", "*/*", BASE),
        give_value(Object(row), "7FE00010", "application/octet-stream", BASE),
    ):
        sizes = [len(piece) for piece in reply.pieces]
        assert (sum(sizes) > 2**23 - 1, max(sizes) < 2**21) == (True, True)

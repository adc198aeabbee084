"""Compressed pixels of kept objects are decoded frame by frame: real ones can be, cut ones are told."""

from io import BytesIO

import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.encaps import encapsulate, generate_frames

from oncommons.node.checking import check
from oncommons.node.decoding import check_decoding
from oncommons.node.flow import import_images
from oncommons.node.receive.folder import FileArrival
from oncommons.node.receive.table import About
from oncommons.storage.ledger_pages import LedgerPages

COMPRESSED = (
    "MR_small_RLE.dcm",
    "MR_small_jpeg_ls_lossless.dcm",
    "693_J2KI.dcm",
    "rtdose_rle.dcm",
)


def kept(home):
    ledger = LedgerPages(home.ledger_file)
    found = ledger.objects()
    ledger.close()
    return found


@pytest.fixture
def keep(home, tmp_path):
    """Imports one file, changed by a function."""

    def run(name, change=lambda one: one):
        one = pydicom.dcmread(get_testdata_file(name))
        change(one)
        file = BytesIO()
        one.save_as(file)
        path = tmp_path / name
        path.write_bytes(file.getvalue())
        report = import_images(home, [FileArrival(path)], "d", About(""), lambda *_: None)
        assert report.kept == 1, report.to_json()
        return kept(home)

    return run


def cut(one):
    """Every frame loses its second half."""
    frames = generate_frames(one.PixelData, number_of_frames=int(one.get("NumberOfFrames", 1)))
    one.PixelData = encapsulate([frame[: len(frame) // 2] for frame in frames])


@pytest.mark.parametrize("name", COMPRESSED)
def test_real_compressed_objects_can_be_decoded(home, keep, name):
    assert check_decoding(home.blobs, keep(name)) == []


@pytest.mark.parametrize("name", [name for name in COMPRESSED if "jpeg_ls" not in name])  # its decoder takes seconds
def test_a_codestream_that_was_cut_is_found(home, keep, name):
    (found,) = check_decoding(home.blobs, keep(name, cut))
    assert (found.code, found.numbers) == ("pixels-undecodable", {"files": 1})
    assert "frame 1 of" in found.words


def test_native_pixels_and_objects_without_pixels_are_passed_over(home, keep):
    keep("CT_small.dcm")
    assert check_decoding(home.blobs, keep("rtplan.dcm")) == []


def test_it_is_part_of_a_check_for_those_who_ask(home, keep):
    keep("693_J2KI.dcm", cut)
    assert "pixels-undecodable" not in {found.code for found in check(home)[0].findings}
    assert "pixels-undecodable" in {found.code for found in check(home, pixels=True)[0].findings}


def test_a_frame_that_is_too_large_is_not_tried(home, keep, monkeypatch):
    monkeypatch.setattr("oncommons.node.decoding.LARGEST_FRAME", 100)
    (found,) = check_decoding(home.blobs, keep("693_J2KI.dcm"))
    assert (found.code, found.words) == ("pixels-untried", "1 of 1 files (frames too large).")

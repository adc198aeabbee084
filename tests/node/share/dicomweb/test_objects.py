"""Kept objects as files."""

import io
from dataclasses import replace

import pydicom
import pytest
from tests.imaging.files import sample
from tests.node.share.dicomweb.kept_files import KeptFiles

from oncommons.node.share.dicomweb.media import EXPLICIT
from oncommons.node.share.dicomweb.objects import Object, address, can_convert
from oncommons.node.share.dicomweb.parts import CHUNK
from oncommons.schema.errors import StorageFailed
from oncommons.schema.errors_of_protocols import NotAcceptable

J2K, EXTENDED = "1.2.840.10008.1.2.4.91", "1.2.840.10008.1.2.4.51"


@pytest.fixture
def kept(tmp_path):
    """Objects by the name of the sample file that they are."""

    def one(name):
        return Object(next(KeptFiles(tmp_path, [sample(name)]).instances()))

    return one


def test_a_file_is_given_as_it_is_kept(kept):
    one = kept("MR_small_implicit.dcm")
    syntax, pieces = one.given(frozenset({"*"}))
    assert (syntax, b"".join(pieces)) == (one.row.syntax, sample("MR_small_implicit.dcm"))
    assert one.size() == len(sample("MR_small_implicit.dcm"))


def test_a_large_file_is_read_in_pieces(kept):
    pieces = list(kept("SC_rgb_gdcm_KY.dcm").pieces()) if CHUNK < 1 else list(kept("emri_small.dcm").pieces())
    assert max(map(len, pieces)) <= CHUNK
    assert b"".join(pieces) == sample("emri_small.dcm")


@pytest.mark.parametrize("name", ["MR_small_implicit.dcm", "JPEG2000.dcm", "image_dfl.dcm"])
def test_a_file_is_converted_where_that_is_asked_for(kept, name):
    syntax, pieces = kept(name).given(frozenset({EXPLICIT}))
    found = pydicom.dcmread(io.BytesIO(b"".join(pieces)))
    assert syntax == found.file_meta.TransferSyntaxUID == EXPLICIT
    assert found.pixel_array.shape


def test_lossy_pixels_are_given_as_they_are_where_nothing_is_asked_for(kept):
    assert kept("JPEG2000.dcm").given(frozenset({""}))[0] == J2K


def test_what_cannot_be_converted_after_all_is_given_as_it_is_kept(kept, caplog):
    syntax, pieces = kept("JPEG-lossy.dcm").given(frozenset({EXPLICIT}))
    assert (syntax, b"".join(pieces)) == (EXTENDED, sample("JPEG-lossy.dcm"))
    assert "given as it is kept" in caplog.text


def test_a_syntax_that_nothing_leads_to_is_told(kept):
    with pytest.raises(NotAcceptable):
        kept("MR_small.dcm").given(frozenset({J2K}))


def test_what_can_be_converted_is_known():
    assert [can_convert(uid) for uid in (EXPLICIT, J2K, "1.2.840.10008.1.2.4.102")] == [True, True, False]


def test_metadata_link_to_the_values_of_the_object(kept):
    one = kept("CT_small.dcm")
    place = address("http://x", one.row)
    assert one.metadata("http://x")["7FE00010"] == {"vr": "OW", "BulkDataURI": f"{place}/bulkdata/7FE00010"}


class Elsewhere(io.BytesIO):
    """A file that is not on this machine."""


@pytest.mark.parametrize("content", [b"", b"x" * 300, sample("CT_small.dcm")[:-100]])
@pytest.mark.parametrize("elsewhere", [False, True])
def test_a_file_that_is_damaged_is_told(kept, tmp_path, content, elsewhere):
    path = tmp_path / "damaged"
    path.write_bytes(content)
    row = replace(kept("CT_small.dcm").row, open=lambda: Elsewhere(content) if elsewhere else path.open("rb"))
    with pytest.raises(StorageFailed) as told:
        Object(row).metadata("http://x")
    assert (row.sop in told.value.detail, row.sop in told.value.message) == (True, False)


def test_a_file_that_is_elsewhere_is_read_from_there(kept):
    one = kept("CT_small.dcm")
    away = Object(replace(one.row, open=lambda: Elsewhere(sample("CT_small.dcm"))))
    assert away.metadata("x") == one.metadata("x")
    assert (away.size(), b"".join(away.pieces())) == (one.size(), sample("CT_small.dcm"))


def test_a_disk_that_fails_is_told(kept):
    def broken():
        raise OSError(5, "Input/output error")

    lost = Object(replace(kept("CT_small.dcm").row, open=broken))
    for ask in (lost.size, lambda: list(lost.pieces()), lambda: lost.dataset):
        with pytest.raises(StorageFailed):
            ask()

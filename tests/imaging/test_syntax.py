"""The outside of a file: opened and written, whole or damaged."""

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.imaging.files import CT, SYNTAXES, Writer, file, image, read

from oncommons.imaging.syntax import (
    DEFLATED_LITTLE,
    EXPLICIT_LITTLE,
    IMPLICIT_LITTLE,
    MOST_INFLATED,
    open_file,
    write_file,
)
from oncommons.schema.errors import DamagedImage, ImageError, ImageTooLarge, NotDicom


@pytest.mark.parametrize("syntax", SYNTAXES.values(), ids=SYNTAXES)
def test_what_is_written_is_opened_again(syntax):
    body = Writer(syntax).dataset(image())
    opened = open_file(write_file(syntax, CT, b"1.2.3", [body[:7], body[7:]]))
    assert (opened.syntax, opened.sop_class, opened.data[opened.start :]) == (syntax, CT, body)


@pytest.mark.parametrize("syntax", SYNTAXES.values(), ids=SYNTAXES)
def test_pydicom_reads_the_file_meta_information(syntax):
    seen = read(file(image(), syntax))
    assert seen.file_meta.TransferSyntaxUID.encode() == syntax
    assert seen.file_meta.MediaStorageSOPClassUID.encode() == CT
    assert seen.file_meta.MediaStorageSOPInstanceUID == seen.SOPInstanceUID
    assert seen.file_meta.ImplementationVersionName == "ONCOMMONS"
    length = sum(len(e) for e in [seen.file_meta.FileMetaInformationVersion])
    assert length == 2


@pytest.mark.parametrize("syntax", [EXPLICIT_LITTLE, IMPLICIT_LITTLE])
def test_a_bare_data_set_tells_its_syntax_by_its_first_element(syntax):
    body = Writer(syntax).dataset(image())
    opened = open_file(body)
    assert (opened.syntax, opened.data, opened.start) == (syntax, body, 0)


def test_a_file_without_preamble_is_opened():
    whole = file(image())
    assert open_file(whole[132:]).syntax == EXPLICIT_LITTLE


@pytest.mark.parametrize("raw", [b"", b"x", b"PK\3\4" + bytes(400), b"%PDF-1.7 " + b"a" * 300, bytes(1000)])
def test_what_is_not_dicom_is_refused(raw):
    with pytest.raises(NotDicom):
        open_file(raw)


@pytest.mark.parametrize("syntax", [b"1.2.840.113619.5.2", b"JOHN DOE", b"1.2.840.10008.1.20", b"1" * 60_001])
def test_a_private_transfer_syntax_is_refused(syntax):
    with pytest.raises(ImageError):
        open_file(write_file(syntax, CT, b"1.2.3", [Writer().dataset(image())]))


def test_a_deflated_file_cut_short_is_damaged():
    with pytest.raises(DamagedImage):
        open_file(file(image(), DEFLATED_LITTLE)[:-20])


def test_a_deflated_file_of_garbage_is_damaged():
    head = write_file(DEFLATED_LITTLE, CT, b"1.2.3", [])
    with pytest.raises(DamagedImage):
        open_file(head[:-2] + b"\xff" * 64)


def test_a_deflated_file_may_not_grow_without_bound():
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    bomb = packer.compress(bytes(MOST_INFLATED + 1024)) + packer.flush()
    empty = zlib.compressobj(wbits=-zlib.MAX_WBITS).flush()
    head = write_file(DEFLATED_LITTLE, CT, b"1.2.3", [])
    with pytest.raises(ImageTooLarge):
        open_file(head[: -len(empty) - len(empty) % 2] + bomb)


@given(st.binary(max_size=300))
def test_any_bytes_are_opened_or_refused(junk):
    for raw in (junk, bytes(128) + b"DICM" + junk, bytes(128) + b"DICM\2\0" + junk):
        try:
            opened = open_file(raw)
        except ImageError:
            continue
        assert opened.start < len(opened.data) or not opened.data

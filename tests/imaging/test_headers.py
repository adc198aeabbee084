"""Attributes read byte by byte are those that pydicom reads."""

import hashlib
import os
import warnings
import zlib
from functools import partial
from pathlib import Path
from struct import pack

import pydicom
import pytest
from pydicom.data import get_testdata_file
from tests.data import DATA
from tests.imaging.files import SYNTAXES, Writer, file, image, sample, samples

from oncommons.imaging.headers import WINDOW, Wanted, pixel_digest, read_header
from oncommons.imaging.syntax import DEFLATED_LITTLE, EXPLICIT_LITTLE, MOST_INFLATED, write_file
from oncommons.imaging.tags import Tag
from oncommons.schema.errors import DamagedImage, ImageTooLarge, NotDicom

PLACES = [tag for tag in Tag if tag not in {Tag.SYNTAX, Tag.PIXELS}]
SPECIAL = {"SQ", "OB", "OW", "UN", "OB or OW"}
REFUSED = {
    "SC_rgb_jpeg.dcm": "says explicit and is implicit",
    "meta_missing_tsyntax.dcm": "holds nothing but private attributes",
    "rtplan_truncated.dcm": "is cut short",
}
"""Samples that pydicom reads at least in part, and that a node refuses or lays aside."""
CUT = "emri_small_jpeg_2k_lossless_too_short.dcm"
SHARED = DATA / "sts"


def header(raw, **more):
    return read_header(lambda size, at: raw[at : at + size], len(raw), **more)


def text(element):
    value = "" if element.value is None else element.value
    values = value if element.VM > 1 else [value]
    if element.VR == "FD":
        values = [f"{one:.17g}" for one in values]
    if element.VR in {"DS", "IS"}:
        values = [getattr(one, "original_string", one) for one in values]
    return "\\".join(str(one).strip("\0 ") for one in values)


def theirs(raw):
    """The same attributes, as pydicom reads them; nothing where it cannot read the file."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            dataset = pydicom.dcmread(pydicom.filebase.DicomBytesIO(raw), stop_before_pixels=True)
        except Exception:  # noqa: BLE001  whatever it stumbles over
            return None
        found = {}
        for place in PLACES:
            *above, tag = (int(part, 16) for part in place.split("/"))
            for outer in above:
                dataset_here = dataset[outer].value if outer in dataset else []
                inner = dataset_here[0] if dataset_here else {}
            element = (inner if above else dataset).get(tag)
            if element is not None and element.VR not in SPECIAL:
                found[str(place)] = text(element)
    return found


def readable(name):
    """Whether a node reads a sample; it takes no tables of contents of media."""
    return name not in {*REFUSED, CUT} and not name.startswith("DICOMDIR")


def same(raw):
    wanted = theirs(raw)
    ours = header(raw)
    return {tag: value for tag, value in ours.items() if tag not in {Tag.SYNTAX, Tag.PIXELS}} == wanted


def test_every_sample_of_pydicom_reads_as_pydicom_reads_it():
    raws = {str(path): path.read_bytes() for path in samples() if readable(path.name)}
    read = {path: raw for path, raw in raws.items() if theirs(raw) is not None}
    assert len(read) > 150
    assert [path for path, raw in read.items() if not same(raw)] == []


@pytest.mark.parametrize("name", REFUSED)
def test_a_sample_that_is_broken_is_refused(name):
    with pytest.raises((DamagedImage, NotDicom)):
        header(sample(name))


@pytest.mark.skipif(not SHARED.is_dir(), reason="the sarcoma files are not here (ONCOMMONS_DATA)")
def test_real_files_read_as_pydicom_reads_them():
    paths = sorted(SHARED.rglob("*.dcm"))[::7]
    assert [path.name for path in paths if not same(path.read_bytes())] == []


@pytest.mark.parametrize("open_ended", [False, True])
@pytest.mark.parametrize("syntax", SYNTAXES)
def test_every_syntax_and_every_form_of_sequence_reads_alike(syntax, open_ended):
    inner = [(0x00181074, "DS", "359884960"), (0x00540300, "SQ", [[(0x00080100, "SH", "18F")]])]
    more = [
        (0x00081140, "SQ", [[(0x00081155, "UI", "1.2")], []]),
        (0x00189087, "FD", pack(">d" if syntax == "big" else "<d", 800.5)),
        (0x00540016, "SQ", [inner, inner]),
    ]
    raw = file(image(*more), SYNTAXES[syntax], open_ended=open_ended)
    found = header(raw)
    assert (found[Tag.DOSE], found[Tag.B_VALUE], found[Tag.ROWS]) == ("359884960", "800.5", "4")
    assert (found[Tag.PIXELS], found[Tag.SYNTAX]) == ("32", SYNTAXES[syntax].decode())
    assert same(raw)


def test_only_what_is_wanted_is_read():
    found = header(file(image()), wanted=Wanted.of(["00280010", "00100010"]))
    assert found == {
        "00280010": "4",
        "00100010": "Quackenbush^Zebediah",
        Tag.SYNTAX: "1.2.840.10008.1.2.1",
        "7FE00010": "32",
    }


def test_a_large_header_is_read_window_by_window_and_the_pixels_are_not(tmp_path):
    big = (0x00081140, "SQ", [[(0x00081155, "UI", "1.2.3"), (0x0040A160, "UT", "x" * 90)] for _ in range(2000)])
    raw = file(
        image(big, (0x00091010, "UN", b"\1" * 3 * WINDOW), (0x7FE00010, "OW", bytes(40 * WINDOW))), open_ended=True
    )
    path = tmp_path / "one"
    path.write_bytes(raw)
    asked = []

    def read(size, at):
        asked.append(size)
        return os.pread(handle, size, at)

    handle = os.open(path, os.O_RDONLY)
    try:
        found = read_header(read, len(raw))
        assert found == read_header(partial(os.pread, handle), len(raw))
    finally:
        os.close(handle)
    assert (found[Tag.COLUMNS], found[Tag.PIXELS]) == ("4", str(40 * WINDOW))
    assert sum(asked) < 10 * WINDOW


def test_a_value_that_crosses_the_edge_of_a_window_is_whole():
    for room in range(WINDOW - 700, WINDOW - 200, 3):
        raw = file(image((0x00081140, "SQ", [[(0x0040A160, "UT", "x" * room)]]), (0x00081155, "UI", "1.2.3" * 8)))
        assert header(raw)[Tag.SERIES] == "1.2.3.4.5.7"


def test_the_length_of_pixel_data_that_are_cut_short_is_what_is_there():
    assert header(file(image())[:-10])[Tag.PIXELS] == "22"


def test_compressed_pixel_data_have_no_length():
    assert header(Path(get_testdata_file("JPEG2000.dcm")).read_bytes())[Tag.PIXELS] == ""


def test_sequences_in_one_another_need_no_recursion():
    writer = Writer(open_ended=True)
    deep = (writer.head(0x00081140, "SQ", 0xFFFFFFFF) + writer.head(0xFFFEE000, "", 0xFFFFFFFF)) * 5000
    deep += (writer.head(0xFFFEE00D, "", 0) + writer.head(0xFFFEE0DD, "", 0)) * 5000
    body = writer.element(0x00080060, "CS", "CT") + deep + writer.element(0x00280010, "US", 4)
    assert header(write_file(EXPLICIT_LITTLE, b"1.2", b"1.3", [body]))[Tag.ROWS] == "4"


@pytest.mark.parametrize("cut", range(150, 700, 37))
def test_a_file_that_ends_early_is_damaged_or_gives_what_is_there(cut):
    whole = header(file(image(), open_ended=True))
    try:
        part = header(file(image(), open_ended=True)[:cut])
    except (DamagedImage, NotDicom):
        return
    assert {k: v for k, v in part.items() if k != Tag.PIXELS}.items() <= whole.items()


def test_a_sequence_without_end_is_damaged():
    writer = Writer(open_ended=True)
    body = writer.element(0x00080060, "CS", "CT") + writer.head(0x00081140, "SQ", 0xFFFFFFFF)
    with pytest.raises(DamagedImage):
        header(write_file(EXPLICIT_LITTLE, b"1.2", b"1.3", [body]))


def test_a_deflated_file_is_inflated_no_further_than_needed():
    writer = Writer()
    body = writer.dataset(image((0x7FE00010, "OW", bytes(16))))
    packer = zlib.compressobj(wbits=-15)
    bomb = packer.compress(body + writer.head(0xFFFCFFFC, "OB", 2**31) + bytes(2 * MOST_INFLATED)) + packer.flush()
    assert header(_deflated(bomb))[Tag.PIXELS] == "16"


def test_a_deflate_bomb_before_the_pixels_is_too_large():
    writer = Writer()
    body = writer.element(0x00080060, "CS", "CT") + writer.element(0x00091010, "UN", bytes(2 * MOST_INFLATED))
    packer = zlib.compressobj(wbits=-15)
    with pytest.raises(ImageTooLarge):
        header(_deflated(packer.compress(body) + packer.flush()))


def test_a_deflated_file_that_is_cut_short_or_not_deflated_is_damaged():
    raw = file(image(), DEFLATED_LITTLE)
    with pytest.raises(DamagedImage):
        header(raw[:-60])
    with pytest.raises(DamagedImage):
        header(_deflated(b"\xff" * 40))


def _deflated(packed):
    head = write_file(DEFLATED_LITTLE, b"1.2", b"1.3", [])
    empty = zlib.compressobj(wbits=-15)
    return head.removesuffix(_padded(empty.compress(b"") + empty.flush())) + packed


def _padded(content):
    return content + b"\0" * (len(content) % 2)


@pytest.mark.parametrize("syntax", ["explicit", "implicit", "big"])
def test_pixels_are_known_by_their_bytes_whatever_stands_around_them(syntax):
    one = file(image((0x7FE00010, "OW", b"\1\2" * 9000)), SYNTAXES[syntax], tail=b"")
    assert digest(one) == hashlib.sha256(b"\1\2" * 9000).hexdigest()
    assert digest(one) != digest(file(image(), SYNTAXES[syntax]))


def test_compressed_pixels_are_known_by_all_that_follows():
    raw = sample("JPEG2000.dcm")
    start = raw.index(b"\xe0\x7f\x10\x00OB\0\0\xff\xff\xff\xff") + 12
    assert digest(raw) == hashlib.sha256(raw[start:]).hexdigest()


def test_an_object_without_pixels_has_no_digest():
    assert digest(file(image(without={0x7FE00010}))) == ""


def digest(raw):
    return pixel_digest(lambda size, at: raw[at : at + size], len(raw))

"""Headers side by side: every attribute is there once, and what was done to it is told by looking at both."""

from dataclasses import replace

import pydicom
import pytest
from pydicom.data import get_testdata_file
from tests.imaging.files import KEYS, SYNTAXES, file, image, sample

from oncommons.imaging.comparing import LONGEST, MOST_LINES, compared, read_partly
from oncommons.imaging.deid.clean import deidentify
from oncommons.imaging.deid.rules import CANCER_RESEARCH
from oncommons.imaging.syntax import open_file

SAMPLES = ("CT_small.dcm", "MR_small_bigendian.dcm", "rtplan.dcm", "rtstruct.dcm", "JPEG2000.dcm")
NESTED = 0x00081140


def header(raw):
    dataset, fault = read_partly(open_file(raw))
    assert fault is None
    return dataset


def lines(before, after):
    """Keyword, or tag of an attribute without one, to what was done; for those of the top level."""
    found = compared(header(before), header(after))
    return {line.keyword or line.path: line.done for line in found if not line.depth}


def elements(raw, dataset=None):
    """Tags at every depth, in order, as pydicom reads them; its file meta information and group lengths left out."""
    for element in pydicom.dcmread(raw, force=True) if dataset is None else dataset:
        if element.tag.element:
            yield int(element.tag)
            for item in element.value if element.VR == "SQ" else ():
                yield from elements(raw, item)


@pytest.mark.parametrize("name", SAMPLES)
def test_every_attribute_is_a_line_in_the_order_of_the_file(name):
    found = compared(header(sample(name)), None)
    assert [line.tag for line in found] == list(elements(get_testdata_file(name)))
    assert {line.done for line in found} == {""}
    assert all(line.after is None and line.before is not None for line in found)


@pytest.mark.parametrize("name", SYNTAXES)
def test_the_same_header_twice_was_kept(name):
    raw = file(image((NESTED, "SQ", [[(0x00080100, "SH", "113100")]])), SYNTAXES[name])
    assert {line.done for line in compared(header(raw), header(raw))} == {"kept"}


@pytest.mark.parametrize("name", SYNTAXES)
@pytest.mark.parametrize(
    ("was", "now", "done"),
    [
        ((0x00081030, "LO", "CHEST"), None, "removed"),
        (None, (0x00120062, "CS", "YES"), "added"),
        ((0x00081030, "LO", "CHEST"), (0x00081030, "LO", ""), "emptied"),
        ((0x00081030, "LO", "CHEST OF MISS MARPLE"), (0x00081030, "LO", "CHEST OF"), "cleaned"),
        ((0x00100010, "PN", "Marple^Jane"), (0x00100010, "PN", "PABC"), "replaced"),
        ((0x00080020, "DA", "20200101"), (0x00080020, "DA", "20190302"), "moved"),
        ((0x0008002A, "DT", "20200101101112"), (0x0008002A, "DT", "20190302101112"), "moved"),
        ((0x00080014, "UI", "1.2.3"), (0x00080014, "UI", "2.25.7"), "replaced"),
        ((0x00081030, "LO", "CHEST "), (0x00081030, "LO", "CHEST"), "kept"),
        ((0x00400275, "SQ", [[(0x00080100, "SH", "X")]]), (0x00400275, "SQ", []), "emptied"),
    ],
)
def test_what_was_done_is_told(name, was, now, done):
    before, after = (file(image(*filter(None, [element])), SYNTAXES[name]) for element in (was, now))
    tag = (was or now)[0]
    found = [line for line in compared(header(before), header(after)) if line.tag == tag]
    assert [line.done for line in found] == [done]


def test_items_stand_side_by_side_behind_their_sequence():
    first = file(image((NESTED, "SQ", [[(0x00080100, "SH", "A")], [(0x00080100, "SH", "B")]])))
    second = file(image((NESTED, "SQ", [[(0x00080100, "SH", "C")]])))
    found = [line for line in compared(header(first), header(second)) if line.path.startswith("00081140")]
    assert [(line.path, line.depth, line.before, line.after, line.done) for line in found] == [
        ("00081140", 0, "2 items", "1 item", "kept"),
        ("00081140/1/00080100", 1, "A", "C", "replaced"),
        ("00081140/2/00080100", 1, "B", None, "removed"),
    ]


def test_deidentification_is_told_as_it_is():
    raw = sample("CT_small.dcm")
    done = lines(raw, deidentify(raw, CANCER_RESEARCH, KEYS).content)
    assert {done[name] for name in ("PatientName", "PatientID", "StudyInstanceUID", "SOPInstanceUID")} == {"replaced"}
    assert {done[name] for name in ("StudyDate", "AcquisitionDate")} == {"moved"}
    assert {done[name] for name in ("Modality", "PixelData", "SliceThickness", "PatientWeight")} == {"kept"}
    assert (done["00091001"], done["PatientIdentityRemoved"]) == ("removed", "added")


@pytest.mark.parametrize(
    ("vr", "tag", "value", "text"),
    [
        ("US", 0x00280010, b"\x00\x02", "512"),
        ("FD", 0x00189087, bytes(6) + b"\xf0\x3f", "1"),
        ("AT", 0x00280009, b"\x18\x00\x63\x10", "(0018,1063)"),
        ("DS", 0x00280030, b"0.5\\0.5 ", "0.5\\0.5"),
        ("LO", 0x00081030, b"a\x07b\x1b[31m", "a\ufffdb\ufffd[31m"),
        ("OB", 0x00420011, b"%PDF-1.7", "8 bytes"),
        ("UT", 0x00081190, b"x" * 1000, f"{'x' * LONGEST}…"),
    ],
)
def test_values_are_told_as_text(vr, tag, value, text):
    found = compared(header(file([(tag, vr, value)])), None)
    assert [line.before for line in found] == [text]


def test_characters_that_turn_the_order_of_others_round_are_not_told():
    raw = file([(0x00080005, "CS", "ISO_IR 192"), (0x00081030, "LO", "a\u202eb".encode())])
    assert compared(header(raw), None)[1].before == "a\ufffdb"


def test_of_a_damaged_file_the_attributes_before_the_damage_are_told():
    raw = sample("CT_small.dcm")
    dataset, fault = read_partly(open_file(raw[:3000]))
    whole = [line.path for line in compared(header(raw), None)]
    told = [line.path for line in compared(dataset, None)]
    assert fault is not None
    assert len(told) > 150
    assert told == whole[: len(told)]


@pytest.mark.parametrize("end", [345, 363, 403])
def test_of_a_file_that_is_hardly_there_nothing_or_little_is_told(end):
    opened = replace(open_file(sample("CT_small.dcm")), data=sample("CT_small.dcm")[:end])
    dataset, fault = read_partly(opened)
    assert fault is not None
    assert len(dataset.elements) <= 3


def test_an_object_with_endless_items_is_told_so_far():
    raw = file([(NESTED, "SQ", [[(0x00080100, "SH", "A")]] * (MOST_LINES + 5))])
    assert len(compared(header(raw), None)) == MOST_LINES

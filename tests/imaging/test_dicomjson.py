"""The DICOM JSON Model; pydicom writes and reads the same."""

import json
import math
import warnings
from struct import pack

import pydicom
import pytest
from tests.imaging.files import SYNTAXES, file, image, sample

from oncommons.imaging.dicomjson import MOST_INLINE, attribute, find_value, to_json
from oncommons.imaging.elements import read_elements
from oncommons.imaging.syntax import open_file

SAMPLES = (
    "CT_small.dcm",
    "MR_small.dcm",
    "rtplan.dcm",
    "reportsi.dcm",
    "JPEG2000.dcm",
    "liver_1frame.dcm",
    "test-SR.dcm",
)


def in_json(raw):
    return to_json(read_elements(open_file(raw)), lambda path: f"http://x/{path}")


def one(tag, vr, value, syntax=SYNTAXES["explicit"]):
    return in_json(file(image((tag, vr, value)), syntax))[f"{tag:08X}"]


def alike(ours, theirs):
    """Whether two models say the same; the places of links differ, and nothing may be written in two ways."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        if "BulkDataURI" in theirs or "BulkDataURI" in ours:
            return ours["vr"] == theirs["vr"]
        theirs = {k: v for k, v in theirs.items() if v != [] or k != "Value"}
        return ours.keys() == theirs.keys() and all(alike(ours[key], theirs[key]) for key in ours)
    if isinstance(ours, list) and isinstance(theirs, list):
        return len(ours) == len(theirs) and all(map(alike, ours, theirs))
    return ours == theirs or (ours is None and theirs == "")


@pytest.mark.parametrize("name", SAMPLES)
def test_a_real_file_is_told_as_pydicom_tells_it(name):
    theirs = pydicom.dcmread(pydicom.data.get_testdata_file(name))
    model = theirs.to_json_dict(MOST_INLINE + 1, lambda _: "http://x")
    assert alike(in_json(sample(name)), model)


def test_pydicom_reads_what_was_written():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = pydicom.Dataset.from_json(json.dumps(in_json(sample("rtplan.dcm"))))
        theirs = pydicom.dcmread(pydicom.data.get_testdata_file("rtplan.dcm"))
    assert found == theirs


@pytest.mark.parametrize("name", SYNTAXES)
def test_the_model_does_not_depend_on_the_transfer_syntax(name):
    elements = image((0x00282000, "OB", b"abc"), (0x00281101, "US", 5))
    assert in_json(file(elements, SYNTAXES[name])) == in_json(file(elements))


def test_attributes_stand_in_the_order_of_their_tags():
    assert list(in_json(sample("CT_small.dcm"))) == sorted(in_json(sample("CT_small.dcm")))


@pytest.mark.parametrize(
    ("vr", "value", "written"),
    [
        ("DS", "1.50\\-2e3\\3", [1.5, -2000.0, 3.0]),
        ("DS", "1.5\\\\x", [1.5, None, "x"]),
        ("DS", "nan", ["nan"]),
        ("DS", "1e999", ["1e999"]),
        ("IS", "12\\-3", [12, -3]),
        ("IS", "1.5", ["1.5"]),
        ("PN", "Doe^Jane=ideo=phon", [{"Alphabetic": "Doe^Jane", "Ideographic": "ideo", "Phonetic": "phon"}]),
        ("PN", "=ideo", [{"Ideographic": "ideo"}]),
        ("AT", pack("<HHHH", 0x0010, 0x0020, 0x7FE0, 0x0010), ["00100020", "7FE00010"]),
        ("FD", pack("<ddd", math.nan, math.inf, -math.inf), ["NaN", "inf", "-inf"]),
        ("LO", "a\\\\b", ["a", None, "b"]),
        ("SV", pack("<q", -(2**62)), [-(2**62)]),
    ],
)
def test_values_are_written_as_table_f_2_3_1_says(vr, value, written):
    assert one(0x00091001, vr, value) == {"vr": vr, "Value": written}


def test_what_is_empty_has_no_value():
    assert (one(0x00081030, "LO", ""), one(0x00081140, "SQ", [])) == ({"vr": "LO"}, {"vr": "SQ"})
    assert (attribute("LO", ()), attribute("CS", ("",))) == ({"vr": "LO"}, {"vr": "CS"})


def test_binary_values_are_written_in_little_endian():
    words = bytes([0, 1, 0, 2])
    assert one(0x00281201, "OW", words) == {"vr": "OW", "InlineBinary": "AAEAAg=="}
    assert one(0x00281201, "OW", words, SYNTAXES["big"]) == {"vr": "OW", "InlineBinary": "AQACAA=="}


def test_pixels_and_long_binary_values_are_links_with_their_path():
    long = bytes(MOST_INLINE + 2)
    found = in_json(file(image((0x00880200, "SQ", [[(0x7FE00010, "OW", b"ab")]]), (0x00420011, "OB", long))))
    assert found["7FE00010"] == {"vr": "OW", "BulkDataURI": "http://x/7FE00010"}
    assert found["00420011"] == {"vr": "OB", "BulkDataURI": "http://x/00420011"}
    assert found["00880200"]["Value"][0]["7FE00010"]["BulkDataURI"] == "http://x/00880200/1/7FE00010"


def test_a_link_leads_to_its_value():
    dataset = read_elements(open_file(file(image((0x00880200, "SQ", [[(0x7FE00010, "OW", b"ab")]])))))
    inner, element = find_value(dataset, "00880200/1/7FE00010")
    assert inner.little(element) == b"ab"


@pytest.mark.parametrize(
    "path", ["", "x", "00880200", "00880200/1", "00880200/0/7FE00010", "00880200/2/7FE00010", "7FE00010/1", "a/b/c/d"]
)
def test_a_path_that_leads_nowhere_finds_nothing(path):
    dataset = read_elements(open_file(file(image((0x00881200, "SQ", [[(0x7FE00010, "OW", b"ab")]])))))
    assert find_value(dataset, path) is None


def test_group_lengths_are_left_out():
    assert "00080000" not in in_json(file(image((0x00080000, "UL", pack("<I", 4)))))

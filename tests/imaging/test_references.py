"""What an object refers to: all of it, as pydicom finds it by walking over objects."""

import warnings
from contextlib import suppress

import pydicom
import pytest
from pydicom.filebase import DicomBytesIO
from tests.data import data
from tests.imaging.files import SYNTAXES, Writer, file, image, samples

from oncommons.imaging.references import DESCRIBING, references
from oncommons.schema.errors import DamagedImage, ImageError

NOT_IMAGES = {0x00081111, 0x00081120, 0x00081134, 0x0040A370}
STUDIES = {0x00081110, 0x30060012}


def theirs(raw):
    found = {"instances": set(), "series": set(), "studies": set(), "frames": set()}
    kinds = {0x00081155: "instances", 0x0020000E: "series", 0x0020000D: "studies"}

    def walk(dataset, inside):
        for element in dataset:
            tag = int(element.tag)
            if element.VR == "SQ":
                for item in element.value:
                    walk(item, tag)
            elif inside and element.value and tag in {*kinds, 0x30060024, 0x00200052}:
                if tag == 0x00081155 and inside in NOT_IMAGES:
                    continue
                kind = "studies" if tag == 0x00081155 and inside in STUDIES else kinds.get(tag, "frames")
                found[kind].add(str(element.value))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        walk(pydicom.dcmread(DicomBytesIO(raw)), 0)
    return found


def test_every_sample_of_pydicom_refers_to_what_pydicom_finds():
    compared, referring = 0, 0
    for path in samples():
        raw = path.read_bytes()
        try:
            ours, wanted = references(raw), theirs(raw)
        except Exception:  # noqa: BLE001  broken in one way or another
            continue
        assert {name: set(getattr(ours, name)) for name in wanted} == wanted, path
        compared, referring = compared + 1, referring + bool(wanted["instances"])
    assert compared > 150
    assert referring > 5


def test_real_contours_refer_to_their_images():
    """One of their 300 names is that of the study (PS3.3 C.8.8.5)."""
    for path in sorted(data("sts").glob("*/*/mask/*.dcm"))[::9]:
        found, wanted = references(path.read_bytes()), theirs(path.read_bytes())
        assert {name: set(getattr(found, name)) for name in wanted} == wanted
        assert len(found.studies) == len(found.series) == 1


CONTOURS = (
    0x30060039,
    "SQ",
    [[(0x30060040, "SQ", [[(0x30060016, "SQ", [[(0x00081155, "UI", f"1.9.{i}")]])] for i in range(3)])]],
)


@pytest.mark.parametrize("open_ended", [False, True])
@pytest.mark.parametrize("syntax", SYNTAXES)
def test_names_are_found_at_every_depth_in_every_syntax(syntax, open_ended):
    study = (0x30060012, "SQ", [[(0x00081155, "UI", "1.7"), (0x0020000D, "UI", "1.7")]])
    step = (0x00081111, "SQ", [[(0x00081155, "UI", "1.8")]])
    icon = (0x00880200, "SQ", [[(0x7FE00010, "OW", b"\xfe\xff\0\xe0" * 8)]])
    found = references(file(image(CONTOURS, study, step, icon), SYNTAXES[syntax], open_ended=open_ended))
    assert (found.instances, found.studies) == ({"1.9.0", "1.9.1", "1.9.2"}, {"1.7"})
    assert found.series == found.frames == frozenset()


def test_names_of_the_object_itself_are_no_references():
    found = references(file(image((0x00200052, "UI", "1.2.9"))))
    assert [*found.instances, *found.series, *found.studies, *found.frames] == []


def test_a_compressed_icon_is_stepped_over():
    writer = Writer(open_ended=True)
    pixels = writer.head(0x7FE00010, "OB", 0xFFFFFFFF) + writer.head(0xFFFEE000, "", 4) + b"\xff\xd8\xff\xd9"
    pixels += writer.head(0xFFFEE0DD, "", 0)
    icon = writer.head(0x00880200, "SQ", 0xFFFFFFFF) + writer.head(0xFFFEE000, "", 0xFFFFFFFF) + pixels
    icon += writer.head(0xFFFEE00D, "", 0) + writer.head(0xFFFEE0DD, "", 0)
    tail = icon + writer.element(*CONTOURS)
    raw = file([(0x00080060, "CS", "SEG")], tail=tail)
    assert references(raw).instances == {"1.9.0", "1.9.1", "1.9.2"}


def test_what_is_cut_short_or_too_deep_is_damaged():
    writer = Writer(open_ended=True)
    deep = (writer.head(0x00081140, "SQ", 0xFFFFFFFF) + writer.head(0xFFFEE000, "", 0xFFFFFFFF)) * 20_000
    with pytest.raises(DamagedImage):
        references(file([(0x00080060, "CS", "SEG")], tail=deep))
    with pytest.raises(ImageError):
        references(b"no image")
    whole = file(image(CONTOURS), open_ended=True)
    for cut in range(300, len(whole), 11):
        with suppress(ImageError):
            assert references(whole[:cut]).instances <= {"1.9.0", "1.9.1", "1.9.2", "1.9."}


def test_every_kind_that_describes_others_has_a_name():
    assert all(DESCRIBING.values())

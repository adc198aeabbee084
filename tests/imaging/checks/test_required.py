"""Attributes of type 1: an object that lacks one is told so, by us and by dciodvfy."""

import shutil
import subprocess
from io import BytesIO

import pydicom
import pytest
from pydicom.datadict import dictionary_description, dictionary_VR, keyword_for_tag
from tests.imaging.checks.made import CT, MR, PET, image
from tests.imaging.files import sample

from oncommons.imaging.checks.required import missing_required, required
from oncommons.imaging.checks.series import EVERY_TAG
from oncommons.imaging.headers import read_header
from oncommons.imaging.tags import Tag

SAMPLES = {"CT_small.dcm": CT, "MR_small.dcm": MR}
JUDGE = shutil.which("dciodvfy")


def test_the_table_covers_the_kinds_that_cancer_images_come_in():
    assert {CT, MR, PET} < required().keys()
    assert len(required()) == 13


def test_every_row_is_an_attribute_of_the_standard_that_a_node_reads():
    rows = {(tag, name) for table in required().values() for tag, name in table.items()}
    assert all(dictionary_description(int(tag, 16)) == name for tag, name in rows)
    assert {tag for tag, _ in rows} <= set(Tag)


def test_an_empty_value_is_a_missing_one():
    assert missing_required(image(rows="", slope=None), EVERY_TAG) == ("Rows", "Rescale Slope")
    assert missing_required(image(), EVERY_TAG) == ()


def test_of_what_was_not_looked_for_nothing_is_said():
    assert missing_required(image(rows="", slope=None), EVERY_TAG - {Tag.SLOPE}) == ("Rows",)


def test_kinds_that_are_not_in_the_table_have_no_requirements():
    assert missing_required({Tag.SOP_CLASS: "1.2.3"}, EVERY_TAG) == ()


@pytest.mark.skipif(JUDGE is None, reason="dciodvfy is not installed (Debian package dicom3tools)")
@pytest.mark.parametrize("name", SAMPLES)
def test_what_we_miss_dciodvfy_misses_too(name, tmp_path):
    """Each attribute of type 1 is taken out of a real file in turn; the standard's own checker names it as well."""
    for tag, title in required()[SAMPLES[name]].items():
        one = pydicom.dcmread(BytesIO(sample(name)))
        if int(tag, 16) not in one or tag in {Tag.SOP_CLASS, Tag.MODALITY}:  # without these it knows no kind
            continue
        del one[int(tag, 16)]
        path = tmp_path / f"{tag}.dcm"
        one.save_as(path)
        raw = path.read_bytes()
        ours = missing_required(read_header(lambda size, at, raw=raw: raw[at : at + size], len(raw)), EVERY_TAG)
        theirs = subprocess.run([JUDGE, str(path)], capture_output=True, text=True, check=False).stderr
        assert title in ours
        assert f"<{keyword_for_tag(int(tag, 16))}>" in theirs, dictionary_VR(int(tag, 16))

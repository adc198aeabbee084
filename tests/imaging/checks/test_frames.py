"""Frames of enhanced images, written by pydicom, are judged as the same slices in files of their own."""

from io import BytesIO
from pathlib import Path

import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian
from tests.imaging.checks.made import codes, image, series

from oncommons.imaging.checks.frames import LAST, PLACES, VOLUMES, frames_of, has_frames
from oncommons.imaging.checks.series import EVERY_TAG, check_series
from oncommons.imaging.dictionary import vr_of
from oncommons.imaging.elements import read_elements
from oncommons.imaging.headers import read_header
from oncommons.imaging.syntax import open_file
from oncommons.imaging.tags import Tag

ENHANCED_CT = "1.2.840.10008.5.1.4.1.1.2.1"
WHERE = {tag: path for tag, path in PLACES if tag != Tag.IMAGE_TYPE or path[0] == 0x00189329}
"""Attribute to where an enhanced CT has it."""


def enhanced(slices, syntax=ExplicitVRLittleEndian, shared=()):
    """One enhanced CT with a frame for each slice, as bytes; attributes in ``shared`` stand there once for all."""
    made = Dataset()
    made.SOPClassUID, made.SOPInstanceUID = ENHANCED_CT, "1.2.3.4"
    made.Modality, made.ImageType = "CT", ["ORIGINAL", "PRIMARY", "VOLUME", "NONE"]
    made.FrameOfReferenceUID, made.NumberOfFrames = "1.2.6", len(slices)
    made.Rows, made.Columns = 512, 512
    made.SharedFunctionalGroupsSequence = Sequence([groups(slices[0], shared)])
    made.PerFrameFunctionalGroupsSequence = Sequence([groups(one, WHERE.keys() - set(shared)) for one in slices])
    made.file_meta = pydicom.dataset.FileMetaDataset()
    made.file_meta.TransferSyntaxUID = syntax
    file = BytesIO()
    pydicom.dcmwrite(file, made, enforce_file_format=True)
    return file.getvalue()


def groups(one, tags):
    made = Dataset()
    for tag in tags:
        if str(tag) not in one:
            continue
        at = made
        for sequence in WHERE[tag][:-1]:
            if sequence not in at:
                at.add_new(sequence, "SQ", Sequence([Dataset()]))
            at = at[sequence].value[0]
        vr, values = vr_of(WHERE[tag][-1]), one[str(tag)].split("\\")
        kind = {"FD": float, "FL": float, "US": int, "UL": int}.get(vr, str)
        values = [kind(value) for value in values]
        at.add_new(WHERE[tag][-1], vr, values if len(values) > 1 else values[0])
    return made


def frames(raw):
    """The object's own attributes, and those of its frames."""
    one = read_header(lambda size, at: raw[at : at + size], len(raw))
    return one, list(frames_of(one, read_elements(open_file(raw), LAST)))


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian])
def test_each_frame_says_what_the_slice_says(syntax):
    slices = series(5)
    one, found = frames(enhanced(slices, syntax, shared=(Tag.ORIENTATION, Tag.PIXEL_SPACING)))
    assert has_frames(one)
    for slice_, frame in zip(slices, found, strict=True):
        for tag in (Tag.POSITION, Tag.ORIENTATION, Tag.PIXEL_SPACING, Tag.SLICE_THICKNESS):
            assert [float(n) for n in frame[tag].split("\\")] == [float(n) for n in slice_[tag].split("\\")]
        assert frame[Tag.FRAMES] == "1"
        assert frame[Tag.SOP_CLASS] == ENHANCED_CT


def volumes(**told):
    """Two volumes at the same places, told apart by an attribute or by nothing."""
    return [
        image(i + 1 + 20 * v, i * 3.0, **{k: values[v] for k, values in told.items()})
        for v in (0, 1)
        for i in range(20)
    ]


TOLD_APART = {
    "two time points": volumes(temporal_position=("1", "2")),
    "two b-values": volumes(b_value=("0", "800")),
    "two inversion times": volumes(inversion_time=("100", "400")),
    "two ways of the flow": volumes(velocity_direction=("1\\0\\0", "0\\1\\0")),
    "two phases of the breath": volumes(respiratory_phase=("0", "50")),
    "magnitude and phase": volumes(complex_component=("MAGNITUDE", "PHASE")),
}
SPOILT = {
    "whole": series(30),
    "a slice lacks": [one for i, one in enumerate(series(30)) if i != 12],
    "three lack": [one for i, one in enumerate(series(30)) if i not in {5, 6, 20}],
    "a slice is there twice": [*series(30), series(30)[7]],
    "another orientation": [*series(30), image(31, 40.0, orientation="1\\0\\0\\0\\0\\-1")],
    "pixels of two sizes": [*series(30), image(31, 90.0, pixel_spacing="0.7\\0.7")],
    "two volumes that nothing tells apart": volumes(),
}


@pytest.mark.parametrize("case", [*SPOILT, *TOLD_APART])
def test_frames_are_judged_as_slices_in_files_of_their_own(case):
    slices = [
        {tag: text for tag, text in one.items() if tag != Tag.INSTANCE_NUMBER} for one in (SPOILT | TOLD_APART)[case]
    ]
    of_frames = {"missing-slices", "uneven-spacing", "double-positions", "unexplained-volumes"}
    of_frames |= {"mixed-orientation", "mixed-spacing", "leaning-stack"}
    one, found = frames(enhanced(slices))
    told = {f.code: dict(f.numbers) for f in check_series([one], EVERY_TAG, found) if f.code in of_frames}
    assert told == {f.code: dict(f.numbers) for f in check_series(slices) if f.code in of_frames}
    assert bool(told) == (case in SPOILT and case != "whole")


def test_several_objects_of_a_series_make_one_stack():
    lower, upper = series(10), series(10)
    upper = [one | {str(Tag.POSITION): f"-100\\-100\\{(i + 11) * 3.0:.4f}"} for i, one in enumerate(upper)]
    one, found = frames(enhanced(lower))
    other, more = frames(enhanced(upper))
    (gap,) = [f for f in check_series([one, other], EVERY_TAG, [*found, *more]) if f.code == "missing-slices"]
    assert gap.numbers["missing"] == 1


def test_a_real_enhanced_ct_is_read():
    raw = Path(get_testdata_file("eCT_Supplemental.dcm")).read_bytes()
    one, found = frames(raw)
    assert [frame[Tag.POSITION] for frame in found] == positions(raw)
    assert not codes(check_series([one], EVERY_TAG, found)) & {"double-positions", "mixed-orientation"}


def positions(raw):
    made = pydicom.dcmread(BytesIO(raw), stop_before_pixels=True)
    return [
        "\\".join(str(n) for n in group.PlanePositionSequence[0].ImagePositionPatient)
        for group in made.PerFrameFunctionalGroupsSequence
    ]


def test_objects_without_groups_or_of_other_kinds_have_no_frames():
    one, found = frames(Path(get_testdata_file("emri_small.dcm")).read_bytes())
    assert has_frames(one)
    assert found == []
    assert not has_frames(image(frames="20"))
    assert not has_frames(image(frames="1", sop_class=ENHANCED_CT))
    assert not has_frames(image(frames="1A", sop_class=ENHANCED_CT))
    assert all(uid in pydicom.uid.UID_dictionary for uid in VOLUMES)
    assert not any("Segmentation" in pydicom.uid.UID(uid).name for uid in VOLUMES)


def test_the_places_of_the_table_are_those_of_the_dictionary():
    for tag, path in PLACES:
        assert all(pydicom.datadict.dictionary_VR(sequence) == "SQ" for sequence in path[:-1])
        assert pydicom.datadict.dictionary_VR(path[-1]) != "SQ"
        assert tag in Tag

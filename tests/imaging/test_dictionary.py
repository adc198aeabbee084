"""The data dictionary is that of the standard."""

from pydicom.datadict import DicomDictionary

from oncommons.imaging.dictionary import value_representations, vr_of


def test_every_value_representation_is_that_of_pydicom():
    theirs = {tag: row[0] for tag, row in DicomDictionary.items() if tag >> 16 > 2}
    ours = value_representations()
    assert {tag: vr for tag, vr in ours.items() if theirs.get(tag) != vr} == {}


def test_only_placeholders_are_left_out():
    left = {tag: row[0] for tag, row in DicomDictionary.items() if tag >> 16 > 2 and not vr_of(tag)}
    assert {vr for tag, vr in left.items() if tag >> 16 not in range(0x5000, 0x6100)} <= {"NONE"}


def test_what_the_dictionary_does_not_know_has_no_value_representation():
    assert vr_of(0x00090010) == ""
    assert vr_of(0x00080007) == ""

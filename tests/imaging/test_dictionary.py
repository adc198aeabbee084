"""The data dictionary is that of the standard."""

import pytest
from pydicom.datadict import DicomDictionary, RepeatersDictionary, mask_match

from oncommons.imaging.dictionary import keyword_of, keywords, value_representations, vr_of


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


def test_every_keyword_is_that_of_pydicom():
    theirs = {tag: row[4] for tag, row in DicomDictionary.items() if row[4]}
    assert {tag: word for tag, word in theirs.items() if keyword_of(tag) != word} == {}
    assert {tag for tag in keywords() if tag >> 24 not in {0x50, 0x60}} == theirs.keys()


@pytest.mark.parametrize("tag", [0x60000010, 0x60023000, 0x601E1500, 0x50100010])
def test_groups_that_repeat_have_the_keywords_of_the_first(tag):
    assert keyword_of(tag) == RepeatersDictionary[mask_match(tag)][4]


def test_private_attributes_have_no_keyword():
    assert (keyword_of(0x00091001), keyword_of(0x50110010)) == ("", "")

"""The attributes that a node knows are those of the standard."""

from pydicom.datadict import dictionary_VR, keyword_for_tag

from oncommons.imaging.tags import Tag


def test_every_place_is_in_the_dictionary_of_the_standard():
    parts = [int(part, 16) for tag in Tag for part in tag.split("/")]
    assert all(keyword_for_tag(tag) for tag in parts)


def test_what_stands_before_a_slash_is_a_sequence():
    assert {dictionary_VR(int(tag[:8], 16)) for tag in Tag if "/" in tag} == {"SQ"}


def test_nothing_that_names_the_patient_is_among_them_but_the_pseudonym():
    assert {tag for tag in Tag if tag.startswith("0010")} == {
        Tag.PATIENT,
        Tag.BIRTH_DATE,
        Tag.SEX,
        Tag.AGE,
        Tag.SIZE,
        Tag.WEIGHT,
    }

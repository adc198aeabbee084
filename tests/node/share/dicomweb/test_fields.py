"""Attributes of answers: their tags, names and levels against pydicom's dictionary and the standard's tables."""

from pydicom.datadict import dictionary_VR, keyword_for_tag

from oncommons.imaging.attributes import ATTRIBUTES
from oncommons.node.share.dicomweb.fields import BY_NAME, FIELDS, Level

REQUIRED = {
    Level.STUDY: "00080020 00080030 00080050 00080056 00080061 00080090 00081190 00100010 00100020 00100030 00100040 "
    "0020000D 00200010 00201206 00201208",
    Level.SERIES: "00080060 0008103E 0020000E 00200011 00201209",
    Level.INSTANCE: "00080016 00080018 00200013",
}
"""Tables 10.6.3-3 to 10.6.3-5 of PS3.18, less what is given where it is known."""
COMPUTED = {"00080056", "00080061", "00081190", "00201206", "00201208", "00201209", "00083002"}
REMOVED = {"00080050", "00080090", "00100030"}
"""De-identification leaves them empty in every kept object."""


def test_names_and_representations_are_those_of_the_standard():
    assert {f.tag: f.keyword for f in FIELDS.values()} == {tag: keyword_for_tag(int(tag, 16)) for tag in FIELDS}
    assert {f.tag: f.vr for f in FIELDS.values()} == {tag: dictionary_VR(int(tag, 16)) for tag in FIELDS}


def test_what_the_standard_requires_is_required():
    for level, tags in REQUIRED.items():
        assert {f.tag for f in FIELDS.values() if f.level is level and f.required} == set(tags.split())


def test_whatever_can_be_searched_for_is_known_of_every_object():
    held = {f"{tag:08X}" for tag in ATTRIBUTES.values()}
    assert set(FIELDS) - held - COMPUTED == REMOVED


def test_an_attribute_is_found_by_tag_and_by_name():
    assert BY_NAME["PatientID"] is BY_NAME["00100020"] is FIELDS["00100020"]

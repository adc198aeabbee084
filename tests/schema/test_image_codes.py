"""Codes about images."""

import re

import pytest
from pydicom.sr._concepts_dict import concepts

from oncommons.schema.image_codes import BODY_PART_IDENTIFIERS
from oncommons.schema.vocabulary import BODY_PART, SERIES_CLASS

REGIONS = {4, 4030, 4031}
"""Context groups of DICOM PS3.16 about anatomic regions."""
NAMED = {
    "ANKLE": "ankle joint",
    "BLADDER": "bladder",
    "CERVIX": "cervix",
    "ELBOW": "elbow joint",
    "ESOPHAGUS": "esophagus",
    "JAW": "jaw region",
    "ORBIT": "orbital structure",
    "PARATHYROID": "parathyroid",
    "WHOLEBODY": "entire body",
    "WRIST": "wrist joint",
}
"""Body part to the name that these groups give it, where it is not our label."""


def test_identifiers_belong_to_body_parts_and_are_opaque_numbers():
    assert BODY_PART_IDENTIFIERS.keys() <= BODY_PART.codes.keys()
    assert all(re.fullmatch(r"SCT:[0-9]{6,10}", name) for name in BODY_PART_IDENTIFIERS.values())


def test_no_two_body_parts_share_an_identifier():
    assert len(set(BODY_PART_IDENTIFIERS.values())) == len(BODY_PART_IDENTIFIERS) > 90


@pytest.mark.parametrize("part", BODY_PART_IDENTIFIERS)
def test_identifiers_are_those_that_dicom_lists_under_the_same_name(part):
    """Independent: pydicom's copy of the context groups of DICOM PS3.16."""
    number = BODY_PART_IDENTIFIERS[part].removeprefix("SCT:")
    listed = [codes[number] for codes in concepts["SCT"].values() if number in codes]
    names = {name.lower() for name, groups, *_ in listed if REGIONS.intersection(groups)}
    assert NAMED.get(part, BODY_PART.codes[part]) in names


def test_every_class_says_what_it_is():
    assert all(len(label) > 3 for label in SERIES_CLASS.codes.values())

"""Codes about images."""

import re

from oncommons.schema.image_codes import BODY_PART_IDENTIFIERS
from oncommons.schema.vocabulary import BODY_PART, SERIES_CLASS


def test_identifiers_belong_to_body_parts_and_are_opaque_numbers():
    assert BODY_PART_IDENTIFIERS.keys() <= BODY_PART.codes.keys()
    assert all(re.fullmatch(r"SCT:[0-9]{6,10}", name) for name in BODY_PART_IDENTIFIERS.values())


def test_no_two_body_parts_share_an_identifier():
    assert len(set(BODY_PART_IDENTIFIERS.values())) == len(BODY_PART_IDENTIFIERS) > 90


def test_identifiers_are_those_that_dicom_lists():
    published = {"BREAST": "76752008", "PROSTATE": "41216001", "LUNG": "39607008", "BRAIN": "12738006"}
    assert {part: BODY_PART_IDENTIFIERS[part] for part in published} == {p: f"SCT:{n}" for p, n in published.items()}


def test_every_class_says_what_it_is():
    assert all(len(label) > 3 for label in SERIES_CLASS.codes.values())

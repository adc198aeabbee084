"""Table E.1-1 says what becomes of an attribute, and nothing escapes it."""

import pytest
from pydicom.datadict import DicomDictionary, tag_for_keyword

from oncommons.imaging.deid.rules import (
    CANCER_RESEARCH,
    COLUMNS,
    Action,
    Profile,
    action_of,
    annex_e,
    code_of,
)
from oncommons.imaging.dictionary import value_representations

BASIC = Profile("basic", frozenset())


def profile(*options):
    return Profile("some", frozenset(options))


def test_the_table_has_all_its_plain_tags():
    assert len(annex_e()) == 653


def test_every_code_of_the_table_is_one_of_the_standard():
    basic = {part for row in annex_e().values() for part in row["basic"].rstrip("*").split("/")}
    options = {row[name] for row in annex_e().values() for name in COLUMNS if name in row}
    assert basic == {"X", "Z", "D", "U"}
    assert options == {"K", "C"}


@pytest.mark.parametrize(
    ("keyword", "row"),
    [
        ("PatientBirthDate", {"basic": "Z"}),
        ("PatientName", {"basic": "Z"}),
        ("SeriesDescription", {"basic": "X", "descriptors": "C"}),
        ("SOPInstanceUID", {"basic": "U", "uids": "K"}),
        ("PatientAge", {"basic": "X", "patient": "K"}),
        ("PatientWeight", {"basic": "X", "patient": "K"}),
        ("StudyDate", {"basic": "Z", "dates": "K", "modified": "C"}),
        ("AccessionNumber", {"basic": "Z"}),
        ("InstitutionName", {"basic": "X/Z/D", "institution": "K"}),
    ],
)
def test_known_rows_say_what_the_standard_says(keyword, row):
    assert annex_e()[tag_for_keyword(keyword)] == row


@pytest.mark.parametrize(
    ("keyword", "options", "code"),
    [
        ("StudyDate", (), "Z"),
        ("StudyDate", ("dates",), "K"),
        ("StudyDate", ("dates", "modified"), "C"),
        ("SeriesDescription", (), "X"),
        ("SeriesDescription", ("descriptors",), "C"),
        ("PatientAge", ("patient",), "K"),
        ("PatientAge", ("device",), "X"),
        ("InstitutionName", (), "D"),
        ("InstitutionName", ("institution",), "K"),
        ("Rows", tuple(COLUMNS), ""),
    ],
)
def test_options_combine_and_cleaning_wins_over_keeping(keyword, options, code):
    assert code_of(tag_for_keyword(keyword), profile(*options)) == code


@pytest.mark.parametrize(
    ("keyword", "action"),
    [
        ("PatientName", Action.PATIENT),
        ("PatientID", Action.PATIENT),
        ("PatientBirthDate", Action.EMPTY),
        ("PatientAge", Action.AGE),
        ("PatientWeight", Action.KEEP),
        ("StudyDate", Action.DATE),
        ("StudyTime", Action.KEEP),
        ("SeriesDescription", Action.TEXT),
        ("SOPInstanceUID", Action.UID),
        ("ReferencedSOPInstanceUID", Action.UID),
        ("AnnotationGroupUID", Action.UID),
        ("PixelData", Action.PIXELS),
        ("Rows", Action.KEEP),
        ("ROIContourSequence", Action.SEQUENCE),
        ("OtherPatientIDsSequence", Action.REMOVE),
        ("DigitalSignaturesSequence", Action.REMOVE),
        ("DeidentificationMethod", Action.REMOVE),
        ("EvaluatorName", Action.REMOVE),
    ],
)
def test_the_default_profile_does_what_cancer_research_needs(keyword, action):
    tag = tag_for_keyword(keyword)
    assert action_of(tag, value_representations()[tag].split(" ")[0], CANCER_RESEARCH) is action
    assert action_of(tag, "", CANCER_RESEARCH) is action


@pytest.mark.parametrize("tag", [0x52009229, 0x52009230])
def test_what_holds_the_geometry_of_frames_is_entered(tag):
    assert action_of(tag, "SQ", CANCER_RESEARCH) is Action.SEQUENCE


@pytest.mark.parametrize("tag", [0x00090010, 0x00091001, 0x50003000, 0x60003000, 0x60FE4000, 0x00080000, 0x00080007])
def test_private_unknown_and_graphic_attributes_go(tag):
    assert action_of(tag, "LO", CANCER_RESEARCH) is Action.REMOVE
    assert action_of(tag, "", CANCER_RESEARCH) is Action.REMOVE


@pytest.mark.parametrize("chosen", [BASIC, CANCER_RESEARCH, profile(*COLUMNS)], ids=["basic", "default", "all"])
def test_every_attribute_of_the_standard_has_an_action(chosen):
    for tag, vr in value_representations().items():
        found = {action_of(tag, one, chosen) for one in ("", *vr.replace(" or ", " ").split())}
        assert found <= set(Action)
        assert len(found) == 1 or vr.startswith(("OB", "US")) or vr == "NONE"


def test_another_value_representation_than_the_standard_s_goes():
    for tag, vr in value_representations().items():
        if vr != "UT":
            assert action_of(tag, "UT", CANCER_RESEARCH) is Action.REMOVE, hex(tag)


def test_no_name_of_a_person_is_kept():
    names = [tag for tag, row in DicomDictionary.items() if row[0] == "PN"]
    kept = {tag for tag in names if action_of(tag, "PN", CANCER_RESEARCH) in {Action.KEEP, Action.TEXT}}
    assert kept == set()


def test_no_uid_and_no_date_is_kept():
    actions = {v: action_of(t, v, CANCER_RESEARCH) for t, v in value_representations().items() if v in {"DA", "DT"}}
    assert Action.KEEP not in actions.values()
    kept = {t for t, v in value_representations().items() if v == "UI" and action_of(t, v, BASIC) is Action.KEEP}
    assert kept == set()

"""Structured reports: numbers, codes and references stay; names, dates and free text do not stay as they were."""

import pytest
from tests.imaging.files import KEYS, SYNTAXES, file, image, read

from oncommons.imaging.deid.clean import deidentify
from oncommons.imaging.deid.content import VALUES, capped, content_action, content_code, content_items
from oncommons.imaging.deid.rules import CANCER_RESEARCH, Action, Profile

COMPREHENSIVE_3D, MR = "1.2.840.10008.5.1.4.1.1.88.34", "1.2.840.10008.5.1.4.1.1.4"
FINDING, COMMENT, AGE = (b"121071", b"DCM"), (b"121106", b"DCM"), (b"121033", b"DCM")
BASIC = Profile("basic", frozenset())


def code(value, scheme, meaning):
    return [(0x00080100, "SH", value), (0x00080102, "SH", scheme), (0x00080104, "LO", meaning)]


def item(kind, concept, *rest):
    start = [(0x0040A010, "CS", "CONTAINS"), (0x0040A040, "CS", kind), (0x0040A043, "SQ", [concept])]
    return [*start, *rest]


def number(concept, value, unit):
    measured = [(0x004008EA, "SQ", [unit]), (0x0040A30A, "DS", value)]
    return item("NUM", concept, (0x0040A300, "SQ", [measured]))


def text(value, concept):
    return item("TEXT", concept, (0x0040A160, "UT", value))


IMAGE = [[(0x00081150, "UI", MR), (0x00081155, "UI", "1.2.3.4.5.6")]]
GROUP = [
    text("Lesion 1", code("112039", "DCM", "Tracking Identifier")),
    item("UIDREF", code("112040", "DCM", "Tracking Unique Identifier"), (0x0040A124, "UI", "1.2.3.4.99")),
    item("CODE", code("121071", "DCM", "Finding"), (0x0040A168, "SQ", [code("108369006", "SCT", "Neoplasm")])),
    item("IMAGE", code("121324", "DCM", "Source image"), (0x00081199, "SQ", IMAGE)),
    item("SCOORD", code("111030", "DCM", "Image Region"), (0x00700022, "FL", b"\0\0\x80\x3f" * 8)),
    number(code("118565006", "SCT", "Volume"), "1234.5", code("mm3", "UCUM", "cubic millimeter")),
    number(
        code("126401", "DCM", "SUVbw"), "7.25", code("g/ml{SUVbw}", "UCUM", "Standardized Uptake Value body weight")
    ),
    text("Seen by Zebediah in the left lung", code("121106", "DCM", "Comment")),
]
"""A measurement group of TID 1411 (PS3.16)."""


def report(*items, syntax=SYNTAXES["explicit"]):
    tree = [item("CONTAINER", code("125007", "DCM", "Measurement Group"), (0x0040A730, "SQ", list(items)))]
    more = [
        (0x00080016, "UI", COMPREHENSIVE_3D),
        (0x00080060, "CS", "SR"),
        (0x0040A040, "CS", "CONTAINER"),
        (0x0040A043, "SQ", [code("126000", "DCM", "Imaging Measurement Report")]),
        (0x0040A730, "SQ", tree),
    ]
    raw = file(image(*more, without=(0x7FE00010, 0x00280010, 0x00280011)), syntax)
    return read(raw), read(deidentify(raw, CANCER_RESEARCH, KEYS).content)


def inside(dataset):
    return dataset.ContentSequence[0].ContentSequence


@pytest.mark.parametrize("syntax", SYNTAXES.values(), ids=SYNTAXES)
def test_a_measurement_report_keeps_its_numbers_codes_regions_and_references(syntax):
    old, new = report(*GROUP, syntax=syntax)
    names = [(i.ConceptNameCodeSequence[0].CodeValue, i.ConceptNameCodeSequence[0].CodeMeaning) for i in inside(new)]
    assert names == [
        (i.ConceptNameCodeSequence[0].CodeValue, i.ConceptNameCodeSequence[0].CodeMeaning) for i in inside(old)
    ]
    tracking, uid, finding, source, region, volume, uptake, comment = inside(new)
    assert tracking.TextValue == "Lesion 1"
    assert KEYS.uid(b"1.2.3.4.99").decode() == uid.UID
    assert finding.ConceptCodeSequence[0] == inside(old)[2].ConceptCodeSequence[0]
    assert source.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == new.SOPInstanceUID
    assert region.GraphicData == [1.0] * 8 or syntax == SYNTAXES["big"]
    for measured, value, unit in ((volume, "1234.5", "mm3"), (uptake, "7.25", "g/ml{SUVbw}")):
        assert str(measured.MeasuredValueSequence[0].NumericValue) == value
        assert measured.MeasuredValueSequence[0].MeasurementUnitsCodeSequence[0].CodeValue == unit
    assert comment.TextValue == "by in left lung"


@pytest.mark.parametrize(
    ("concept", "value", "kept"),
    [
        (("121106", "DCM", "Comment"), "Zebediah", "REMOVED"),
        (("121022", "DCM", "Accession Number"), "778812", "REMOVED"),
        (("121030", "DCM", "Subject ID"), "778812", KEYS.patient(b"MRN-778812").decode()),
        (("113877", "DCM", "Device Name"), "CT Zebediah", "REMOVED"),
        (("111001", "DCM", "Algorithm Name"), "Nodule detection of Zebediah", "Nodule detection of"),
        (("1", "99LOCAL", "Local"), "Mass of Zebediah", "Mass of"),
        (("121106", "DCM", "Comment"), "", ""),
    ],
)
def test_text_is_cleaned_by_what_it_means(concept, value, kept):
    _, new = report(text(value, code(*concept)))
    assert inside(new)[0].TextValue == kept


def test_lesions_with_names_of_people_can_still_be_told_apart():
    identifier = code("112039", "DCM", "Tracking Identifier")
    _, new = report(*(text(f"Zebediah {n}", identifier) for n in (1, 2, 1)))
    first, second, again = (i.TextValue for i in inside(new))
    assert first == again != second
    assert "Zebediah" not in first


def test_names_go_and_the_patient_s_becomes_the_pseudonym():
    subject, observer = code("121029", "DCM", "Subject Name"), code("121008", "DCM", "Person Observer Name")
    _, new = report(*(item("PNAME", c, (0x0040A123, "PN", "Quackenbush^Zebediah")) for c in (subject, observer)))
    assert [i.PersonName for i in inside(new)] == [new.PatientID, "REMOVED"]


def test_dates_move_and_the_birth_date_goes():
    study, birth = code("111060", "DCM", "Study Date"), code("121031", "DCM", "Subject Birth Date")
    dates = [item("DATE", c, (0x0040A121, "DA", "20040119")) for c in (study, birth)]
    _, new = report(*dates, item("DATETIME", study, (0x0040A120, "DT", "20040119101112")))
    assert [inside(new)[0].Date, inside(new)[1].Date] == [new.StudyDate, ""]
    assert inside(new)[2].DateTime == f"{new.StudyDate}101112"


@pytest.mark.parametrize(
    ("age", "unit", "kept"), [("95", "a", "90"), ("89", "a", "89"), ("95", "d", "95"), ("x", "a", "")]
)
def test_an_age_above_89_years_becomes_90(age, unit, kept):
    _, new = report(number(code("121033", "DCM", "Subject Age"), age, code(unit, "UCUM", "unit")))
    found = inside(new)[0].MeasuredValueSequence[0].NumericValue
    assert ("" if found is None else str(found)) == kept


def test_the_table_is_that_of_the_standard():
    assert len(content_items()) == 214
    assert {row["basic"] for row in content_items().values()} == {"X", "D", "X/D"}


@pytest.mark.parametrize(
    ("concept", "kind", "profile", "said"),
    [
        (COMMENT, "TEXT", CANCER_RESEARCH, "C"),
        (COMMENT, "TEXT", BASIC, "X"),
        (AGE, "NUM", CANCER_RESEARCH, "K"),
        (AGE, "NUM", BASIC, "X"),
        ((b"1", b"99LOCAL"), "TEXT", BASIC, ""),
        (FINDING, "CODE", BASIC, ""),
    ],
)
def test_options_say_what_becomes_of_a_concept(concept, kind, profile, said):
    assert content_code(concept, kind, profile) == said


@pytest.mark.parametrize(("tag", "kind"), VALUES.items())
def test_every_kind_of_value_has_an_action_for_every_concept(tag, kind):
    for concept in {concept for concept, _ in content_items()} | {(b"", b"")}:
        for profile in (BASIC, CANCER_RESEARCH, Profile("device", frozenset({"device", "dates"}))):
            action = content_action(tag, concept, profile)
            assert isinstance(action, Action)
            assert kind != "PNAME" or action in {Action.DUMMY, Action.PATIENT}


def test_only_ages_in_years_are_capped():
    assert capped(b"95", AGE, (b"a", b"UCUM")) == b"90"
    assert capped(b"95", FINDING, (b"a", b"UCUM")) == b"95"

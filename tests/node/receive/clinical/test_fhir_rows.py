"""One resource becomes rows."""

import pytest
from tests.node.bundles import ATC, ICD, ICDO, LOINC, OPS, coded, patient, resource

from oncommons.node.receive.clinical.fhir_rows import READERS, Making, references, state_of, subject_of


def made(body, medications=()):
    making = Making(body, "item", dict(medications).get, str.strip)
    READERS[body["resourceType"]](making)
    return making.rows, [(at, fault.code) for at, fault in making.faults]


def test_a_patient_is_a_person_and_perhaps_a_death():
    rows, faults = made(patient(birthDate="1950-02", deceasedDateTime="2020-01-01"))
    assert ([t for t, *_ in rows], faults) == (["person", "death"], [])
    assert (rows[0][2]["code"], rows[0][2]["year_of_birth"], rows[1][2]["death_date"]) == ("M", "1950", "2020-01-01")
    rows, _ = made(patient(deceasedBoolean=False, gender="unknown"))
    assert (rows[1][2]["value_code"], "code" in rows[0][2]) == ("ALIVE", False)


def test_a_condition_has_a_site_a_histology_and_a_stage():
    histology = {
        "url": "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-histology-morphology-behavior",
        "valueCodeableConcept": coded(ICDO, "8140/3"),
    }
    stage = [{"summary": {"text": "IIB"}}, {"summary": {"text": "IV"}, "assessment": [{"reference": "Observation/1"}]}]
    body = resource(
        "Condition", code=coded(ICD, "C34.1"), bodySite=[coded(ICDO, "C34.1")], extension=[histology], stage=stage
    )
    rows, faults = made(body | {"recordedDate": "2020-02"})
    told = {values.get("code"): values.get("value_code") for _, _, values in rows}
    assert told == {"ICD10:C34.1": None, "TOPOGRAPHY": "ICDO3:C34.1", "MORPHOLOGY": "ICDO3:8140/3", "STAGE": "IIB"}
    assert (rows[0][2]["partial_date"], faults) == ("2020-02", [])


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"valueQuantity": {"value": "4.50", "unit": "ng/mL"}}, ("measurement", "4.50", "4.50", None)),
        (
            {"valueQuantity": {"value": "0.01", "comparator": "<", "code": "ng/mL"}},
            ("measurement", "<0.01", None, None),
        ),
        ({"valueInteger": "7"}, ("measurement", "7", None, None)),
        ({"valueCodeableConcept": {"text": "Positive"}}, ("observation", "Positive", None, "POSITIVE")),
        ({"valueBoolean": True}, ("observation", "True", None, "POSITIVE")),
        ({"valueString": "pending"}, ("observation", "pending", None, None)),
    ],
)
def test_a_value_of_any_kind_keeps_its_text(value, told):
    rows, _ = made(resource("Observation", code=coded(LOINC, "2857-1"), **value))
    ((table, _, values),) = rows
    assert values["code"] == "PSA"
    assert (table, values["value_source_value"], values.get("canonical_value"), values.get("value_code")) == told


def test_components_are_rows_of_their_own():
    parts = [{"code": coded(LOINC, code), "valueInteger": "1"} for code in ("89247-1", "35266-6")]
    rows, faults = made(resource("Observation", code=coded(LOINC, "1-8"), component=parts))
    assert ([(item, v["code"]) for _, item, v in rows], faults) == (
        [("item.component.0", "ECOG"), ("item.component.1", "GLEASON")],
        [],
    )


def test_what_cannot_be_read_is_told():
    quantity = {"value": "high", "unit": "ng/mL"}
    rows, faults = made(
        resource("Observation", code=coded(LOINC, "x"), valueQuantity=quantity, effectiveDateTime="soon")
    )
    assert faults == [("code", "E332"), ("effectiveDateTime", "E334"), ("valueQuantity.value", "E336")]
    assert rows[0][2]["value_source_value"] == "high"
    _, faults = made(resource("Observation", code=coded(LOINC, "2857-1"), valueQuantity={"value": "1", "unit": "mm"}))
    assert faults == [("valueQuantity", "E336")]


@pytest.mark.parametrize(
    ("body", "code", "kind"),
    [
        (resource("Procedure", code=coded(OPS, "5-604")), "OPS:5-604", "SURGERY"),
        (resource("Procedure", code=coded("http://snomed.info/sct", "387713003")), "SCT:387713003", "SURGERY"),
        (
            resource("Procedure", code=coded(OPS, "9-500"), category=coded("http://snomed.info/sct", "103693007")),
            "OPS:9-500",
            "DIAGNOSTIC",
        ),
        (
            resource("MedicationStatement", medicationCodeableConcept=coded(ATC, "L01CD01")),
            "ATC:L01CD01",
            "CHEMOTHERAPY",
        ),
        (
            resource("MedicationStatement", medicationReference={"reference": "Medication/m"}),
            "ATC:L02BA01",
            "HORMONE",
        ),
        (
            resource(
                "MedicationStatement",
                medicationReference={"reference": "#in"},
                contained=[{"resourceType": "Medication", "id": "in", "code": coded(ATC, "A10")}],
            ),
            "ATC:A10",
            None,
        ),
    ],
)
def test_a_treatment_has_a_code_and_a_kind(body, code, kind):
    rows, faults = made(body, {"Medication/m": coded(ATC, "L02BA01")}.items())
    assert (rows[0][2]["code"], rows[0][2].get("value_code"), faults) == (code, kind, [])


def test_imaging_names_its_study():
    named = [{"system": "urn:dicom:uid", "value": "urn:oid:1.2.3"}, {"value": "ACC1"}]
    rows, _ = made(resource("ImagingStudy", identifier=named, started="2020-01-01"))
    assert [(t, v["image_study_uid"]) for t, _, v in rows] == [("image_occurrence", "1.2.3")]


def test_states_references_and_subjects_are_read():
    refuted = coded("http://terminology.hl7.org/CodeSystem/condition-ver-status", "refuted")
    assert state_of(resource("Condition", verificationStatus=refuted)) == "refuted"
    assert state_of(resource("Procedure", status="not-done")) == "not-done"
    assert list(references(patient("x"), "urn:uuid:1")) == ["Patient/x", "urn:uuid:1"]
    assert subject_of(resource("Procedure", "https://h.example.org/fhir/Patient/9")) == "Patient/9"

"""FHIR on its way into the node."""

import json
from functools import partial

import pytest
from tests.node.bundles import ATC, ICD, bundle, coded, patient, resource, story, write_bundle, write_lines

from oncommons.node.clinical import import_clinical, names_at
from oncommons.node.desk import Desk
from oncommons.node.receive.clinical.fhir import FhirSource, receive_fhir
from oncommons.node.receive.clinical.records import AS_GIVEN
from oncommons.schema.errors_of_rows import NotFhir

TRUE = (
    {"field": "sex", "in": ["M"]},
    {"field": "birth_year", "between": [1950, 1950]},
    {"field": "vital_status", "in": ["DEAD"]},
    {"field": "follow_up", "between": [826, 826]},
    {
        "some": "condition",
        "where": {
            "all": [
                {"field": "code", "in": ["SITE:PROSTATE"]},
                {"field": "topography", "in": ["ICDO3:C61"]},
                {"field": "age_at_diagnosis", "between": [69, 69]},
                {"field": "clinical_t", "in": ["T2"]},
                {"field": "stage", "in": ["II"]},
            ]
        },
    },
    {
        "some": "measurement",
        "where": {
            "all": [
                {"field": "marker", "in": ["PSA"]},
                {"field": "value", "between": [4.5, 4.5]},
                {"field": "measured_after", "between": [30, 30]},
            ]
        },
    },
    {
        "some": "treatment",
        "where": {
            "all": [{"field": "treatment_kind", "in": ["SURGERY"]}, {"field": "treated_after", "between": [60, 60]}]
        },
    },
    {
        "some": "treatment",
        "where": {
            "all": [{"field": "treatment_kind", "in": ["SYSTEMIC"]}, {"field": "treated_after", "between": [90, 90]}]
        },
    },
)
"""What the story says, each to be found for certain; the days counted by hand."""


def take(home, path, names=AS_GIVEN, identifier=""):
    return import_clinical(home, partial(receive_fhir, source=FhirSource(path, "d", identifier), names=names))


def person_names(home):
    with home.tables.open() as base:
        return [name for (name,) in base.execute("SELECT id FROM person ORDER BY id").fetchall()]


@pytest.mark.parametrize("way", ["bundle", "lines", "folder"])
def test_a_story_told_in_any_form_is_answered(home, tmp_path, way):
    (tmp_path / "f").mkdir()
    if way == "folder":
        for body in story():
            file = tmp_path / "f" / f"{body['resourceType']}.ndjson"
            before = file.read_text(encoding="utf-8") if file.exists() else ""
            write_lines(file, body)
            file.write_text(before + file.read_text(encoding="utf-8"), encoding="utf-8")
    path = {
        "bundle": lambda: write_bundle(tmp_path / "b.json", *story()),
        "lines": lambda: write_lines(tmp_path / "l.ndjson", *story()),
        "folder": lambda: tmp_path / "f",
    }[way]()
    report = take(home, path)
    assert (report.taken.read, report.taken.refused, report.taken.faults) == (7, 0, {})
    assert person_names(home) == ["4711"]
    for criterion in TRUE:
        (dataset,) = Desk(home).answer({"count": "person", "where": criterion}).datasets
        assert (dataset.certain.at_least, dataset.possible.at_least) == (1, 1), criterion


def test_a_folder_may_hold_bundles_and_lines_and_what_is_not_read_is_told(home, tmp_path):
    folder = tmp_path / "f"
    (folder / "sub").mkdir(parents=True)
    write_bundle(folder / "a.json", *story()[:3])
    write_lines(folder / "b.ndjson", *story()[3:6])
    (folder / "c.JSON").write_text(json.dumps(story()[6]), encoding="utf-8")
    (folder / "export.json").write_text('{"output": [{"type": "Patient"}]}', encoding="utf-8")
    (folder / "list.json").write_text("[]", encoding="utf-8")
    (folder / "notes.txt").touch()
    report = take(home, folder)
    assert (report.taken.read, report.taken.refused) == (7, 0)
    assert report.to_json()["skipped"] == [
        "export.json, which holds no resource of FHIR",
        "list.json, which holds no resource of FHIR",
        "notes.txt, which ends neither in .ndjson nor in .json",
        "sub, a folder",
    ]
    for criterion in TRUE:
        (dataset,) = Desk(home).answer({"count": "person", "where": criterion}).datasets
        assert (dataset.certain.at_least, dataset.possible.at_least) == (1, 1), criterion


def test_a_damaged_file_in_a_folder_stops_the_import(home, tmp_path):
    (tmp_path / "f").mkdir()
    write_bundle(tmp_path / "f" / "a.json", *story())
    (tmp_path / "f" / "b.json").write_text('{"output": [', encoding="utf-8")
    with pytest.raises(NotFhir, match=r"b\.json"):
        take(home, tmp_path / "f")


def test_people_are_called_as_their_images_are(home, tmp_path):
    path = write_bundle(tmp_path / "b.json", patient(number="4711"))
    names = names_at(home)
    take(home, path, names)
    assert person_names(home) == [names.person("4711")]
    take(home, path, names, identifier="urn:insurance")
    assert person_names(home) == [names.person("X1")]


def test_resources_that_do_not_count_are_told(home, tmp_path):
    wrong = coded("http://terminology.hl7.org/CodeSystem/condition-ver-status", "entered-in-error")
    path = write_bundle(
        tmp_path / "b.json",
        patient(),
        resource("Condition", verificationStatus=wrong, code=coded(ICD, "C61")),
        resource("Condition", "Patient/other", code=coded(ICD, "C61")),
        {"resourceType": "Condition", "code": coded(ICD, "C61")},
        {"no": "type"},
        {"resourceType": "Encounter"},
        patient(gender="female"),
        resource("ImagingStudy", identifier=[{"value": "urn:oid:1.2"}]),
    )
    report = take(home, path)
    assert [(f.row, f.code, f.kept) for f in report.taken.first] == [
        (2, "E330", False),
        (3, "E337", False),
        (4, "E331", False),
        (5, "E338", False),
        (7, "E333", True),
        (8, "E337", True),
    ]
    assert (report.taken.refused, report.taken.passed_over) == (4, {"Encounter": 1})


def test_what_is_not_fhir_changes_nothing(home, tmp_path):
    take(home, write_bundle(tmp_path / "b.json", patient()))
    (tmp_path / "x.json").write_text('{"resourceType": "Bundle", "entry": [{"resource"', encoding="utf-8")
    (tmp_path / "empty").mkdir()
    for name in ("x.json", "empty"):
        with pytest.raises(NotFhir):
            take(home, tmp_path / name)
    assert person_names(home) == ["4711"]


def test_a_bundle_of_nothing_is_a_source_of_nothing(home, tmp_path):
    (tmp_path / "b.json").write_text(str(bundle()).replace("'", '"'), encoding="utf-8")
    assert take(home, tmp_path / "b.json").taken.read == 0


def test_patients_without_a_number_of_the_hospital_are_nobody_and_not_one_another(home, tmp_path):
    strangers = [{"resourceType": "Patient", "id": name, "gender": "male"} for name in ("4711", "4712")]
    path = write_bundle(tmp_path / "b.json", *strangers, resource("Condition", "Patient/4711", code=coded(ICD, "C61")))
    source = FhirSource(path, "d", identifier="urn:h")
    report = import_clinical(home, partial(receive_fhir, source=source, names=names_at(home)))
    assert report.taken.refused == 3


def test_patients_whom_several_files_call_alike_stay_apart(home, tmp_path):
    """Each export calls its only patient a; one patient has no number, and a list beside them says nothing of whom."""
    folder = tmp_path / "f"
    folder.mkdir()
    for n, code in enumerate(("C61", "C61", "C50.4")):
        write_bundle(folder / f"{n}.json", patient("a", f"p{n}"), resource("Condition", id="c", code=coded(ICD, code)))
    write_bundle(
        folder / "3.json",
        patient("a", identifier=[{"system": "urn:insurance", "value": "X1"}]),
        resource("Condition", id="c", code=coded(ICD, "C18.0")),
    )
    write_lines(folder / "lists.ndjson", resource("Condition", id="d", code=coded(ICD, "C34.1")))
    report = take(home, folder, identifier="urn:h")
    assert person_names(home) == ["p0", "p1", "p2"]
    assert (report.taken.refused, dict(report.taken.faults)) == (3, {"E331": 1, "E337": 2})
    for code, number in (("ICD10:C61", 2), ("ICD10:C50.4", 1), ("ICD10:C18.0", 0), ("ICD10:C34.1", 0)):
        where = {"some": "condition", "where": {"field": "code", "in": [code]}}
        (dataset,) = Desk(home).answer({"count": "person", "where": where}).datasets
        assert dataset.certain.at_least == number, code


def test_a_medication_that_means_several_things_is_told_and_kept_without_its_code(home, tmp_path):
    folder = tmp_path / "f"
    folder.mkdir()
    given = {"medicationReference": {"reference": "Medication/m"}, "effectivePeriod": {"start": "2020-04-30"}}
    medications = [
        {"resourceType": "Medication", "id": "m", "code": coded(ATC, code)} for code in ("L02BB04", "L01XA01")
    ]
    write_bundle(folder / "a.json", patient("a", "p0"), medications[0], resource("MedicationStatement", **given))
    write_bundle(folder / "b.json", patient("b", "p1"), medications[1])
    write_lines(folder / "c.ndjson", resource("MedicationStatement", "Patient/b", **given))
    report = take(home, folder)
    assert (report.taken.refused, dict(report.taken.faults)) == (0, {"E337": 1})
    where = {"some": "treatment", "where": {"field": "treatment_kind", "in": ["SYSTEMIC"]}}
    (dataset,) = Desk(home).answer({"count": "person", "where": where}).datasets
    assert dataset.certain.at_least == 1

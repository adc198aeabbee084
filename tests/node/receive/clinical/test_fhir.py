"""FHIR on its way into the node."""

import json
from functools import partial

import duckdb
import pytest
from tests.node.bundles import ATC, ICD, OPS, bundle, coded, patient, resource, story, write_bundle, write_lines
from tests.node.clinicals import held

from oncommons.node.clinical import import_clinical, names_at
from oncommons.node.desk import Desk
from oncommons.node.home import make_home
from oncommons.node.receive.clinical.fhir import receive_fhir
from oncommons.node.receive.clinical.fhir_source import FhirSource
from oncommons.node.receive.clinical.records import AS_GIVEN, Names
from oncommons.node.receive.clinical.resuming import Readings
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


def export(folder, damage=None):
    """Three patients of whom two are treated and one is diagnosed; the file of one and of treatments can be damaged."""
    folder.mkdir(exist_ok=True)
    treatments = [resource("Procedure", f"Patient/{name}", code=coded(OPS, "5-604.0")) for name in "ca"]
    write_lines(folder / "a.ndjson", *[patient(n, number) for n, number in (("a", "4711"), ("b", "4712"))])
    write_bundle(folder / "t.json", patient("c", "4713"), *treatments)
    write_bundle(folder / "u.json", patient("b", "4712"), resource("Condition", "Patient/b", code=coded(ICD, "C61")))
    write_lines(folder / "v.ndjson", resource("Procedure", "Patient/a", id="v", code=coded(OPS, "5-604.0")))
    if damage is not None:
        whole = (folder / "t.json").read_bytes()
        (folder / "t.json").write_bytes(damage(whole))
    return folder


def counts(home, where):
    (dataset,) = Desk(home).answer({"count": "person", "where": where}).datasets
    return dataset.certain.at_least, dataset.possible.at_least


UNTREATED, UNDIAGNOSED = {"not": {"some": "treatment"}}, {"not": {"some": "condition"}}
DAMAGES = {
    "cut": lambda whole: whole[:-40],
    "empty": lambda whole: b"",
    "xml": lambda whole: b"<Bundle/>",
    "twice": lambda whole: whole + whole,
    "broken": lambda whole: whole.replace(b'"Procedure", ', b'"Procedure" '),
}


@pytest.mark.parametrize("kind", DAMAGES)
def test_of_a_damaged_file_nothing_is_taken_and_nobody_is_certainly_untreated(home, tmp_path, kind):
    report = take(home, export(tmp_path / "f", DAMAGES[kind]))
    (fault,) = report.taken.first
    assert (fault.at, fault.code, fault.kept, report.taken.damaged) == ("t.json", "E338", False, ("t.json",))
    assert fault.message.startswith("t.json ")
    assert fault.message.endswith("Nothing of this file was taken.")
    assert not report.is_complete
    assert person_names(home) == ["4711", "4712"]
    assert (counts(home, UNTREATED), counts(home, UNDIAGNOSED)) == ((0, 1), (0, 1))


def test_a_file_that_cannot_be_opened_is_told_as_damaged(home, tmp_path):
    folder = export(tmp_path / "f")
    (folder / "x.ndjson").symlink_to(tmp_path / "nowhere")
    report = take(home, folder)
    assert (report.taken.damaged, person_names(home)) == (("x.ndjson",), ["4711", "4712", "4713"])


@pytest.mark.parametrize("kind", ["cut", "line", "latin"])
def test_an_import_after_the_repair_is_like_a_first_import_of_what_is_whole(home, tmp_path, kind):
    folder, clean = export(tmp_path / "f"), make_home(tmp_path / "clean", home.policy)
    take(clean, folder)
    if kind == "cut":
        export(folder, DAMAGES["cut"])
    else:
        start, rest = (
            b'{"resourceType"',
            b'{"language": "\xfc", "resourceType"' if kind == "latin" else b'{"resourceType',
        )
        (folder / "v.ndjson").write_bytes((folder / "v.ndjson").read_bytes().replace(start, rest))
    report = take(home, folder)
    assert (dict(report.taken.faults), report.is_complete) == (
        {"E335" if kind == "latin" else "E338": 1},
        kind == "latin",
    )
    told = held(home)
    assert take(home, folder) == report
    assert held(home) == told != held(clean)
    take(home, export(folder))
    assert held(home) == held(clean)
    assert (counts(home, UNTREATED), counts(home, UNDIAGNOSED)) == ((1, 1), (2, 2))


def test_a_patient_of_whom_a_damaged_file_says_something_else_is_not_guessed(home, tmp_path):
    """The list beside them may mean either patient a, and of patient b nobody but the damaged file tells."""
    folder = tmp_path / "f"
    folder.mkdir()
    write_bundle(folder / "1.json", patient("a", "p1"))
    whole = json.dumps(bundle(patient("a", "p2"), patient("b", "p3")))
    (folder / "2.json").write_text(whole[:-2], encoding="utf-8")
    write_lines(folder / "l.ndjson", *[resource("Condition", f"Patient/{n}", code=coded(ICD, "C61")) for n in "ab"])
    report = take(home, folder)
    assert [(f.row, f.at, f.code) for f in report.taken.first] == [
        (1, "l.ndjson", "E337"),
        (2, "l.ndjson", "E337"),
        (3, "2.json", "E338"),
    ]
    assert person_names(home) == ["p1"]


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
    (tmp_path / "y.json").write_text(
        json.dumps(bundle(patient(number="1"), patient(number="2")))[:-9], encoding="utf-8"
    )
    (tmp_path / "z.ndjson").write_bytes(b"\xff\xfe{\x00\n\x00}\x00\n<Patient/>\n")
    (tmp_path / "empty").mkdir()
    (tmp_path / "damaged").mkdir()
    for name in ("x.json", "y.json", "z.ndjson"):
        (tmp_path / "damaged" / name).write_bytes((tmp_path / name).read_bytes())
    for name in ("x.json", "y.json", "z.ndjson", "empty", "damaged"):
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


def test_of_a_file_whose_bytes_are_not_known_nothing_is_kept(tmp_path):
    source = FhirSource(write_bundle(tmp_path / "a.json", *story()), "d")
    vars(source)["digests"] = {source.path: ""}  # as where it could not be read just then
    with duckdb.connect() as base:
        receive_fhir(base, source, Names(str, str), Readings(tmp_path / "r"))
    assert not (tmp_path / "r").exists()

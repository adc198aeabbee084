"""Clinical data through the stages, and how they meet images."""

from functools import partial

import pytest
from tests.node.bundles import patient, resource, write_bundle
from tests.node.checked import keep
from tests.node.clinicals import held, mapping_of, take_text, write_rows
from tests.node.images import ROOT, dicom
from tests.node.tables import import_rows

from oncommons.node.clinical import faults_of, import_clinical, names_at, remove_clinical
from oncommons.node.desk import Desk
from oncommons.node.home import make_home
from oncommons.node.receive.clinical.fhir import receive_fhir
from oncommons.node.receive.clinical.fhir_source import FhirSource
from oncommons.node.receive.clinical.table import receive_clinical_table
from oncommons.policy.disclosure.counts import Policy
from oncommons.schema.errors import BadMapping, NotFound
from oncommons.schema.errors_of_rows import SourceTwice

DIAGNOSES = '[[tables]]\ntable = "condition_occurrence"\ncode = "icd"\ndate = "on"\n'
IMAGED = {"all": [{"some": "series", "where": {"field": "modality", "in": ["CT"]}}, {"some": "condition"}]}


def test_a_row_with_the_number_of_the_hospital_meets_the_images_of_the_patient(home, tmp_path):
    keep(home, tmp_path, {"a.dcm": dicom(patient="ZQX-4711"), "b.dcm": dicom(study=2, patient="ZQX-4712")}, dataset="d")
    rows = [{"id": " ZQX-4711", "icd": "C34.1", "on": "2020-01-01"}, {"id": "ZQX-9", "icd": "C61", "on": "2020-01-01"}]
    mapping = mapping_of(DIAGNOSES, identifiers="numbers")
    path = write_rows(tmp_path / "t.csv", rows)
    receive = partial(receive_clinical_table, path=path, mapping=mapping, names=names_at(home))
    assert import_clinical(home, receive).links == {"both": 1, "clinical": 1, "images": 1}
    (dataset,) = Desk(home).answer({"count": "person", "where": IMAGED}).datasets
    assert (dataset.certain.at_least, dataset.possible.at_least) == (1, 2)
    held = home.tables.current().read_bytes()
    assert b"ZQX-4711" not in held
    assert b"ZQX-9" not in held


def test_a_study_that_fhir_names_is_found_or_told(home, tmp_path):
    keep(home, tmp_path, {"a.dcm": dicom(patient="ZQX-4711", study=1)}, dataset="d")
    studies = [resource("ImagingStudy", identifier=[{"value": f"urn:oid:{ROOT}.{n}"}]) for n in (1, 2)]
    path = write_bundle(tmp_path / "b.json", patient(number="ZQX-4711"), *studies)
    report = import_clinical(home, partial(receive_fhir, source=FhirSource(path, "d"), names=names_at(home)))
    assert [(f.row, f.code) for f in report.taken.first] == [(3, "E337")]


def test_the_report_tells_every_fault_and_the_node_keeps_them(home, tmp_path):
    text = "id,icd,on\n1,lung,2020-01-01\n,C61,2020-01-01\n2,C61,soon\n"
    report = take_text(home, tmp_path, text, DIAGNOSES)
    body = report.to_json()
    assert (body["read"], body["refused"], body["faults"]) == (3, 1, {"E331": 1, "E332": 1, "E334": 1})
    assert [(f["row"], f["at"], f["code"], f["kept"]) for f in body["first_faults"]] == [
        (2, "icd", "E332", True),
        (3, "id", "E331", False),
        (4, "on", "E334", True),
    ]
    assert [row[0] for row in faults_of(home, report.taken.source)] == [2, 3, 4]


def test_a_node_without_data_has_no_faults(home, tmp_path):
    report = take_text(home, tmp_path, "id,icd,on\n1,C61,2020-01-01\n", DIAGNOSES)
    home.tables.current().unlink()
    (home.tables.folder / "current").unlink()
    assert faults_of(home, report.taken.source) == []


def test_an_import_that_fails_leaves_the_node_as_it_was(home, tmp_path):
    before = home.tables.current()
    with pytest.raises(BadMapping):
        take_text(home, tmp_path, "number,icd\n1,C61\n", DIAGNOSES)
    assert home.tables.current() == before


SEEN = ({"person": "1", "sex": "F"}, {"person": "2", "sex": "M"})
TOLD = f'{DIAGNOSES}[[tables]]\ntable = "person"\nsex = "sex"\nbirth = "born"\n'
FIRST, SECOND = "id,icd,on\n1,C50,2020-01-01\n7,C61,\n", "id,icd,on,sex,born\n1,C34,2021-01-01,M,1950\n8,lung,,F,\n"


@pytest.mark.parametrize("imaged", [False, True])
@pytest.mark.parametrize("clinical", [False, True])
def test_a_source_that_is_removed_leaves_the_node_as_if_it_had_never_come(tmp_path, imaged, clinical):
    homes = [make_home(tmp_path / name, Policy("open")) for name in ("with", "without")]
    for home in homes:
        import_rows(home, tmp_path, {"person": "9", "collection": "other"}, *(SEEN if imaged else ()))
        if clinical:
            take_text(home, tmp_path, FIRST, DIAGNOSES)
    before = held(homes[0])
    take_text(homes[0], tmp_path, SECOND, TOLD, name="second")
    assert held(homes[0]) != before
    assert remove_clinical(homes[0], "second") == ("d", "second")
    assert held(homes[0]) == held(homes[1]) == before


def test_the_last_source_of_a_node_can_be_removed(home, tmp_path):
    take_text(home, tmp_path, FIRST, DIAGNOSES)
    remove_clinical(home, "table.csv", "d")
    assert Desk(home).answer({"count": "person"}).datasets == ()


def test_a_source_that_is_not_there_or_there_twice_is_not_removed(home, tmp_path):
    with pytest.raises(NotFound, match="It has none"):
        remove_clinical(home, "table.csv")
    take_text(home, tmp_path, FIRST, DIAGNOSES)
    with pytest.raises(NotFound, match=r"Did you mean 'table\.csv'"):
        remove_clinical(home, "tabel.csv")
    assert take_text(home, tmp_path, FIRST, DIAGNOSES, dataset="e").elsewhere == (("d", "table.csv"),)
    with pytest.raises(NotFound, match="--dataset NAME"):
        remove_clinical(home, "table.csv")


def test_the_same_content_under_another_name_is_refused(home, tmp_path):
    take_text(home, tmp_path, FIRST, DIAGNOSES)
    before = held(home)
    with pytest.raises(SourceTwice, match=r"'table.csv'.* --remove"):
        take_text(home, tmp_path, FIRST, DIAGNOSES, name="again")
    assert held(home) == before
    assert take_text(home, tmp_path, FIRST, DIAGNOSES).elsewhere == ()


def test_faults_are_counted_beyond_those_that_are_listed(home, tmp_path):
    rows = "".join(f"{n},{'lung' if n % 2 else 'C61'},2020-01-01\n" for n in range(2500))
    report = take_text(home, tmp_path, f"id,icd,on\n{rows}9999,C61,soon\n", DIAGNOSES)
    assert [(g.at, g.code, g.number, g.rows) for g in report.groups] == [
        ("icd", "E332", 1250, (3, 5, 7)),
        ("on", "E334", 1, (2502,)),
    ]
    assert len(report.to_json()["first_faults"]) == 1000

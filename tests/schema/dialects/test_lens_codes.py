"""EUCAIM's codes stand for codes that exist."""

from pydicom.sr._snomed_dict import mapping as snomed

from oncommons.schema.dialects.lens_codes import KEYS, UNKNOWN, eucaim_code, plain_code
from oncommons.schema.oncology import MARKER, MARKER_UNITS


def test_every_code_of_ours_belongs_to_its_field():
    for key in KEYS.values():
        for ours in key.values.values():
            if key.field.type == "code":
                assert all(code == UNKNOWN or key.field.codes.has(code) for code in ours), key
            else:
                assert all(code.isdecimal() for code in ours), key


def test_the_keys_and_values_are_those_that_the_reference_counts():
    """Independent: reference/platforms.md 2.4 counts 4 sexes, 5 diagnoses, 4 modalities, 5 parts and 5 makers."""
    sizes = [len(key.values) + len(key.refused) for key in KEYS.values()]
    assert sizes[:7] == [4, 5, 4, 5, 5, 0, 0]


def test_a_key_of_measurements_names_markers_of_the_dictionary():
    for key in KEYS.values():
        assert bool(key.markers) == key.name.startswith("measurement.")
        assert all(MARKER.holds(marker) for marker in key.markers)
        assert key.field.name != "value" or set(key.markers) <= set(MARKER_UNITS)


def test_the_name_of_the_ontology_is_no_part_of_a_code():
    assert plain_code("EUCAIM_Hyper-Ontology_V1.0.CLIN1045815") == plain_code("CLIN1045815") == "CLIN1045815"
    assert plain_code("RID10311") == "RID10311"


def test_body_parts_are_the_concepts_that_dicom_gives_their_codes():
    """Independent: pydicom's copy of the old DICOM codes of these body parts (PS3.16 Annex L, SNOMED-RT)."""
    old = {"BREAST": "T-04000", "COLON": "T-59300", "LUNG": "T-28000", "PELVIS": "T-D6000", "PROSTATE": "T-92000"}
    found = {theirs: ours for theirs, (ours,) in KEYS["SNOMEDCT123037004"].values.items()}
    assert found == {f"SNOMEDCT{snomed['SRT'][code]}": ours for ours, code in old.items()}


def test_a_code_is_told_as_eucaim_writes_it_where_it_can():
    assert eucaim_code("modality", "CT") == "RID10321"
    assert eucaim_code("modality", "MG") == "MG"
    assert eucaim_code("manufacturer", "SIEMENS") in {"C200140", "birnlex_3066"}


def test_every_key_names_its_field_in_full():
    assert {key.name: f"{key.field.entity}.{key.field.name}" for key in KEYS.values()} == {
        key.name: key.name for key in KEYS.values()
    }

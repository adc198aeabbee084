"""Codes of FHIR."""

import pytest
from tests.node.bundles import ICD, LOINC, coded

from oncommons.node.receive.clinical.fhir_codes import (
    MEANINGS,
    STAGE_CODES,
    codings,
    dict_of,
    first_code,
    list_of,
    text_of,
    words_of,
)
from oncommons.schema.errors_of_rows import UnknownClinicalCode
from oncommons.schema.vocabulary import VOCABULARIES


def test_a_concept_is_its_codes_with_their_systems():
    concept = {"coding": [*coded(ICD, "C61")["coding"], {"system": "urn:own", "code": "7", "display": "seven"}, {}]}
    assert codings(concept) == ["ICD10:C61", "urn:own:7"]
    assert text_of(concept) == "ICD10:C61 | urn:own:7"
    assert words_of(concept | {"text": "t"}) == ["ICD10:C61", "urn:own:7", "C61", "7", "seven", "t"]


@pytest.mark.parametrize("concept", [None, 3, {}, {"coding": 3}, {"coding": [3]}])
def test_a_concept_of_another_shape_says_nothing(concept):
    assert (codings(concept), text_of(concept), words_of(concept)) == ([], "", [])


def test_other_shapes_are_empty():
    assert (list_of({}), dict_of([])) == ([], {})


@pytest.mark.parametrize(
    ("vocabulary", "texts", "code"),
    [
        ("condition", ["SCT:1", "ICD10:C61"], "ICD10:C61"),
        ("marker", [f"{LOINC}|x", "LOINC:2857-1"], "PSA"),
        ("result", ["SCT:10828004"], "POSITIVE"),
        ("treatment_kind", ["SCT:387713003"], "SURGERY"),
    ],
)
def test_the_first_text_that_is_a_code_counts(vocabulary, texts, code):
    assert first_code(vocabulary, texts) == code


def test_where_none_is_the_first_is_named():
    with pytest.raises(UnknownClinicalCode, match="'C61'"):
        first_code("condition", ["C61", "x"])


def test_what_codes_of_others_mean_are_codes_of_ours():
    assert [c for v, m in MEANINGS.items() for c in m.values() if c not in VOCABULARIES[v].codes] == []
    assert [v for _, v in STAGE_CODES.values() if v not in VOCABULARIES] == []


def test_older_and_newer_mcode_name_the_same_modifiers():
    """LOINC and SNOMED CT say the same eight things of stage; only LOINC has one for grade."""
    told = {system: {v for c, v in STAGE_CODES.items() if c.startswith(system)} for system in ("LOINC:", "SCT:")}
    assert told["LOINC:"] - told["SCT:"] == {("grade", "grade")}
    assert told["SCT:"] < told["LOINC:"]


@pytest.mark.parametrize(("code", "modifier"), [("399504009", "clinical_t"), ("371494008", "pathological_n")])
def test_snomed_names_a_stage_as_mcode_publishes_it(code, modifier):
    """Published: cT category and pN category, value set of types of cancer stage of mCODE."""
    concept = {"coding": [{"system": "http://snomed.info/sct", "code": code}]}
    assert [STAGE_CODES[c][0] for c in codings(concept)] == [modifier]

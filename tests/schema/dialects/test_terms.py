"""Terms and codes: there and back for every code, and the hierarchy of diagnoses."""

import pytest
from pydicom.sr.codedict import codes as published

from oncommons.schema.dialects.terms import (
    CONCEPTS,
    PREFIXES,
    fields_by,
    meanings_of,
    term_of,
    unknown_term,
    without_descendants,
)
from oncommons.schema.dictionary import FIELDS, find_field
from oncommons.schema.errors_of_protocols import Untranslatable
from oncommons.schema.vocabulary import VOCABULARIES

CODED = [f for f in FIELDS if f.type == "code"]
CODE = find_field("code", "condition")


@pytest.mark.parametrize("field", CODED, ids=lambda f: f"{f.entity}.{f.name}")
def test_every_code_of_a_closed_vocabulary_is_found_again_by_its_term(field):
    for code in field.codes.codes or [field.codes.example]:
        assert (field, code) in [(m.field, m.code) for m in meanings_of(term_of(field, code))]


def test_the_tables_name_vocabularies_and_codes_that_exist():
    assert set(PREFIXES) | set(CONCEPTS) <= set(VOCABULARIES)
    assert all(VOCABULARIES[v].has(code) for v, concepts in CONCEPTS.items() for code in concepts)


def test_modalities_are_codes_of_dicom():
    """Independent: pydicom's copy of CID 29, which is DICOM PS3.16."""
    group = {
        code.value: code.scheme_designator for code in (getattr(published.cid29, n) for n in published.cid29.dir())
    }
    assert {"CT", "MR", "PT", "US", "MG"} <= group.keys()
    assert set(group.values()) == {PREFIXES["modality"]}


def test_a_field_is_found_by_its_full_name_and_by_its_own():
    assert fields_by("series.modality") == fields_by("modality")
    assert fields_by("person.modality") == ()


@pytest.mark.parametrize("term", ["DCM:ZZ", "NCIT:C1", "CT", "", ":", "sex:", "sex:X", "HP:0002664"])
def test_what_stands_for_nothing_is_not_found(term):
    assert meanings_of(term) == ()


def test_a_code_with_others_below_it_cannot_be_asked_for_alone():
    assert without_descendants(CODE, "ICDO3:8520/3", "x") == ("ICDO3:8520/3",)
    with pytest.raises(Untranslatable, match="below it"):
        without_descendants(CODE, "ICD10:C50", "x")


def test_a_term_that_is_not_known_is_told_with_one_that_is_like_it():
    assert "'series.modality'" in unknown_term("series.modalty", "x").message

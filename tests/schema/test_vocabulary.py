"""Code lists."""

import pytest

from oncommons.schema.oncology import CONDITION
from oncommons.schema.vocabulary import BODY_PART, MODALITY, SEX, VOCABULARIES

EVERY = list(VOCABULARIES.values())
CLOSED = [v for v in EVERY if v.codes]


@pytest.mark.parametrize("vocabulary", EVERY, ids=lambda v: v.name)
def test_the_example_belongs_to_its_vocabulary(vocabulary):
    assert vocabulary.has(vocabulary.example)


@pytest.mark.parametrize("vocabulary", EVERY, ids=lambda v: v.name)
def test_a_vocabulary_is_a_list_or_a_pattern_or_a_pattern_with_codes_of_ours(vocabulary):
    assert vocabulary.codes or vocabulary.pattern


@pytest.mark.parametrize("vocabulary", EVERY, ids=lambda v: v.name)
def test_a_vocabulary_says_where_it_comes_from(vocabulary):
    assert vocabulary.source


@pytest.mark.parametrize("vocabulary", CLOSED, ids=lambda v: v.name)
def test_every_code_is_in_capitals_and_has_a_label(vocabulary):
    assert all(code == code.strip().upper() and label for code, label in vocabulary.codes.items())


@pytest.mark.parametrize("vocabulary", CLOSED, ids=lambda v: v.name)
def test_no_two_codes_share_a_label(vocabulary):
    assert len(set(vocabulary.codes.values())) == len(vocabulary.codes)


@pytest.mark.parametrize("vocabulary", CLOSED, ids=lambda v: v.name)
def test_codes_stand_in_order_so_that_none_is_listed_twice(vocabulary):
    assert list(vocabulary.codes) == sorted(vocabulary.codes)


@pytest.mark.parametrize("vocabulary", EVERY, ids=lambda v: v.name)
@pytest.mark.parametrize("code", ["", " ", "f", "F ", "F\n", "%", "nonsense"])
def test_what_is_not_a_code_does_not_belong(vocabulary, code):
    assert not vocabulary.has(code)


def test_a_vocabulary_cannot_be_changed():
    with pytest.raises(TypeError):
        SEX.codes["X"] = "unknown"


@pytest.mark.parametrize("code", ["CT", "MR", "PT", "SEG", "SM", "RTSTRUCT", "M3D"])
def test_frequent_modalities_are_known(code):
    assert MODALITY.has(code)


def test_a_label_may_have_several_words():
    assert BODY_PART.codes["CSPINE"] == "cervical spine"


@pytest.mark.parametrize("code", ["ICDO3:8520/3", "ICDO3:C50", "ICDO3:C50.4", "ICD10:C50", "ICD10:C50.41"])
def test_conditions_are_icd_codes_with_their_system(code):
    assert CONDITION.has(code)


@pytest.mark.parametrize(
    "code", ["8520/3", "ICDO3:8520/4", "ICDO3:852/3", "ICDO3:C50.", "ICD10:c50", "ICD10:C50.411", "ICD10:C50.4\n"]
)
def test_a_code_of_no_system_or_form_is_not_a_condition(code):
    assert not CONDITION.has(code)


def test_a_condition_is_written_in_the_digits_of_the_standard():
    assert not CONDITION.has("ICDO3:٨٥٢٠/3")

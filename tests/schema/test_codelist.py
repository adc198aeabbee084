"""What a code list is."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.oracle.below import includes

from oncommons.schema.codelist import Expansion, Vocabulary, labels
from oncommons.schema.dictionary import FIELDS
from oncommons.schema.vocabulary import VOCABULARIES

CODED = [f for f in FIELDS if f.type == "code"]


def held(vocabulary):
    """Codes that a row may hold."""
    if vocabulary.pattern:
        return st.from_regex(vocabulary.pattern, fullmatch=True).filter(vocabulary.holds)
    return st.sampled_from(sorted(vocabulary.codes))


@pytest.mark.parametrize("field", CODED, ids=lambda f: f.name)
def test_a_question_finds_what_lies_below_what_it_asks_for(field):
    words = field.codes
    asked = held(words) if not words.codes else held(words) | st.sampled_from(sorted(words.codes))

    @settings(max_examples=15)
    @given(asked, held(words))
    def check(code, value):
        wanted, expected = words.expand([code]), includes(field.name, code, value)
        assert (value in wanted.codes or value.startswith(wanted.prefixes)) is bool(expected)
        assert words.compares([code], value) is (expected is not None)

    check()


def test_what_another_code_includes_already_is_not_asked_again():
    icd = Vocabulary("v", "s", pattern=".+", prefixed="C.*", groups={"G": ("C1", "C2")})
    assert icd.expand(["C1.1", "G", "X", "C1"]) == Expansion(("X",), ("C1", "C2"))


def test_a_row_never_holds_a_group_of_ours():
    icd = Vocabulary("v", "s", codes={"G": "group"}, pattern="C[0-9]", groups={"G": ("C1",)})
    assert (icd.has("G"), icd.holds("G"), icd.holds("C1")) == (True, False, True)


def test_a_table_of_codes_is_read_line_by_line():
    assert dict(labels("  A first of all\n  B second ")) == {"A": "first of all", "B": "second"}


@pytest.mark.parametrize(
    ("asked", "value", "compared"),
    [
        (["ICD10:C50"], "ICD10:C61", True),
        (["ICD10:C50"], "ICDO3:C61.9", False),
        (["ICD10:C50"], "ICDO3:8520/3", False),
        (["ICDO3:C50"], "ICDO3:8520/3", False),
        (["ICDO3:8520/3"], "ICDO3:8140/3", True),
        (["SITE:BREAST"], "ICDO3:C61.9", True),
        (["SITE:BREAST"], "ICD10:C61", True),
        (["SITE:BREAST"], "ICDO3:8520/3", False),
        (["ICD10:C50", "ICDO3:C61"], "ICDO3:C34", False),
        (["ICD10:C50", "SITE:LUNG"], "ICD10:C61", True),
    ],
)
def test_codes_of_different_systems_are_not_compared_but_where_a_site_stands_for_both(asked, value, compared):
    (condition,) = (f.codes for f in FIELDS if (f.entity, f.name) == ("condition", "code"))
    assert condition.compares(asked, value) is compared


HIERARCHIES = [v for v in VOCABULARIES.values() if v.includes]
SAMPLES = [
    "ICD10:C34.12",
    "ICD10:C34.1",
    "ICDO3:C50.4",
    "ICDO3:8520/3",
    "SITE:LUNG",
    "IIIA1",
    "IV",
    "T1a1",
    "T1mi",
    "N0(i+)",
    "M1c2",
    "HER2_2",
    "BIRADS_4A",
    "CHEMOTHERAPY",
    "ATC:L01CD01",
    "OPS:5-870.a0",
    "SCT:123456789",
    "TISSUE_FFPE",
    "CONTOURS_AND_DOSE",
    "SEGMENTATION",
    "NONE",
]


@pytest.mark.parametrize("vocabulary", HIERARCHIES, ids=lambda v: v.name)
def test_the_codes_above_a_code_are_those_whose_questions_find_it(vocabulary):
    for code in (one for one in (*SAMPLES, *vocabulary.codes) if vocabulary.holds(one)):
        candidates = {*vocabulary.codes, *(code[:end] for end in range(1, len(code)))}
        finding = {c for c in candidates if c != code and vocabulary.has(c) and _finds(vocabulary, c, code)}
        assert set(vocabulary.above(code)) == finding, code


def _finds(vocabulary, asked, code):
    found = vocabulary.expand([asked])
    return code in found.codes or code.startswith(found.prefixes)

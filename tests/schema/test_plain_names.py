"""Our own names of cancers: every site has one, and none is on both sides of a difference."""

import re

import pytest

from oncommons.schema.neoplasms import CATEGORIES, no_such
from oncommons.schema.oncology import CONDITION, MARKER, TOPOGRAPHY
from oncommons.schema.plain_names import PLAIN_NAMES, named_codes, plain_name, plain_words


def test_every_cancer_and_every_site_has_a_name():
    cancers = {f"ICD10:{code}" for code in CATEGORIES["ICD10"] if code.startswith("C")}
    sites = {f"ICDO3:{code}" for code in CATEGORIES["ICDO3"]}
    assert cancers | sites <= set(PLAIN_NAMES)


def test_every_named_code_exists_and_may_be_asked_for():
    codes = list(named_codes())
    assert len(codes) == len(set(codes))
    for code in codes:
        assert CONDITION.holds(code) or MARKER.holds(code), code
        assert not no_such(code), code
        assert code.startswith(("ICD10", "LOINC")) or TOPOGRAPHY.holds(code)
        assert plain_name(code)


def test_names_differ_within_a_system():
    for system in CATEGORIES:
        names = [name for code, name in PLAIN_NAMES.items() if code.startswith(system)]
        assert len(names) == len(set(names)), system


def test_a_code_below_a_category_is_within_it():
    assert plain_name("ICD10:C34.1") == f"within {plain_name('ICD10:C34')}"
    assert plain_name("ICDO3:C34.1") == "within lung"


@pytest.mark.parametrize("code", ["", "C34", "ICD10:A00", "ICD10:A00.1", "ICDO3:8520/3", "LOINC:1-8", "SITE:LUNG"])
def test_what_we_have_no_name_for_has_none(code):
    assert plain_name(code) == plain_words(code) == ""


def test_what_is_benign_is_not_found_by_the_word_cancer():
    for code in PLAIN_NAMES:
        said = f"{plain_name(code)} {plain_words(code)}"
        assert bool(re.search(r"\bcancer\b", said)) == (":C" in code), code

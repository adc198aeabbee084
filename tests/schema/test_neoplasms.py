"""Which codes of neoplasms there are."""

import pytest

from oncommons.schema.neoplasms import CATEGORIES, no_such

BLOCKS = """
C00-C14 C15-C26 C30-C34 C37-C39 C40-C41 C43-C44 C45-C49 C50-C50 C51-C58 C60-C63 C64-C68 C69-C72 C73-C75 C76-C80 C81-C86 C88-C88
C90-C97 D00-D07 D09-D09 D10-D36 D37-D48
"""
"""Blocks of chapter II as WHO's browser of version 2019 lists them, without the categories that they lack."""
SITES = """
C00 012345689 C01 9 C02 0123489 C03 019 C04 0189 C05 01289 C06 01289 C07 9 C08 0189 C09 0189 C10 0123489 C11 012389 C12 9
C13 01289 C14 028 C15 01234589 C16 012345689 C17 012389 C18 0123456789 C19 9 C20 9 C21 0128 C22 01 C23 9 C24 0189 C25 01234789
C26 089 C30 01 C31 012389 C32 012389 C33 9 C34 012389 C37 9 C38 012348 C39 089 C40 012389 C41 0123489 C42 01234 C44 0123456789
C47 012345689 C48 0128 C49 012345689 C50 012345689 C51 01289 C52 9 C53 0189 C54 012389 C55 9 C56 9 C57 01234789 C58 9 C60 01289
C61 9 C62 019 C63 012789 C64 9 C65 9 C66 9 C67 0123456789 C68 0189 C69 012345689 C70 019 C71 0123456789 C72 01234589 C73 9
C74 019 C75 01234589 C76 01234578 C77 01234589 C80 9
"""
"""Read off lists of registries, apart from the table: DeepPhe's sites without what these fill up, such as C19.0."""


def test_the_categories_of_icd_10_are_those_of_its_blocks():
    there = set()
    for block in BLOCKS.split():
        letter, first, last = block[0], int(block[1:3]), int(block[5:])
        there |= {f"{letter}{n:02}" for n in range(first, last + 1)}
    assert set(CATEGORIES["ICD10"]) == there
    assert len(there) == 137


def test_the_sites_of_icd_o_3_are_those_of_the_registries():
    words = SITES.split()
    told = dict(zip(words[::2], map(set, words[1::2]), strict=True))
    mine = {category: set(fourth) for category, fourth in CATEGORIES["ICDO3"].items()}
    assert {c: (told.get(c), mine.get(c)) for c in told | mine if told.get(c) != mine.get(c)} == {}


@pytest.mark.parametrize(
    "category", ["C27", "C28", "C29", "C35", "C36", "C42", "C59", "C87", "C89", "C98", "C99", "D08"]
)
def test_gaps_of_icd_10_are_no_categories(category):
    assert no_such(f"ICD10:{category}.9") == category


@pytest.mark.parametrize(
    ("code", "lack"), [("ICD10:C34.77", "C34.7"), ("ICD10:C61.1", "C61.1"), ("ICDO3:C42.9", "C42.9")]
)
def test_fourth_characters_that_there_are_not_are_told(code, lack):
    assert no_such(code) == lack


@pytest.mark.parametrize(
    "code",
    [
        "ICD10:C34",
        "ICD10:C50.41",
        "ICD10:C61.9",
        "ICD10:C56.1",
        "ICD10:C83.2",
        "ICD10:C95.8",
        "ICD10:D49.2",
        "ICD10:E11.9",
        "ICDO3:C42.1",
        "ICDO3:8520/3",
        "ATC:L01",
    ],
)
def test_what_exists_in_some_edition_or_is_of_others_is_not_told(code):
    assert no_such(code) == ""

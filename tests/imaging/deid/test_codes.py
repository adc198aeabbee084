"""Codes have the form that their scheme gives them."""

import pytest
from pydicom.sr import _concepts_dict

from oncommons.imaging.deid.codes import is_code, is_scheme

SCHEMES = ["DCM", "SCT", "NCIt", "UCUM", "LN", "IBSI", "UMLS", "FMA", "RADLEX", "MDC", "NEU", "MSH", "ITIS_TSN"]
NOT_CODES = {"", "Margin", *(f"C7456{n}" for n in range(10)), *(f"C7457{n}" for n in range(10))}
"""Codes of another scheme that pydicom has under LN, and an empty one."""


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_code_that_the_standard_uses_is_one(scheme):
    codes = {code for same in _concepts_dict.concepts[scheme].values() for code in same} - NOT_CODES
    assert [code for code in codes if not is_code(code.encode(), scheme.encode())] == []


@pytest.mark.parametrize(
    ("code", "scheme"),
    [
        ("T-D4000", "SRT"),
        ("R-FAB56", "SRT "),
        ("G-A22A", "SNM3"),
        ("8140/3", "ICDO3"),
        ("C34.1", "I10"),
        ("18785-6\0", "LN"),
    ],
)
def test_older_codes_too(code, scheme):
    assert is_code(code.encode(), scheme.encode())


@pytest.mark.parametrize(
    ("code", "scheme"),
    [
        ("QUACKENBUSH", "DCM"),
        ("778812", "99LOCAL"),
        ("778812", ""),
        ("MRN-7788", "SRT"),
        ("quackenbush", "UCUM"),
        ("{quackenbush}", "UCUM"),
        ("Zebediah", "MDC"),
        ("", "DCM"),
    ],
)
def test_what_does_not_look_like_one_is_none(code, scheme):
    assert not is_code(code.encode(), scheme.encode())


def test_only_schemes_whose_codes_are_known_are_known():
    assert is_scheme(b"SCT ")
    assert is_scheme(b"UCUM")
    assert not is_scheme(b"99MYHOSPITAL")

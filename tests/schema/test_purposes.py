"""The tables of purposes."""

import re

import pytest

from oncommons.schema.purposes import DUO, EHDS, PUBLIC_BODIES, Term, terms_in


def test_every_point_of_article_53_is_there_in_its_order():
    assert [place for place, _ in EHDS.values()] == [
        "53(1)(a)",
        "53(1)(b)",
        "53(1)(c)",
        "53(1)(d)",
        "53(1)(e)",
        "53(1)(e)(i)",
        "53(1)(e)(ii)",
        "53(1)(f)",
    ]


def test_what_is_reserved_for_public_bodies_is_points_a_to_c():
    assert {EHDS[code][0][-2] for code in PUBLIC_BODIES} == {"a", "b", "c"}


def test_terms_are_identifiers_with_labels_of_their_own():
    assert all(re.fullmatch(r"DUO:\d{7}", term) for term in DUO)
    assert len(set(DUO.values())) == len(DUO) == 23


@pytest.mark.parametrize(
    ("licence", "terms"),
    [
        (
            "DUO:0000007 (ICD10:C34, ICD10:C50), DUO:0000021",
            [("DUO:0000007", "ICD10:C34, ICD10:C50"), ("DUO:0000021", "")],
        ),
        ("Research on request. DUO:0000042", [("DUO:0000042", "")]),
        ("DUO:0000042; CC BY-NC 4.0", [("DUO:0000042", "")]),
        ("CC BY 3.0", [("DUO:0000004", "")]),
        ("CC BY 4.0, CC BY-NC 3.0", [("DUO:0000004", ""), ("DUO:0000046", "")]),
        ("CC BY-NC-SA 4.0", [("DUO:0000046", "")]),
        ("CC0", [("DUO:0000004", "")]),
        ("NLM License, ask us", []),
        ("", []),
        ("DUO:42", []),
    ],
)
def test_terms_of_use_are_read_from_words(licence, terms):
    assert [(term.code, term.detail) for term in terms_in(licence)] == terms


def test_a_term_has_a_label():
    assert [Term("DUO:0000042").label, Term("DUO:1").label] == ["general research use", "a term that is not known here"]

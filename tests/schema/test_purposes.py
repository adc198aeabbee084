"""The tables of purposes."""

import re

from oncommons.schema.purposes import DUO, EHDS, PUBLIC_BODIES


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

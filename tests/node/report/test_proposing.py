"""What strings that no rule reads might mean."""

import pytest
from tests.node.tables import index_of

from oncommons.node.report.harmonised import Unmapped, unmapped
from oncommons.node.report.proposing import propose

SPELLINGS = {"body_part": {"THORAX": "CHEST"}}


def proposed(raw, *rows, field="body_part"):
    index = index_of({field: raw, "person": "x"}, *rows)
    (found,) = (u for u in propose(index.connection, unmapped(index.connection), SPELLINGS) if u.raw == raw)
    index.close()
    return found.code


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("Prostatte", "PROSTATE"),
        ("urinary-bladder", "BLADDER"),
        ("thoraxx", "CHEST"),
        ("BREAST.", "BREAST"),
        ("qqq", ""),
        ("eyx", ""),
    ],
)
def test_the_closest_known_spelling_is_proposed(raw, code):
    assert proposed(raw) == code


def test_a_string_like_one_that_was_mapped_elsewhere_is_proposed():
    assert proposed("Simens medical-sys", {"manufacturer": "SIEMENS MEDICAL SYS"}, field="manufacturer") == "SIEMENS"


def test_a_field_without_a_list_of_codes_has_no_proposals():
    index = index_of({"sex": "F"})
    lost = Unmapped("age", "58", "", 1, 1)
    assert propose(index.connection, [lost], {}) == (lost,)
    index.close()

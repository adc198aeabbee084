"""Errors of permits are one branch of the tree."""

import pytest

from oncommons.schema.errors import error_from_json, every_error
from oncommons.schema.errors_of_permits import BadPermit, BeyondPermit, NoSuchPermit, PermitError


def test_they_are_a_branch_of_the_tree():
    assert {BadPermit, BeyondPermit, NoSuchPermit} <= {k for k in every_error() if issubclass(k, PermitError)}


@pytest.mark.parametrize("kind", [k for k in every_error() if issubclass(k, PermitError)])
def test_they_have_the_codes_of_their_range(kind):
    assert "E370" <= kind.code <= "E379" or "E420" <= kind.code <= "E429"


def test_a_refusal_comes_back_from_the_wire_with_its_rule():
    fault = error_from_json(BeyondPermit("No.", at="permit.person").to_json())
    assert (type(fault), fault.at) == (BeyondPermit, "permit.person")

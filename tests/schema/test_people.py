"""Names, addresses, roles and scopes as they are kept."""

import pytest

from oncommons.schema.errors import BadRequest
from oncommons.schema.people import ROLES, SCOPES, check_email, check_role, check_scopes, check_words

EVIL = ("", " ", "a\nb", "a\x00b", "a\u202eb", "x" * 121, None, 7, ["a"], b"a")


@pytest.mark.parametrize("text", EVIL)
def test_a_line_that_cannot_be_shown_is_refused(text):
    with pytest.raises(BadRequest, match="Name is one line of 1 to 120 characters"):
        check_words(text, "Name")


def test_a_line_is_kept_in_one_form():
    assert check_words(" Zoe\u0308 O'Neil <b> ", "Name") == "Zoë O'Neil <b>"


def test_an_address_is_kept_in_small_letters():
    assert check_email(" Ana.Çelik@Athens.Example ") == "ana.çelik@athens.example"


@pytest.mark.parametrize(
    "text", [*EVIL, "ana", "@x", "a@", "a@b@c", "a b@c", "<a@b>", "a@b,c@d", '"a"@b', "x" * 65 + "@b", "a@" + "b" * 190]
)
def test_what_cannot_be_an_address_is_refused(text):
    with pytest.raises(BadRequest):
        check_email(text)


@pytest.mark.parametrize("text", ["king", "", "Operator", None, 1, ["operator"]])
def test_a_role_is_one_of_seven(text):
    assert len(ROLES) == 7
    with pytest.raises(BadRequest):
        check_role(text)


def test_scopes_are_named_once_in_their_order():
    assert check_scopes(["save", "ask", "ask"]) == tuple(SCOPES) == ("ask", "save")


@pytest.mark.parametrize("given", [[], None, "ask", ["all"], ["ask", 7], [["ask"]], {"ask": 1}])
def test_other_scopes_are_refused(given):
    with pytest.raises(BadRequest):
        check_scopes(given)

"""What is decided about people, compared with a table written by hand."""

import itertools

import pytest

from oncommons.hub.people import rules
from oncommons.hub.people.rules import (
    Membership,
    Pace,
    check_password,
    may_give,
    organisation_of,
    sees,
    session_ends,
    slug,
)
from oncommons.schema.errors_of_people import BadPassword
from oncommons.schema.people import ROLES


@pytest.mark.parametrize(("held", "given"), list(itertools.product(ROLES, ROLES)))
def test_who_may_give_which_role(held, given):
    mine = [Membership("athens", held)]
    here = held == "operator" or (held == "coordinator" and given != "operator")
    assert may_give(mine, "athens", given) is here
    assert may_give(mine, "bologna", given) is (held == "operator")
    assert may_give(mine, "", given) is (held == "operator")


def test_nobody_gives_nothing():
    assert not any(may_give([], place, role) for place in ("", "athens") for role in ROLES)
    assert not may_give([Membership("athens", "operator")], "athens", "king")


def test_who_sees_whom():
    assert sees([Membership("a", "operator")]) is None
    assert sees([Membership("a", "coordinator"), Membership("b", "researcher")]) == {"a"}
    assert sees([Membership("a", "data-manager")]) == frozenset()


def test_waits_double_up_to_the_longest():
    pace = Pace(free=3, first=2, longest=20, forget=0)
    assert [pace.wait(n) for n in range(9)] == [0, 0, 0, 2, 4, 8, 16, 20, 20]
    assert pace.wait(10**9) == 20


@pytest.mark.parametrize(
    ("pace", "most_in_a_day", "most_in_a_year"),
    [(rules.STRANGERS, 115, 36_000), (rules.KNOWN, 115, 36_000), (rules.PROOFS, 115, 36_000), (rules.CODES, 16, 381)],
)
def test_how_many_guesses_a_patient_thief_has(pace, most_in_a_day, most_in_a_year):
    for span, most in ((86_400, most_in_a_day), (365 * 86_400, most_in_a_year)):
        now, count = 0.0, 0
        while now < span:
            count += 1
            now += pace.wait(count)
        assert most * 0.9 < count <= most


def test_a_thief_with_the_password_finds_no_code_in_a_year():
    guesses, right_at_a_time, codes = 381, 3, 10**6
    assert guesses * right_at_a_time / codes < 0.0012


def test_a_session_ends_when_it_is_idle_and_in_any_case():
    assert session_ends(0, 0) == 12 * 3_600
    assert session_ends(0, 6.9 * 86_400) == 7 * 86_400


@pytest.mark.parametrize(
    "password",
    [
        "elevenchars",
        "x" * 257,
        "abababababab",
        "Athens is my town",
        "i love ÇELIK now",
        "ana.celik@athens",
        "",
        None,
        5,
    ],
)
def test_a_password_that_others_would_try_is_refused(password):
    with pytest.raises(BadPassword):
        check_password(password, "ana.celik@athens.example", "Ana Çelik")


@pytest.mark.parametrize(
    ("name", "node"),
    [
        ("Athens General", "athens-general"), ("  U.Z. Gent ", "u-z-gent"), ("Ελλάς", ""), ("A--b", "a-b"),
        ("  A&B (C) ", "a-b-c"), ("Ögedei", "gedei"), ("…", ""),
    ],
)  # fmt: skip
def test_a_name_as_a_node_bears_it(name, node):
    assert slug(name) == node


@pytest.mark.parametrize(
    ("node", "named", "organisation"),
    [
        ("bologna", {}, "o1"), ("athens-general", {}, ""), ("athens-general", {"athens-general": "o3"}, "o3"),
        ("bologna", {"bologna": "o2"}, "o2"), ("bologna", {"cork": "o2"}, "o1"), ("cork", {}, ""), ("", {}, ""),
    ],
)  # fmt: skip
def test_whose_a_node_is(node, named, organisation):
    known = {"o1": "Bologna", "o2": "Athens General", "o3": "Athens-General"}
    assert organisation_of(node, named, known) == organisation


@pytest.mark.parametrize("password", ["twelve chars", "correct horse battery staple", "密码密碼長長的一句話很難猜", "x" * 252 + "abcd"])  # fmt: skip
def test_a_long_password_of_any_signs_does(password):
    assert check_password(password, "ana@athens.example", "Ana") == password

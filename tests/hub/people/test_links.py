"""Links that work once, in each kind of database."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from oncommons.hub.people.links import Links
from oncommons.hub.people.register import Register
from oncommons.hub.people.tables import LINK
from oncommons.schema.errors import NotFound, OncommonsError
from oncommons.schema.errors_of_people import InviteRefused, PeopleError


@pytest.fixture
def links(database):
    return Links(database)


def invited(links, email="ana@x", role="researcher"):
    return links.invite(email, Register(links.database).organisation("Athens", 0.0), role, "", 0.0)


def test_of_many_who_use_one_link_together_one_gets_in(links):
    secret = invited(links)

    def use(i):
        try:
            return links.join(secret, f"Ana {i}", "hash", 1.0)
        except OncommonsError as fault:
            return fault.code

    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(use, range(6)))
    assert len([one for one in found if one not in {"E385", "E380"}]) == 1


def test_a_link_is_kept_as_a_digest(links):
    secret = invited(links)
    with links.database.read() as connection:
        assert secret not in str(connection.execute(select(LINK)).all())


def test_a_link_is_for_one_purpose_and_one_person(links):
    person = links.join(invited(links), "Ana", "hash", 1.0)
    reset = links.reset("ana@x", "", 1.0)
    with pytest.raises(InviteRefused):
        links.accept(reset, person, "ana@x", 1.0)
    with pytest.raises(InviteRefused):
        links.renew(invited(links, role="coordinator"), "hash", 1.0)
    with pytest.raises(InviteRefused):
        links.accept(invited(links, "eva@x"), person, "ana@x", 1.0)
    assert [one.role for one in Register(links.database).roles(person)] == ["researcher"]


def test_a_refused_link_still_works_for_whom_it_is(links):
    links.join(invited(links), "Ana", "hash", 1.0)
    secret = invited(links, role="coordinator")
    with pytest.raises(PeopleError):
        links.join(secret, "Somebody else", "hash", 1.0)
    assert links.look(secret, 1.0).role == "coordinator"


def test_nobody_gets_a_new_password_without_an_account(links):
    with pytest.raises(NotFound):
        links.reset("nobody@x", "", 0.0)


def test_a_link_for_a_new_password_lasts_an_hour(links):
    links.join(invited(links), "Ana", "hash", 1.0)
    secret = links.reset("ana@x", "", 0.0)
    assert links.look(secret, 3_599.0).purpose == "reset"
    with pytest.raises(InviteRefused):
        links.look(secret, 3_600.0)


def test_what_is_no_link_is_refused(links):
    for secret in ("", "x", "\ud800", "' OR 1=1 --", "x" * 100_000):
        with pytest.raises(InviteRefused):
            links.look(secret, 0.0)

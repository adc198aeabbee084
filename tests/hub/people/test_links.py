"""Links that work once, in each kind of database."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select
from tests.storage.conftest import opened

from oncommons.hub.people import links as module
from oncommons.hub.people.links import Links
from oncommons.hub.people.register import Register
from oncommons.hub.people.tables import LINK, PERSON
from oncommons.schema.errors import NotFound, OncommonsError
from oncommons.schema.errors_of_people import InviteRefused, PeopleError


@pytest.fixture
def links(database):
    return Links(database)


def invited(links, email="ana@x", role="researcher"):
    return links.invite(email, Register(links.database).organisation("Athens", 0.0), role, "", 0.0)


def seen(links, secret):
    return secret, links.look(secret, 1.0)


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
        links.renew(*seen(links, invited(links, role="coordinator")), "hash", 1.0)
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


def person(links, email, role, organisation="Athens"):
    """Somebody with a role: identifier and that of the organisation."""
    register = Register(links.database)
    place = register.organisation(organisation, 0.0)
    return links.join(links.invite(email, place, role, "", 0.0), email, "hash", 0.0), place


@pytest.mark.parametrize("ended", ["erase", "take"])
def test_a_link_works_as_long_as_who_made_it_might_make_it(links, ended):
    register = Register(links.database)
    op, place = person(links, "op@x", "operator")
    bad, _ = person(links, "bad@x", "operator")
    head, _ = person(links, "head@x", "coordinator")
    made = [
        links.invite("bad2@x", place, "operator", bad, 1.0),
        links.reset("op@x", bad, 1.0),
        links.invite("eva@x", place, "researcher", head, 1.0),
    ]
    kept = [links.invite("c@x", place, "operator", op, 1.0), links.invite("d@x", place, "operator", "", 1.0)]
    assert len(links.waiting(None, 2.0)) == 4
    reset = links.look(made[1], 2.0)
    assert reset.purpose == "reset"
    for one, role in ((bad, "operator"), (head, "coordinator")):
        register.erase(one, 2.0) if ended == "erase" else register.take(one, place, role, 2.0)
    for secret in made:
        with pytest.raises(InviteRefused):
            links.look(secret, 3.0)
    with pytest.raises(InviteRefused):
        links.join(made[0], "Bad", "hash", 3.0)
    with pytest.raises(InviteRefused):
        links.renew(made[1], reset, "hash", 3.0)
    assert [one.email for one in links.waiting(None, 3.0)] == ["c@x", "d@x"]
    assert [links.look(secret, 3.0).role for secret in kept] == ["operator"] * 2


def test_a_coordinator_of_another_organisation_now_backs_nothing_at_the_old_one(links):
    head, place = person(links, "head@x", "coordinator")
    secret = links.invite("eva@x", place, "researcher", head, 1.0)
    register = Register(links.database)
    register.give(head, register.organisation("Cork", 1.0), "coordinator", 1.0)
    assert links.look(secret, 2.0).email == "eva@x"
    register.take(head, place, "coordinator", 2.0)
    with pytest.raises(InviteRefused):
        links.look(secret, 2.0)


@pytest.mark.parametrize(
    "make",
    [
        lambda links: links.reset("ana@x", "", 1.0),
        lambda links: links.own("sign-in", "ana@x", "-", 1.0),
    ],
)
def test_nobody_leaves_while_a_link_to_their_account_is_kept(postgres_url, monkeypatch, make):
    with opened(postgres_url) as database:
        links, free = Links(database), []
        person(links, "eva@x", "researcher")
        person(links, "ana@x", "researcher")

        def look():
            with database.write() as connection:
                mine = select(PERSON.c.email).with_for_update(skip_locked=True)
                free.extend(connection.execute(mine).scalars())
            return "secret"

        monkeypatch.setattr(module, "new_secret", look)
        assert make(links)
    assert free == ["eva@x"]


def test_who_has_left_gets_no_link(links):
    mine, _ = person(links, "ana@x", "researcher")
    Register(links.database).erase(mine, 1.0)
    assert links.own("sign-in", "ana@x", "-", 2.0) is None

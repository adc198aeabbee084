"""Links that are asked for, in each kind of database."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import select

from oncommons.hub.people.links import Links
from oncommons.hub.people.mailed import LEASE_SECONDS, Mailed
from oncommons.hub.people.register import Register
from oncommons.hub.people.rules import ASKED_SECONDS
from oncommons.hub.people.tables import ASKED, LINK
from oncommons.schema.errors_of_people import InviteRefused


@pytest.fixture
def mailed(database):
    links = Links(database)
    place = Register(database).organisation("Athens", 0.0)
    links.join(links.invite("ana@x", place, "researcher", "", 0.0), "Ana", "hash", 0.0)
    return Mailed(links)


def rows(mailed, table=ASKED):
    with mailed.links.database.read() as connection:
        return connection.execute(select(table)).all()


def test_of_many_who_carry_one_link_one_does(mailed):
    mailed.ask("sign-in", "ana@x", "", 0.0)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: mailed.claim(1.0), range(4)))
    assert len([one for one in found if one is not None]) == 1


def test_of_many_who_use_one_link_together_one_signs_in(mailed):
    browser = mailed.ask("sign-in", "ana@x", "", 0.0)
    secret, _ = mailed.make(mailed.claim(0.0), 0.0)

    def use(_):
        try:
            return mailed.links.enter(secret, 1.0, browser)
        except InviteRefused:
            return None

    with ThreadPoolExecutor(6) as pool:
        assert len([one for one in pool.map(use, range(6)) if one]) == 1


def test_neither_secret_is_kept(mailed):
    browser = mailed.ask("sign-in", "ana@x", "", 0.0)
    secret, _ = mailed.make(mailed.claim(0.0), 0.0)
    kept = str([*rows(mailed), *rows(mailed, LINK)])
    assert secret not in kept
    assert browser not in kept
    assert mailed.links.look(secret, 1.0, browser).purpose == "sign-in"


def test_what_died_while_it_was_sent_is_sent_again_as_long_as_somebody_waits_for_it(mailed):
    mailed.ask("password", "ana@x", "", 0.0)
    assert mailed.claim(0.0) is not None
    assert mailed.claim(LEASE_SECONDS - 1) is None
    assert mailed.claim(LEASE_SECONDS).tries == 2
    mailed.ask("password", "ana@x", "", 0.0)
    assert mailed.claim(ASKED_SECONDS) is None
    assert rows(mailed) == []


def test_what_the_server_did_not_take_is_tried_later_with_another_link(mailed):
    browser = mailed.ask("sign-in", "ana@x", "", 0.0)
    wish = mailed.claim(0.0)
    first, identifier = mailed.make(wish, 0.0)
    mailed.put_off(wish, identifier, 0.0)
    assert mailed.claim(14.0) is None
    again = mailed.claim(15.0)
    second, _ = mailed.make(again, 15.0)
    mailed.done(again)
    with pytest.raises(InviteRefused):
        mailed.links.look(first, 16.0, browser)
    assert mailed.links.enter(second, 16.0, browser)
    assert (first != second, rows(mailed)) == (True, [])


def test_nobody_gets_a_link_to_an_address_that_nobody_has(mailed):
    mailed.ask("sign-in", "eva@x", "", 0.0)
    assert mailed.make(mailed.claim(0.0), 0.0) is None
    assert rows(mailed, LINK) == []


def test_a_link_does_what_its_own_kind_does(mailed):
    """Swapped kinds: one for a password only signs nobody in, and one to sign in sets none."""
    found = {}
    for purpose in ("password", "sign-in"):
        browser = mailed.ask(purpose, "ana@x", "", 0.0)
        found[purpose] = (mailed.make(mailed.claim(0.0), 0.0)[0], browser)
    with pytest.raises(InviteRefused):
        mailed.links.enter(found["password"][0], 1.0, found["password"][1])
    secret, browser = found["sign-in"]
    link = mailed.links.look(secret, 1.0, browser)
    for purpose in ("sign-in", "password", "reset"):
        with pytest.raises(InviteRefused):
            mailed.links.renew(secret, replace(link, purpose=purpose), "new hash", 1.0, browser)
    assert mailed.links.enter(secret, 1.0, browser)

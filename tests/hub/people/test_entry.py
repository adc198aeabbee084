"""The door: brute force of passwords and of the second factor, with a clock that is set."""

from dataclasses import replace

import pytest
from sqlalchemy import select
from tests.hub.people.guests import PASSWORD, QUICK, desk_of, guest, sign_in

from oncommons.hub.people import totp
from oncommons.hub.people.desk import open_desk
from oncommons.hub.people.entry import Attempt, _place
from oncommons.hub.people.tables import PERSON, TRIES
from oncommons.schema.errors_of_people import SignInRefused, TooManyTries

DAY = 86_400


def restarted(hub):
    """The desk of a hub that was started again."""
    return open_desk(hub.hub.database, hub.hub.key, hub.clock, QUICK)


def attacked(hub, seconds, attempt, most=10_000):
    """How many guesses are looked at, at once as soon as one is; each by a hub that was started again."""
    end, looked = hub.clock.now + seconds, 0
    for i in range(most):
        if hub.clock.now >= end:
            break
        try:
            restarted(hub).entry.sign_in(attempt(i), hub.clock.now)
        except SignInRefused:
            looked += 1
        except TooManyTries:
            if next_one(hub) >= end:
                break
            hub.clock.now = next_one(hub)
    return looked


def next_one(hub):
    """When the next guess is looked at."""
    with hub.hub.database.read() as connection:
        waits = connection.execute(select(TRIES.c.until).where(TRIES.c.until > hub.clock.now)).scalars().all()
    return min(waits)


def wrong(email, i, place=""):
    return Attempt(email, f"guess number {i}", place=place or f"10.1.{i // 250}.{i % 250}")


def test_passwords_are_guessed_slowly_from_however_many_addresses(hub):
    ana = guest(hub)
    assert attacked(hub, DAY, lambda i: wrong(ana.email, i)) <= 120


def test_an_unknown_account_waits_like_a_known_one(small):
    ana = guest(small)
    found = []
    for email in (ana.email, "nobody@athens.example"):
        start, small.clock.now = small.clock.now, small.clock.now + 10 * DAY
        found.append(attacked(small, 3_600, lambda i, email=email: wrong(email, i)))
        small.clock.now = start
    assert found[0] == found[1]


def test_many_accounts_are_guessed_slowly_from_one_address(small):
    guest(small)
    looked = attacked(small, 3_600, lambda i: wrong(f"person{i}@athens.example", i, "10.0.0.1"))
    assert looked <= 65


def test_strangers_do_not_keep_the_owner_out(hub):
    ana = guest(hub)
    attacked(hub, 3_600, lambda i: wrong(ana.email, i))
    sign = {"email": ana.email, "password": PASSWORD}
    assert sign_in(hub, ana.email).status_code == 429
    assert hub("POST", "/api/sessions", json=sign | {"device": ana.device}).status_code == 201
    hub.clock.now += 900
    assert sign_in(hub, ana.email).status_code == 201


def test_a_known_browser_of_somebody_else_is_a_stranger(small):
    ana, eva = guest(small), guest(small, "eva@athens.example")
    attacked(small, 3_600, lambda i: wrong(ana.email, i))
    assert sign_in(small, ana.email, device=eva.device).status_code == 429


def test_a_known_browser_that_was_stolen_guesses_slowly_too(small):
    ana = guest(small)
    attempt = Attempt(ana.email, "guess guess guess", device=ana.device)
    assert attacked(small, DAY, lambda _: attempt) <= 120


def test_a_thief_with_the_password_has_few_codes(hub):
    ana = guest(hub)
    ana.factor_on()
    looked = codes_looked_at(hub, ana, 40)
    assert 40 < looked <= 16 + 40
    assert sign_in(hub, ana.email, code=ana.code(), device=ana.device).status_code == 201


def codes_looked_at(hub, ana, days):
    """How many codes a thief tries who knows the password, always the moment that one is looked at."""
    end, looked = hub.clock.now + days * DAY, 0
    while hub.clock.now < end:
        before, until = counted(hub, ana)
        hub.clock.now = max(hub.clock.now + 1_000, until)  # the password's own wait is over by then
        right = {totp.code_at(ana.secret, totp.step_of(hub.clock.now) + i) for i in (-1, 0, 1)}
        code = next(c for c in ("000000", "111111", "222222", "333333") if c not in right)
        assert sign_in(hub, ana.email, code=code).status_code == 401
        looked += counted(hub, ana)[0] != before
    return looked


def counted(hub, ana):
    """Count and end of the wait of the codes of an account."""
    with hub.hub.database.read() as connection:
        row = connection.execute(select(TRIES).where(TRIES.c.name == f"code:{ana.id}")).mappings().first()
    return (row["count"], row["until"]) if row else (0, 0.0)


def test_a_right_code_does_not_open_while_strangers_have_to_wait_but_a_recovery_code_does(small):
    ana = guest(small)
    recovery = ana.factor_on()
    for _ in range(5):
        assert sign_in(small, ana.email, code="000000").status_code == 401
        small.clock.now += 5
    assert sign_in(small, ana.email, code=ana.code()).status_code == 401
    small.clock.now += 600
    assert sign_in(small, ana.email, code=recovery[0]).status_code == 201


def test_passwords_and_codes_are_guessed_slowly_in_a_session_that_was_stolen(small):
    ana = guest(small)
    statuses = []
    for i in range(12):
        body = {"password": f"guess number {i}", "new": "another long password 77"}
        statuses.append(ana("PUT", "/api/account/password", json=body).status_code)
    assert statuses == [401] * 5 + [429] * 7
    assert sign_in(small, ana.email).status_code == 201


def test_a_code_that_two_send_together_opens_once(small):
    ana = guest(small)
    ana.factor_on()
    step = totp.step_of(small.clock.now) + 1
    register = desk_of(small).register
    assert [register.use_step(ana.id, step) for _ in range(2)] == [True, False]


def test_an_old_hash_is_made_anew_at_the_next_sign_in(small):
    ana = guest(small)
    small.app.state.people = open_desk(small.hub.database, small.hub.key, small.clock)
    assert sign_in(small, ana.email).status_code == 201
    with small.hub.database.read() as connection:
        assert "m=19456,t=2,p=1" in connection.execute(select(PERSON.c.password)).scalar_one()


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("10.0.0.7", "10.0.0.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("::ffff:10.0.0.7", "10.0.0.7"),
        ("", "unknown"),
        ("testclient", "unknown"),
    ],
)
def test_addresses_are_counted_by_network(address, place):
    assert _place(address) == place


class Meanwhile:
    """Compares passwords, and has something happen after the first comparison, as while it takes its time."""

    def __init__(self, act):
        self.act = act

    def __getattr__(self, name):
        return getattr(QUICK, name)

    def is_right(self, kept, password):
        found, act, self.act = QUICK.is_right(kept, password), self.act, None
        if act:
            act()
        return found


@pytest.mark.parametrize("what", ["erased", "reset", "changed", "nothing"])
def test_a_sign_in_on_the_way_ends_with_what_happens_meanwhile(small, what):
    guest(small, "op@hub.example", "operator")
    ana, desk, new = guest(small), desk_of(small), QUICK.hash("another summer of 99")
    reset = desk.links.reset(ana.email, "", small.clock())
    acts = {
        "erased": lambda: desk.erase_person(ana.id),
        "reset": lambda: desk.links.renew(reset, desk.links.look(reset, small.clock()), new, small.clock()),
        "changed": lambda: desk.register.change(ana.id, password=new),
        "nothing": lambda: None,
    }
    small.app.state.people = replace(desk, entry=replace(desk.entry, passwords=Meanwhile(acts[what])))
    got = sign_in(small, ana.email)
    assert got.status_code == (201 if what == "nothing" else 401)


def test_a_new_hash_of_the_old_password_does_not_undo_a_change(small):
    ana, desk = guest(small), desk_of(small)
    before = desk.register.person(ana.id)
    desk.register.change(ana.id, password="a newer hash")
    desk.register.rehash(before, "a new hash of the old one")
    assert desk.register.person(ana.id).password == "a newer hash"
    desk.register.rehash(desk.register.person(ana.id), "a better hash of it")
    assert desk.register.person(ana.id).password == "a better hash of it"

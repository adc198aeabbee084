"""What the desk does that is not seen over HTTP: it needs proofs that are right, on the day that they are."""

import pytest
from sqlalchemy import select
from tests.hub.people.guests import PASSWORD, desk_of, guest, link, sign_in

from oncommons.hub.people.desk import Proof
from oncommons.hub.people.tables import TRIES
from oncommons.schema.errors import BadRequest
from oncommons.schema.errors_of_people import InviteRefused, PeopleError, SignInRefused


@pytest.fixture
def ana(small):
    return guest(small)


@pytest.fixture
def asker(small, ana):
    return desk_of(small).sessions.asker(ana.session, small.clock())


def test_a_second_factor_is_not_replaced_while_it_is_on(small, ana, asker):
    desk = desk_of(small)
    sealed = desk.new_factor(asker, "hub")["sealed"]
    ana.factor_on()
    with pytest.raises(PeopleError, match="turn it off first"):
        desk.new_factor(asker, "hub")
    with pytest.raises(PeopleError, match="turn it off first"):
        desk.factor_on(asker, Proof(PASSWORD, "123456"), sealed)


def test_with_a_second_factor_the_password_alone_proves_nothing(small, ana, asker):
    ana.factor_on()
    desk = desk_of(small)
    for act in (
        lambda proof: desk.change_password(asker, proof, "another long password 77"),
        lambda proof: desk.factor_off(asker, proof),
        lambda proof: desk.make_token(asker, proof, "t", ["ask"], 1),
        lambda proof: desk.erase(asker, proof),
    ):
        with pytest.raises(SignInRefused):
            act(Proof(PASSWORD))
    assert desk.about(asker)["second_factor"] is True


@pytest.mark.parametrize("days", [0, -1, 366, 1.5, True, "30", None])
def test_a_token_lives_for_a_year_at_most(small, asker, days):
    with pytest.raises(BadRequest):
        desk_of(small).make_token(asker, Proof(PASSWORD), "t", ["ask"], days)


def test_the_secret_of_a_second_factor_lies_sealed_in_the_database(small, ana):
    ana.factor_on()
    kept = desk_of(small).register.person(ana.id).factor
    assert ana.secret not in kept.encode()
    assert desk_of(small).entry.seal.open(kept, ana.id) == ana.secret


def test_a_new_password_ends_the_links_for_one_and_no_invitation(small, ana, asker):
    desk = desk_of(small)
    secret, invitation = desk.links.reset(ana.email, "", small.clock()), link(small, ana.email, "coordinator")
    desk.change_password(asker, Proof(PASSWORD), "another long password 77")
    with pytest.raises(InviteRefused):
        desk.links.look(secret, small.clock())
    assert desk.links.look(invitation, small.clock()).role == "coordinator"


def test_erasing_forgets_the_wrong_tries_at_the_address(small, ana):
    ana.factor_on()
    sign_in(small, ana.email, "a wrong password")
    before = tried(small)
    desk_of(small).erase_person(ana.id)
    gone = {name.partition(":")[0] for name in before - tried(small)}
    assert gone == {"account", "none"}


def tried(hub):
    with hub.hub.database.read() as connection:
        return set(connection.execute(select(TRIES.c.name)).scalars())

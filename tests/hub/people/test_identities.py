"""Identities of providers, on each kind of database."""

import pytest
from tests.hub.callers import START

from oncommons.hub.people.identities import Identities, Vouched
from oncommons.hub.people.links import Links
from oncommons.hub.people.register import Register
from oncommons.hub.people.sessions import Sessions
from oncommons.schema.errors import NotFound
from oncommons.schema.errors_of_people import PeopleError
from oncommons.storage.database import Database

ANA = Vouched("keycloak", "https://id.example.org", "ana", "Ana", {"title": ["Keycloak"]})


@pytest.fixture
def both(database):
    """On each kind of database in turn, where statements or constraints could differ."""
    return Identities(database)


@pytest.fixture
def identities(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'hub.sqlite'}")
    database.upgrade()
    yield Identities(database)
    database.close()


def others(identities):
    return Register(identities.database), Links(identities.database), Sessions(identities.database)


def known_as(subject, **more):
    return Vouched("keycloak", ANA.issuer, subject, subject.title(), ANA.told, **more)


def test_issuer_and_subject_together_name_an_account(both):
    identities = both
    person, identity = identities.land(ANA, START)
    assert identities.land(ANA, START + 1) == (person, identity)
    elsewhere = Vouched("lifescience", "https://login.example.org", "ana", "Ana", {})
    assert len({person, identities.land(elsewhere, START)[0], identities.land(known_as("eva"), START)[0]}) == 3


def test_what_the_provider_says_is_kept_as_it_was_last_said(identities):
    person, _ = identities.land(ANA, START)
    identities.land(
        Vouched(ANA.provider, ANA.issuer, ANA.subject, "Another", {"home": ["x"]}, [{"type": "y"}]), START + 9
    )
    (found,) = identities.of(person)
    assert (found["made"], found["seen"], found["told"], found["visas"]) == (
        START,
        START + 9,
        {"home": ["x"]},
        [{"type": "y"}],
    )
    assert Register(identities.database).person(person).name == "Ana"


def test_an_account_without_a_password_is_not_opened_by_an_empty_one(identities):
    person, identity = identities.land(ANA, START)
    register, _, sessions = others(identities)
    assert register.person(person).password == ""
    assert sessions.asker(sessions.start(person, "x", START, "", identity), START).person == person


def test_two_people_without_an_address_are_two(both):
    identities = both
    one, _ = identities.land(known_as("ana"), START)
    two, _ = identities.land(known_as("eva"), START)
    register = others(identities)[0]
    assert [register.person(p).email for p in (one, two)] == ["", ""]
    assert register.find("") is None


def test_roles_that_a_provider_gave_go_with_the_identity_and_others_stay(both):
    identities = both
    register = others(identities)[0]
    place = register.organisation("Athens", START)
    person, first = identities.land(known_as("ana", roles=[(place, "researcher"), (place, "data-manager")]), START)
    register.give(person, place, "coordinator", START)
    identities.join(known_as("second"), person, START)
    identities.part(person, first)
    assert [one.role for one in register.roles(person)] == ["coordinator"]


def test_a_role_that_was_there_before_is_not_the_providers_to_take(identities):
    register = others(identities)[0]
    place = register.organisation("Athens", START)
    person, _ = identities.land(ANA, START)
    register.give(person, place, "researcher", START)
    identities.land(known_as("ana", roles=[(place, "researcher")]), START)
    identities.land(ANA, START)
    assert [one.role for one in register.roles(person)] == ["researcher"]


def test_a_role_that_was_taken_here_comes_back_with_the_next_sign_in(identities):
    """The provider is asked each time; who is not to have it is taken out of the table, or of the group."""
    register = others(identities)[0]
    place = register.organisation("Athens", START)
    person, _ = identities.land(known_as("ana", roles=[(place, "researcher")]), START)
    register.take(person, place, "researcher", START)
    identities.land(known_as("ana", roles=[(place, "researcher")]), START)
    assert [one.role for one in register.roles(person)] == ["researcher"]
    identities.land(ANA, START)
    assert register.roles(person) == []


def test_only_ones_own_identity_is_unlinked(identities):
    ana, one = identities.land(known_as("ana"), START)
    eva, two = identities.land(known_as("eva"), START)
    identities.join(known_as("third"), ana, START)
    for person, identity in ((ana, two), (eva, one), (ana, "guess")):
        with pytest.raises(NotFound):
            identities.part(person, identity)
    with pytest.raises(PeopleError):
        identities.part(eva, two)
    with pytest.raises(PeopleError):
        identities.join(known_as("eva"), ana, START)


def test_closing_a_provider_ends_what_it_opened_and_keeps_who_is_who(both):
    identities = both
    register, _, sessions = others(identities)
    place = register.organisation("Athens", START)
    person, identity = identities.land(known_as("ana", roles=[(place, "researcher")]), START)
    session = sessions.start(person, "x", START, "", identity)
    token = sessions.make_token(person, "x", ["ask"], 30, START)
    assert (identities.close("another"), sessions.asker(session, START) is not None) == (0, True)
    assert identities.close("keycloak") == 1
    assert [sessions.asker(one, START) for one in (session, token)] == [None, None]
    assert register.roles(person) == []
    assert identities.land(known_as("ana"), START) == (person, identity)


def test_closing_a_provider_leaves_who_has_a_password_what_that_opened(identities):
    register, links, sessions = others(identities)
    secret = links.invite("ana@athens.example", register.organisation("Athens", START), "researcher", "", START)
    person = links.join(secret, "Ana", "a hash", START)
    identity = identities.join(ANA, person, START)
    by_password = sessions.start(person, "x", START, "a hash")
    by_provider = sessions.start(person, "x", START, "a hash", identity)
    token = sessions.make_token(person, "x", ["ask"], 30, START)
    identities.close("keycloak")
    found = [sessions.asker(one, START) is not None for one in (by_password, by_provider, token)]
    assert found == [True, False, True]


def test_roles_that_a_provider_gives_and_takes_are_told_and_a_newcomer_is_told_nothing(identities):
    register, _, _ = others(identities)
    place, told = register.organisation("Athens", START), []
    identities.tell = lambda connection, notices, now: told.extend(one.says for one in notices)
    identities.land(known_as("ana", roles=[(place, "researcher")]), START)
    assert told == []
    identities.land(known_as("ana", roles=[(place, "access-officer")]), START + 1)
    assert sorted(told) == ["You are access-officer of Athens now.", "You are researcher of Athens no longer."]


def test_an_identity_that_is_linked_is_told_once(identities):
    person, _ = identities.land(ANA, START)
    told = []
    identities.tell = lambda connection, notices, now: told.extend(one.person for one in notices)
    for _ in range(2):
        identities.join(known_as("another"), person, START)
    assert told == [person]

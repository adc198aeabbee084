"""People, organisations and roles in each kind of database."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from oncommons.hub.people.register import Register, hold_accounts, new_person
from oncommons.schema.errors import NotFound, OncommonsError
from oncommons.schema.errors_of_people import LastOperator


def made(register, *emails):
    with register.database.write() as connection:
        return [new_person(connection, email, email[0].upper(), "hash", 1.0) for email in emails]


def test_people_are_found_by_address_and_identifier(database):
    register = Register(database)
    (ana,) = made(register, "ana@x")
    assert register.find("ana@x") == register.person(ana)
    assert register.find("eva@x") is None
    with pytest.raises(NotFound):
        register.person("x")


def test_an_organisation_is_made_once_however_it_is_written(database):
    register = Register(database)
    first = register.organisation("Universitätsklinik Köln", 1.0)
    assert register.organisation("UNIVERSITÄTSKLINIK KÖLN", 2.0) == first
    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(lambda _: register.organisation("Athens", 1.0), range(8)))) == 1


def test_a_role_is_given_once_and_taken_once(database):
    register = Register(database)
    (ana,), place = made(register, "ana@x"), register.organisation("Athens", 1.0)
    for _ in range(2):
        register.give(ana, place, "researcher", 1.0)
    assert [one.role for one in register.roles(ana)] == ["researcher"]
    register.take(ana, place, "researcher", 2.0)
    with pytest.raises(NotFound):
        register.take(ana, place, "researcher", 2.0)


def test_of_two_operators_who_remove_one_another_one_stays(database):
    register = Register(database)
    people, place = made(register, "ana@x", "eva@x"), register.organisation("Hub", 1.0)
    for one in people:
        register.give(one, place, "operator", 1.0)

    def remove(one):
        try:
            register.erase(one, 2.0)
        except LastOperator:
            return "stays"
        except OncommonsError as fault:
            return fault.code
        return "gone"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(remove, people)) == ["gone", "stays"]


def test_two_people_who_were_erased_share_no_address(database):
    register = Register(database)
    for one in made(register, "ana@x", "eva@x"):
        register.erase(one, 2.0)
    assert register.everybody(None) == []


def test_who_has_left_is_who_had_an_account(database):
    register = Register(database)
    ana, eva = made(register, "ana@x", "eva@x")
    register.erase(ana, 2.0)
    assert [register.has_left(one) for one in (ana, eva, "somebody else")] == [True, False, False]


def test_recovery_codes_are_replaced_as_a_whole(database):
    register = Register(database)
    (ana,) = made(register, "ana@x")
    register.keep_recovery(ana, ["a", "b"])
    register.keep_recovery(ana, ["c"])
    assert (register.use_recovery(ana, "a"), register.use_recovery(ana, "c"), register.recovery_left(ana)) == (
        False,
        True,
        0,
    )


def test_an_account_that_is_held_says_whether_it_stands(database):
    register = Register(database)
    ana, eva = made(register, "ana@x", "eva@x")
    register.erase(eva, 2.0)
    with database.write() as connection:
        assert hold_accounts(connection, {ana, eva, "nobody"}) == {ana: True, eva: False}
        assert hold_accounts(connection, ()) == {}

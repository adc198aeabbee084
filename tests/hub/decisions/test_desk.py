"""What people do about decisions, as the routes call it."""

from contextlib import contextmanager

import pytest
from sqlalchemy import event
from tests.hub.people.guests import desk_of

from oncommons.schema.errors import NotFound
from oncommons.schema.errors_of_permits import NoSuchPermit


def desk(here):
    return here.hub.app.state.decisions


def test_an_account_is_found_by_address_and_identifier(here):
    assert desk(here).account(" ANA@people.example ") == desk(here).account(here.ana.id) == here.ana.id
    assert desk(here).account("nobody@x.example") == desk(here).account("") == ""


def test_who_has_nothing_to_do_with_it_has_no_list(here):
    here.reviewed()
    assert here.now not in {one["id"] for one in desk(here).mine(here.eve.id)["applications"]}
    assert here.now in {one["id"] for one in desk(here).mine(here.mia.id)["applications"]}


def test_what_ended_leaves_the_list_of_who_lost_the_role(here):
    here.reviewed()
    here.done("ana", "withdraw")
    register = desk_of(here.hub).register
    (held,) = register.roles(here.mo.id)
    register.take(here.mo.id, held.organisation, held.role, here.clock())
    assert here.now not in {one["id"] for one in desk(here).mine(here.mo.id)["applications"]}
    register.give(here.mo.id, held.organisation, held.role, here.clock())
    assert here.now in {one["id"] for one in desk(here).mine(here.mo.id)["applications"]}


def test_a_list_is_read_with_as_many_queries_for_many_as_for_one(here):
    """Each application that had ended was read and replayed to be listed."""
    asked = []
    for more in ("", "-2"):
        here.now += more
        here.reviewed()
        here.done("ana", "withdraw")
        with reading(here.hub.hub.database) as statements:
            assert here.now in {one["id"] for one in desk(here).mine(here.mo.id)["applications"]}
        asked.append(len(statements))
    assert asked[0] == asked[1] < 12


def test_a_step_reads_the_history_once(here):
    here.reviewed()
    with reading(here.hub.hub.database) as statements:
        here.done("cora", "comment", text="So be it.")
    assert len([one for one in statements if "SELECT decision_event.event" in one]) == 1


@contextmanager
def reading(database):
    """What a database is asked while the block lasts."""
    statements = []

    def note(*told):
        statements.append(told[2])

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


def test_a_decision_says_how_its_permit_stands(here):
    assert here.granted()["permit"] == "holds"
    assert here.done("cora", "end")["permit"] == "revoked"
    with pytest.raises(NoSuchPermit):
        desk(here).new_pass(here.now, here.ana.id)
    with pytest.raises(NotFound):
        desk(here).new_pass(here.now, here.eve.id)


def test_a_holder_sees_its_own_part_of_a_permit(here):
    here.granted()
    found = next(one for one in desk(here).uses(here.oscar.id)["projects"] if one["id"] == here.now)
    assert [one["node"] for one in found["datasets"]] == ["bologna"]
    assert desk(here).uses(here.dan.id)["organisations"] == ["Athens General"]

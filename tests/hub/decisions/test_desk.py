"""What people do about decisions, as the routes call it."""

import pytest
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

"""From what was granted to the permit, also where a process died in between."""

from dataclasses import replace

import pytest
from tests.hub.decisions.rooms import Room, record
from tests.permits import HUB
from tests.storage.conftest import opened

from oncommons.hub.catalogue.shelf import Shelf
from oncommons.hub.decisions.granting import TURN, Granting, emails_in, permit_of
from oncommons.hub.permits.book import PermitBook
from oncommons.policy.access.duties import DAY
from oncommons.schema.permit import COUNT, Holding
from oncommons.storage.audit_hub import HubLog
from oncommons.storage.turns import Turns

QUESTION = '{"count": "series", "where": {"field": "modality", "in": ["MR"]}}'


@pytest.fixture
def room(sqlite_url, tmp_path):
    with opened(sqlite_url) as database:
        room = Room(database)
        room.book = PermitBook(tmp_path, HUB, HubLog(database))
        room.granting = Granting(database, room.book, Shelf(database), "https://hub.test", room.clock, "me")
        yield room


def granted(room, **answers):
    room.granted(**answers)
    return room.docket.one("a1", "ana")


def test_the_permit_says_what_was_granted_and_to_whom(room):
    found = granted(room, variables=("person.sex", "modality", "nonsense"), question=QUESTION)
    permit = permit_of(found, {}, {("athens", "x"): "DUO:0000007 (ICD10:C34)", ("else", "x"): "DUO:0000004"})
    assert permit.datasets == (Holding("athens", "x"), Holding("athens", "y"), Holding("bologna", "z"))
    assert permit.people == ("ana", "ben")
    assert permit.variables == ("person.sex", "series", "series.modality")
    assert (permit.analyses, permit.ehds, permit.duo) == ((COUNT,), ("RESEARCH",), ("DUO:0000007",))
    assert (permit.id, permit.project, permit.title) == ("a1", "lungs-a1", "Lungs")


def test_it_holds_from_the_grant_until_the_end_that_was_applied_for(room):
    found = granted(room, begin="2026-01-01", end="2027-12-31")
    permit = permit_of(found)
    assert (permit.not_before, permit.not_after) == (int(room.clock.now), int(found.application.until))
    later = replace(found, record=record(begin="2027-06-01", end="2027-12-31"))
    assert permit_of(later).not_before > room.clock.now


def test_a_partial_approval_is_a_permit_for_the_part(room):
    room.reviewed()
    room.propose("olga", "athens")
    for name in ("mia", "max", "mo", "pat"):
        room.do("vote", name, "athens", yes=True)
    room.propose("oscar", "bologna", "bologna/z", conditions=("publish", "no profit"))
    assert room.do("accept", "ben", "bologna").granted == {"bologna": {"bologna/z"}}
    permit = permit_of(room.docket.one("a1", "ana"))
    assert permit.datasets == (Holding("bologna", "z"),)
    assert permit.conditions == ("bologna: publish", "bologna: no profit")


def test_people_who_are_named_by_address_get_it_if_they_are_here(room):
    granted(room, people="New; Else; NEW@x.example\nZoe; Far; zoe@far.example")
    room.granting.agree("a1")
    assert room.book.entry("a1").permit.people == ("ana", "ben", "new")
    assert emails_in("a b@c.d;e <f@G.h>, @ x@") == ["b@c.d", "f@g.h"]


def test_a_permit_is_issued_once_however_often_it_is_looked(room):
    granted(room)
    assert room.granting.pending() == ["a1"]
    for _ in range(3):
        room.granting.agree("a1")
    assert room.granting.pending() == []
    assert room.book.path.read_text().count('"issued"') == 1


def test_a_permit_that_was_issued_before_the_process_died_is_found(room):
    found = granted(room)
    room.book.issue(permit_of(found), "https://hub.test", room.clock())
    room.granting.agree("a1")
    assert (room.granting.pending(), len(room.book.entries())) == ([], 1)


def test_where_another_has_the_turn_it_is_left_to_them(room):
    granted(room)
    Turns(room.database).take(TURN, "other", room.clock(), 60)
    room.granting.agree("a1")
    assert (room.granting.pending(), dict(room.book.entries())) == (["a1"], {})


def test_what_ends_before_its_time_is_taken_back(room):
    granted(room)
    room.granting.agree("a1")
    room.do("end", "cora")
    assert room.granting.pending() == ["a1"]
    room.granting.agree("a1")
    assert room.book.entry("a1").standing(room.clock()) == "revoked"


def test_what_ends_with_its_time_needs_not_be_taken_back(room):
    granted(room, end="2027-12-31")
    room.granting.agree("a1")
    room.clock.now += 1_000 * DAY
    assert room.docket.pass_time("a1")
    room.granting.agree("a1")
    assert (room.book.entry("a1").standing(room.clock()), room.granting.pending()) == ("ended", [])


def test_of_what_was_never_handed_in_nothing_is_made(room):
    room.granting.agree("nowhere")
    assert dict(room.book.entries()) == {}

"""Saved questions in a database, on SQLite and on PostgreSQL."""

import pytest
from tests.hub.saved.test_logbook import hear

from oncommons.hub.people.register import Register, new_person
from oncommons.hub.saved import drawer as module
from oncommons.hub.saved.drawer import MOST_WATCHES, Drawer
from oncommons.hub.saved.logbook import WATCH_SECONDS
from oncommons.hub.search.permitted import Under
from oncommons.schema.answer import exact
from oncommons.schema.dictionary import find_field
from oncommons.schema.errors import BadRequest, NotFound
from oncommons.schema.errors_of_permits import NoSuchPermit
from oncommons.schema.parsing import parse_question
from oncommons.schema.question import Between, Question
from oncommons.schema.saved import digest_of

WOMEN = parse_question({"count": "person", "where": {"field": "sex", "in": ["F"]}})


@pytest.fixture
def drawer(database):
    return Drawer(database, "Hub", "https://hub.example")


def test_a_question_is_found_under_the_hash_of_what_it_asks(drawer):
    saved = drawer.save("Women", WOMEN, 0.0)
    assert saved.id == digest_of(WOMEN)
    assert drawer.one(saved.id) == saved
    assert saved.citation.endswith(f"https://hub.example/saved/{saved.id}")
    assert (saved.made, saved.count, saved.checked) == ("1970-01-01T00:00:00+00:00", None, "")


def test_the_same_question_is_saved_once_and_keeps_its_first_name(drawer):
    drawer.save("Women", WOMEN, 1.0)
    assert drawer.save("Others", WOMEN, 2.0).name == "Women"
    assert len(drawer.all()) == 1


def test_the_newest_stands_first(drawer):
    drawer.save("Women", WOMEN, 1.0)
    drawer.save("All", parse_question({"count": "person"}), 2.0)
    assert [one.name for one in drawer.all()] == ["All", "Women"]


def test_what_the_dictionary_no_longer_takes_stays_in_the_list_and_says_why(drawer):
    rising = {"field": "value", "between": [10, None]}
    drawer.save("Rising", Question("measurement", Between(find_field("value", "measurement"), 10, None)), 1.0)
    drawer.save("Women", WOMEN, 2.0)
    women, old = drawer.all()
    assert (women.name, old.name, old.question) == ("Women", "Rising", {"count": "measurement", "where": rising})
    assert old.sentence.startswith("It can no longer be asked: value has the unit of its marker")


def test_the_numbers_that_are_waited_for_stand_in_order(drawer):
    saved = drawer.save("Women", WOMEN, 1.0)
    for reach in (30, 10, 10):
        drawer.watch(saved.id, reach, 1.0)
    found = drawer.one(saved.id)
    assert [(w.reach, w.standing) for w in found.watches] == [(10, "not known"), (30, "not known")]
    assert found.watches[0].until == "1971-01-02T00:00:01+00:00"
    assert drawer.all()[0].watches == found.watches


def test_a_number_is_reached_once_and_stays_marked(drawer):
    saved = drawer.save("Women", WOMEN, 1.0)
    drawer.watch(saved.id, 30, 1.0)
    for now, count in ((60.0, exact(40)), (120.0, exact(9))):
        hear(drawer.log, saved.id, now, athens=count)
    (watch,) = drawer.one(saved.id).watches
    assert (watch.standing, watch.reached) == ("not reached", "1970-01-01T00:01:00+00:00")


def test_what_nobody_saved_is_not_there(drawer):
    with pytest.raises(NotFound):
        drawer.one("x")
    with pytest.raises(NotFound):
        drawer.watch("x", 1, 1.0)


def test_a_number_that_nobody_waits_for_any_more_makes_room_for_another(drawer, monkeypatch):
    saved = drawer.save("Women", WOMEN, 1.0)
    for reach in range(1, MOST_WATCHES + 1):
        drawer.watch(saved.id, reach, 1.0)
    later = 1.0 + WATCH_SECONDS
    drawer.watch(saved.id, 777, later)
    assert [one.reach for one in drawer.one(saved.id).watches] == [777]
    monkeypatch.setattr(module, "MOST_WATCHED", 1)
    other = drawer.save("All", parse_question({"count": "person"}), 1.0)
    drawer.watch(saved.id, 777, later)
    with pytest.raises(BadRequest):
        drawer.watch(other.id, 1, later)


def test_to_wait_anew_after_the_end_counts_as_to_begin(drawer, monkeypatch):
    monkeypatch.setattr(module, "MOST_WATCHED", 1)
    women, all_ = drawer.save("Women", WOMEN, 1.0), drawer.save("All", parse_question({"count": "person"}), 1.0)
    drawer.watch(women.id, 1, 1.0)
    drawer.watch(all_.id, 1, 1.0 + WATCH_SECONDS)
    with pytest.raises(BadRequest):
        drawer.watch(women.id, 1, 1.0 + WATCH_SECONDS)


def test_there_is_an_end_to_what_is_kept(drawer, monkeypatch):
    saved = drawer.save("Women", WOMEN, 1.0)
    for reach in range(1, MOST_WATCHES + 1):
        drawer.watch(saved.id, reach, 1.0)
    with pytest.raises(BadRequest):
        drawer.watch(saved.id, MOST_WATCHES + 1, 1.0)
    monkeypatch.setattr(module, "MOST_WATCHED", 1)
    other = drawer.save("Men", parse_question({"count": "person", "where": {"field": "sex", "in": ["M"]}}), 1.0)
    with pytest.raises(BadRequest):
        drawer.watch(other.id, 1, 1.0)
    monkeypatch.setattr(module, "MOST_SAVED", 1)
    with pytest.raises(BadRequest):
        drawer.save("All", parse_question({"count": "person"}), 1.0)


def test_nothing_is_kept_for_somebody_whose_account_was_erased_meanwhile(drawer):
    with drawer.database.write() as connection:
        ana = new_person(connection, "ana@x", "Ana", "-", 0.0)
    under = Under("P-7", ana)
    saved = drawer.save("Women", WOMEN, 1.0, under)
    Register(drawer.database).erase(ana, 2.0)
    with pytest.raises(NoSuchPermit):
        drawer.watch(saved.id, 3, 3.0, under)
    with pytest.raises(NoSuchPermit):
        drawer.save("All", parse_question({"count": "person"}), 3.0, under)
    (kept,) = drawer.all(under)
    assert (kept.name, kept.watches) == ("Women", ())

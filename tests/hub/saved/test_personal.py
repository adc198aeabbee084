"""What saved questions keep of a person."""

import pytest
from sqlalchemy import select
from tests.hub.people.guests import PASSWORD, guest, opened
from tests.hub.saved.test_logbook import hear

from oncommons.hub.people.register import Leaving
from oncommons.hub.saved.drawer import Drawer
from oncommons.hub.saved.personal import keeper
from oncommons.hub.saved.tables import HEARD, SAVED, SIGHTING, WATCH
from oncommons.hub.search.permitted import Under
from oncommons.schema.answer import exact
from oncommons.schema.parsing import parse_question

WOMEN = {"count": "person", "where": {"field": "sex", "in": ["F"]}}


@pytest.fixture
def drawer(database):
    """Questions of ana, of ben, and of everybody, all watched and answered."""
    drawer = Drawer(database, "Hub", "https://hub.example")
    for under in (Under("P-7", "ana"), Under("P-7", "ben"), Under()):
        saved = drawer.save("Women", parse_question(WOMEN), 1.0, under)
        drawer.watch(saved.id, 3, 1.0, under)
        hear(drawer.log, saved.id, 2.0, athens=exact(5))
    return drawer


def test_a_person_sees_what_they_saved_and_nobody_elses(drawer):
    (mine,) = keeper(drawer.database).told("ana")
    assert (mine["name"], mine["question"], mine["permit"]) == ("Women", WOMEN, "P-7")
    assert keeper(drawer.database).told("eve") == []
    assert keeper(drawer.database).told("") == []


def test_what_a_person_saved_goes_with_all_that_hangs_on_it_and_the_rest_stays(drawer):
    (mine,) = keeper(drawer.database).told("ana")
    with drawer.database.write() as connection:
        keeper(drawer.database).forget(connection, Leaving("ana", "", 0.0))
        keeper(drawer.database).forget(connection, Leaving("", "", 0.0))
    with drawer.database.read() as connection:
        left = [set(connection.execute(select(t.c.digest)).scalars()) for t in (SAVED, WATCH, HEARD, SIGHTING)]
    assert left == [left[0]] * 4
    assert len(left[0]) == 2
    assert mine["id"] not in left[0]


def test_it_stands_in_the_account_of_its_person(tmp_path):
    with opened(tmp_path) as hub:
        ana = guest(hub)
        drawer = Drawer(hub.hub.database, "Hub", "https://hub.example")
        drawer.save("Women", parse_question(WOMEN), 1.0, Under("P-7", ana.id))
        assert [one["permit"] for one in ana.about()["saved_questions"]] == ["P-7"]
        assert ana("DELETE", "/api/account", json={"password": PASSWORD}).status_code == 200
        assert drawer.all(Under("P-7", ana.id)) == []

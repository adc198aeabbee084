"""What the parts tell together."""

import pytest
from sqlalchemy import event
from tests.hub.applications.writers import attach, begun, fill, look, save
from tests.hub.people.guests import desk_of, guest, opened

from oncommons.hub.applications.office import opening


def test_who_was_erased_is_not_called_anything(small, ana):
    bob = guest(small, "left@berlin.example")
    made = begun(ana)
    ana("POST", f"/api/applications/{made}/comments", json={"paragraph": "title", "text": "x"})
    desk_of(small).erase_person(bob.id)
    office = small.app.state.applications
    assert office.names([ana.id, bob.id, "nobody"]) == {ana.id: "ana", bob.id: "", "nobody": ""}
    assert look(ana, made)["people"] == {ana.id: "ana"}


def test_names_of_nobody_are_none(small):
    assert small.app.state.applications.names(["", ""]) == {}


def test_an_application_is_read_once_to_be_shown(small, ana):
    made, asked = begun(ana), []
    engine = small.hub.database.engine
    event.listen(engine, "before_cursor_execute", note := lambda *told: asked.append(told[2]))
    try:
        look(ana, made)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert sum("FROM application_answer" in one for one in asked) == 1


@pytest.mark.parametrize("work", [lambda ana, made: save(ana, made, title="x"), attach])
def test_who_writes_is_looked_up_once_with_each_save_and_document(small, ana, work):
    made, asked = begun(ana), []
    engine = small.hub.database.engine
    event.listen(engine, "before_cursor_execute", note := lambda *told: asked.append(told[2]))
    try:
        work(ana, made)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert sum("FROM session" in one for one in asked) == 1


def test_empty_answers_begin_nothing():
    assert opening({"answers": {"title": "x", "ehds": [], "summary": ""}}) == {"title": "x"}
    assert opening({}) == {}


def test_datasets_of_a_node_that_was_revoked_are_gone(tmp_path):
    with opened(tmp_path, people="required") as hub:
        ana = guest(fill(hub))
        made = begun(ana, datasets=["athens/open", "berlin/chest"])
        hub.hub.registry.revoke("berlin", hub.clock())
        found = {(d["node"], d["dataset"]): d["outcome"] for d in look(ana, made)["datasets"]}
        assert found == {("athens", "lung"): "not", ("athens", "open"): "fits", ("berlin", "chest"): "not"}

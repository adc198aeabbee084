"""Saving, citing and watching over HTTP, with real data behind it."""

import pytest
from tests.hub.callers import told
from tests.hub.federated import federated
from tests.hub.people.guests import guest
from tests.oracle import columns, pooled

from oncommons.hub.saved import watching as module

WOMEN = {"count": "person", "where": {"field": "sex", "in": ["F"]}}
MEN = {"count": "person", "where": {"field": "sex", "in": ["M"]}}


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    with federated(tmp_path_factory.mktemp("federation")) as running:
        yield running


def save(hub, **body):
    return hub("POST", "/api/saved", json={"name": "Men", "question": MEN} | body)


def test_a_watched_question_tells_whether_its_number_is_reached(hub):
    pool = pooled.load(("lctsc", "prostate_diagnosis"))
    men = sum(count.certain for count in columns.answer(MEN, pool).values())
    assert men > 50
    saved = save(hub, reach=men - 10).json()
    assert saved["watches"][0]["standing"] == "reached"
    assert saved["count"]["at_least"] >= men
    far = hub("POST", f"/api/saved/{saved['id']}/watch", json={"reach": 100_000}).json()
    assert [w["standing"] for w in far["watches"]] == ["reached", "not reached"]
    assert hub("GET", f"/api/saved/{saved['id']}").json() == far
    assert far | {"heard": [], "sightings": []} in hub("GET", "/api/saved").json()["saved"]


def test_looking_asks_nobody_and_the_hub_itself_asks_when_a_node_has_published(hub, monkeypatch):
    monkeypatch.setattr(module, "PAUSE_SECONDS", 5.0)
    saved = save(hub, question={"count": "series"}, reach=5).json()
    watcher, shelf = hub.app.state.watcher, hub.app.state.shelf
    hub.clock.now += 20
    shelf.replace("athens", [one for node, one in shelf.cards() if node == "athens"], hub.clock.now)
    hub.clock.now += 10
    assert hub("GET", f"/api/saved/{saved['id']}").json() == saved
    hub.portal.call(watcher.round)
    again = hub("GET", f"/api/saved/{saved['id']}").json()
    asked = {one["node"]: one["asked"] for one in saved["heard"]}
    assert {one["node"]: one["asked"] > asked[one["node"]] for one in again["heard"]} == {
        "athens": True,
        "bologna": False,
    }
    assert (again["count"], again["sightings"]) == (saved["count"], saved["sightings"])


def test_a_question_that_nobody_watches_asks_nobody(hub):
    assert save(hub, question={"count": "study"}).json()["count"] is None


def test_the_permanent_address_holds_the_hash(hub):
    saved = save(hub).json()
    assert saved["citation"].endswith(f"http://hub.test/saved/{saved['id']}")
    assert len(saved["id"]) == 64


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"name": ""}, 400, "E405"),
        ({"reach": 0}, 400, "E405"),
        ({"reach": "many"}, 400, "E405"),
        ({"more": 1}, 400, "E405"),
        ({"question": {"count": "galaxy"}}, 422, "E102"),
    ],
)
def test_what_cannot_be_saved_is_refused(hub, body, status, code):
    assert told(save(hub, **body)) == (status, code)


def test_what_nobody_saved_is_not_there(hub):
    assert told(hub("GET", "/api/saved/x")) == (404, "E404")
    assert told(hub("POST", "/api/saved/x/watch", json={"reach": 3})) == (404, "E404")


def test_a_question_to_some_nodes_is_another_one_and_a_node_that_is_not_there_is_refused(hub):
    some = save(hub, question=MEN | {"nodes": ["bologna"]}).json()
    assert some["id"] != save(hub).json()["id"]
    assert some["question"]["nodes"] == ["bologna"]
    assert "asking only bologna" in some["citation"]
    assert told(save(hub, question=MEN | {"nodes": ["rome"]})) == (422, "E103")


def test_who_is_signed_in_waits_and_is_told_in_the_inbox(hub):
    ana = guest(hub)
    body = {"name": "Women at all", "question": WOMEN, "reach": 100_000}
    saved = ana("POST", "/api/saved", json=body).json()
    waits = ana("GET", "/api/account/watches").json()["watches"]
    assert [(one["id"], one["name"], one["reach"]) for one in waits] == [(saved["id"], "Women at all", 100_000)]
    assert ana.about()["watches"] == waits
    log = hub.app.state.watcher.book
    log.hear(saved["id"], None, (), hub.clock.now + 1, hub.clock.now + 1)  # no node is left
    (told_of,) = ana("GET", "/api/account/inbox").json()["news"]
    assert (told_of["kind"], told_of["says"]) == ("watch", "“Women at all”: 100,000 not known.")
    assert told_of["where"] == f"/saved/{saved['id']}"
    assert ana("DELETE", f"/api/account/watches/{saved['id']}").status_code == 200
    assert told(ana("DELETE", f"/api/account/watches/{saved['id']}")) == (404, "E404")


def test_who_only_saves_or_is_nobody_waits_for_nothing(hub):
    eva = guest(hub, "eva@athens.example")
    eva("POST", "/api/saved", json={"name": "Women at all", "question": WOMEN})
    save(hub, question=WOMEN, reach=7)
    assert eva("GET", "/api/account/watches").json() == {"watches": []}

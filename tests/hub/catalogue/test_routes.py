"""HTTP of the catalogue: cards, nodes, dictionary; and what cannot be published."""

import json

import pytest
from tests.hub.callers import card, exact, told

from oncommons.hub.catalogue.routes import MOST_DATASETS
from oncommons.schema.dictionary import dictionary_to_json


def publish(node, *cards):
    return node("PUT", "/api/link/datasets", json={"datasets": list(cards)})


def listed(hub):
    return [(c["node"], c["dataset"]) for c in hub("GET", "/api/datasets").json()["datasets"]]


def test_the_dictionary_is_told(hub):
    body = hub("GET", "/api/dictionary").json()
    values = [field.pop("values") for field in body["fields"] if field["vocabulary"]]
    assert body.pop("labels") == []
    assert body == json.loads(json.dumps(dictionary_to_json()))
    assert not any(values)


def test_the_dictionary_counts_people_by_code_as_the_cards_tell_them(hub):
    few = {"value": None, "at_least": 0, "at_most": 9, "precision": "suppressed"}
    codes = {"stage": {"IIA": exact(12), "IV": exact(3)}}
    publish(hub.member("athens"), card("a", codes=codes, fields=["condition.stage"], records={"person": exact(15)}))
    publish(hub.member("bologna"), card("b", fields=["condition.stage"], records={"person": few}))
    fields = {field["name"]: field for field in hub("GET", "/api/dictionary").json()["fields"]}
    told = {code: (v["people"]["at_least"], v["people"]["at_most"]) for code, v in fields["stage"]["values"].items()}
    assert told == {"IIA": (12, 21), "IV": (3, 12)}
    assert fields["sex"]["values"] == {}
    hub.hub.registry.revoke("athens", hub.clock())
    fields = {field["name"]: field for field in hub("GET", "/api/dictionary").json()["fields"]}
    assert fields["stage"]["values"] == {}


def test_a_new_hub_has_no_datasets_and_no_nodes(hub):
    assert hub("GET", "/api/datasets").json() == {"datasets": []}
    assert hub("GET", "/api/nodes").json() == {"nodes": []}


def test_a_card_is_published_under_the_name_of_its_node(hub):
    assert publish(hub.member("athens"), card("lung", node="bologna")).json() == {"published": 1}
    (found,) = hub("GET", "/api/datasets").json()["datasets"]
    assert (found["node"], found["dataset"], found["records"]["person"]["value"]) == ("athens", "lung", 7)


def test_a_node_replaces_its_own_cards_only(hub):
    athens, bologna = hub.member("athens"), hub.member("bologna")
    publish(athens, card("a"), card("b"))
    publish(bologna, card("a"))
    publish(athens, card("c"))
    assert listed(hub) == [("athens", "c"), ("bologna", "a")]


def test_cards_of_a_revoked_node_are_not_shown(hub):
    publish(hub.member("athens"), card())
    hub.hub.registry.revoke("athens", hub.clock())
    assert listed(hub) == []
    assert hub("GET", "/api/nodes").json()["nodes"][0]["presence"] == "revoked"


def test_a_node_is_told_with_its_times_version_and_number_of_datasets(hub):
    publish(hub.member("athens"), card("a"), card("b"))
    hub.clock.now += 3_600
    (node,) = hub("GET", "/api/nodes").json()["nodes"]
    assert node == {
        "name": "athens",
        "presence": "away",
        "joined": "2026-09-21T14:13:20+00:00",
        "last_seen": "2026-09-21T14:13:20+00:00",
        "version": "1",
        "datasets": 2,
    }


def test_a_node_that_never_called_was_never_seen(hub):
    hub.join("athens")
    (node,) = hub("GET", "/api/nodes").json()["nodes"]
    assert (node["presence"], node["last_seen"], node["datasets"]) == ("never", "", 0)


@pytest.mark.parametrize(
    "body", [[], {}, {"datasets": {}}, {"datasets": None}, {"datasets": [{}] * (MOST_DATASETS + 1)}]
)
def test_what_is_not_a_list_of_cards_is_refused(hub, body):
    athens = hub.member("athens")
    assert told(athens("PUT", "/api/link/datasets", json=body)) == (400, "E405")


@pytest.mark.parametrize(
    "broken",
    [
        7,
        None,
        [],
        {},
        card(records=7),
        card(records={"person": {"at_least": -1}}),
        card(codes={"sex": 7}),
        card(fields=7),
    ],
)
def test_one_card_that_is_none_refuses_all_and_leaves_the_former(hub, broken):
    athens = hub.member("athens")
    publish(athens, card("old"))
    assert told(publish(athens, card("new"), broken)) == (400, "E405")
    assert listed(hub) == [("athens", "old")]


def test_two_cards_of_one_dataset_are_refused_as_the_request_that_they_are(hub):
    assert told(publish(hub.member("athens"), card("a"), card("a"))) == (400, "E405")


def test_a_card_that_cannot_be_sent_on_is_refused(hub):
    content = json.dumps({"datasets": [card(title="\ud800")]})
    hub.member("athens")("PUT", "/api/link/datasets", content=content)
    assert hub("GET", "/api/datasets").status_code == 200


def test_a_node_tells_which_analyses_it_makes_with_its_cards_or_does_not_tell(hub):
    athens = hub.member("athens")
    assert athens("PUT", "/api/link/datasets", json={"datasets": [], "analyses": {"cox": 2}}).status_code == 200
    assert hub.hub.registry.node("athens").analyses == {"cox": 2}
    publish(athens, card())
    assert hub.hub.registry.node("athens").analyses is None


@pytest.mark.parametrize(
    "analyses",
    [
        [],
        "cox",
        7,
        {"Cox": 1},
        {"": 1},
        {"cox": "1"},
        {"cox": True},
        {"cox": -1},
        {"cox": 10**9},
        {f"a{i}": 1 for i in range(501)},
    ],
)
def test_what_cannot_be_analyses_is_refused_and_changes_nothing(hub, analyses):
    athens = hub.member("athens")
    publish(athens, card())
    refused = athens("PUT", "/api/link/datasets", json={"datasets": [], "analyses": analyses})
    assert told(refused) == (400, "E405")
    assert len(listed(hub)) == 1

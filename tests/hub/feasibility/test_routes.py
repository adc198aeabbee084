"""Feasibility over real data: gains are those of brute force, and nothing is told that is not released."""

import json

import pytest
from tests.hub.callers import told
from tests.hub.federated import federated
from tests.oracle import columns

from oncommons.policy.disclosure.counts import Policy

QUESTION = {
    "count": "person",
    "where": {
        "all": [
            {"field": "sex", "in": ["M"]},
            {
                "some": "series",
                "where": {"all": [{"field": "modality", "in": ["CT"]}, {"field": "manufacturer", "in": ["GE"]}]},
            },
        ]
    },
}


@pytest.fixture(scope="module")
def hub(real_hub):
    return real_hub


def test_gains_are_those_of_brute_force(hub, pool):
    body = hub("POST", "/api/feasibility", json=QUESTION).json()
    held = {"athens": ("lctsc", "prostate_diagnosis"), "bologna": ("soft_tissue_sarcoma", "qin_pet_phantom")}
    full = columns.answer(QUESTION, pool)
    assert [one["path"] for one in body["relaxed"]] == [
        "where.all[0]",
        "where.all[1].where.all[0]",
        "where.all[1].where.all[1]",
    ]
    gains = []
    for one in body["relaxed"]:
        now = columns.answer(one["question"], pool)
        for node, names in held.items():
            true = sum(now[name].certain - full[name].certain for name in names)
            assert one["nodes"][node]["at_least"] <= true <= one["nodes"][node]["at_most"]
            if node == "athens":
                assert one["nodes"][node]["value"] == true
                gains.append(true)
    assert any(gains)


def test_it_is_the_same_by_get(hub):
    got = hub("GET", "/api/feasibility", params={"question": json.dumps(QUESTION)})
    assert got.json() == hub("POST", "/api/feasibility", json=QUESTION).json()


def test_every_relaxed_question_is_one_that_anybody_can_ask(hub):
    """The number told for it is that of the search, so comparing tells nothing that asking does not."""
    for one in hub("POST", "/api/feasibility", json=QUESTION).json()["relaxed"]:
        asked = hub("POST", "/api/questions", json=one["question"]).json()
        assert asked["total"]["certain"] == one["certain"]


def test_of_many_criteria_the_first_are_dropped_and_the_rest_is_told(hub):
    where = {"all": [{"field": "age", "between": [i, None]} for i in range(15)]}
    body = hub("POST", "/api/feasibility", json={"count": "person", "where": where}).json()
    assert (len(body["relaxed"]), body["left_out"]) == (12, 3)


def test_what_cannot_be_asked_is_refused(hub):
    assert told(hub("GET", "/api/feasibility")) == (422, "E101")
    assert told(hub("POST", "/api/feasibility", json={"count": "galaxy"})) == (422, "E102")


def test_where_nobody_answers_there_is_no_number(tmp_path):
    with federated(tmp_path, {}) as alone:
        alone.join("athens")
        assert told(alone("POST", "/api/feasibility", json=QUESTION)) == (503, "E343")


def test_a_private_node_is_paid_once_for_each_question_that_it_had_not_answered(tmp_path):
    pytest.importorskip("opendp", reason="the extra dp is not installed")
    held = {"athens": (("lctsc",), Policy.of("private"))}
    with federated(tmp_path, held) as hub:
        hub("POST", "/api/questions", json=QUESTION)
        body = hub("POST", "/api/feasibility", json=QUESTION).json()
        hub("POST", "/api/feasibility", json=QUESTION)
        (node,) = hub("POST", "/api/questions", json=QUESTION).json()["nodes"]
    assert len(body["relaxed"]) == 3
    assert {one["gain"]["precision"] for one in body["relaxed"]} == {"probable"}
    assert "spent 2 of 10" in node["policy"]

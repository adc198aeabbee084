"""Our answers as EUCAIM's explorer reads them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.schema.dialects.test_beacon_answer import answer

from oncommons.policy.disclosure.counts import Policy, release_number
from oncommons.schema.answer import Answer, Count, NodeAnswer, exact
from oncommons.schema.dataset import DatasetCard
from oncommons.schema.dialects.lens_answer import tell_collections
from oncommons.schema.errors_of_protocols import NobodyAnswered

CODES = {"sex": {"M": exact(2), "F": exact(5)}, "modality": {"MG": exact(9), "CT": exact(1)}}
HELD = [
    ("athens", DatasetCard(f"d{i}", f"Set {i}", {"person": exact(9)}, CODES, (), "open", about="Lung"))
    for i in range(3)
]


def told(people, studies):
    return tell_collections("Hub", "https://h/m.svg", answer(*people), answer(*studies), HELD)


def test_a_collection_has_every_part_that_the_explorer_reads():
    body = told([exact(4)], [exact(6)])
    (one,) = body["collections"]
    assert {k: one[k] for k in ("id", "name", "description", "studies_count", "subjects_count")} == {
        "id": "athens:d0",
        "name": "Set 0",
        "description": "Lung",
        "studies_count": 6,
        "subjects_count": 4,
    }
    assert one["gender"] == ["SNOMEDCT248152002", "SNOMEDCT248153007"]
    assert one["modalities"] == ["MG", "RID10321"]
    assert one["body_parts"] == []
    assert one["age_range"] == {"min": None, "max": None}
    assert (body["total"]["studies_count"], body["total"]["subjects_count"]) == (6, 4)


def test_a_suppressed_count_is_its_lower_bound_and_says_that_it_is_suppressed():
    few = Count(0, 9, "suppressed")
    body = told([few, exact(0)], [few, exact(0)])
    assert [c["id"] for c in body["collections"]] == ["athens:d0"]
    assert body["collections"][0]["subjects_count"] == 0
    assert body["collections"][0]["subjects"]["precision"] == "suppressed"
    assert body["collections"][0]["subjects"]["at_most"] == 9


@given(st.lists(st.integers(0, 99), min_size=1, max_size=3))
def test_no_collection_promises_more_people_than_there_are(true):
    policy = Policy.of("threshold")
    released = [release_number(n, policy) for n in true]
    body = told(released, released)
    assert body["total"]["subjects_count"] <= sum(true)
    assert all(one["subjects_count"] <= true[int(one["id"][-1])] for one in body["collections"])


def test_no_answer_is_no_number():
    silent = Answer("i", {}, "", (NodeAnswer("a", "silent", "Asleep."),))
    with pytest.raises(NobodyAnswered):
        tell_collections("Hub", "", silent, silent, HELD)


def test_a_node_that_did_not_answer_is_named_once():
    late = NodeAnswer("bologna", "late", "Too late.")
    both = [Answer("i", {}, "", (*answer(exact(1)).nodes, late))] * 2
    assert [n["node"] for n in tell_collections("Hub", "", *both, HELD)["not_included"]] == ["bologna"]

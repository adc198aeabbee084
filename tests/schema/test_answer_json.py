"""Answers on the wire."""

import copy
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncommons.schema.answer import Answer, Count, CriterionUse, DatasetAnswer, Group, Lack, NodeAnswer, exact
from oncommons.schema.answer_json import (
    answer_from_json,
    answer_to_json,
    node_answer_from_json,
    node_answer_to_json,
)
from oncommons.schema.errors import BadRequest

FEW = Count(0, 4, "suppressed")
USE = CriterionUse("where.all[0]", "sex is F")
DATASET = DatasetAnswer(
    dataset="tcga_brca",
    certain=exact(12),
    possible=Count(12, None, "rounded"),
    applied=(USE,),
    unknown=(CriterionUse("where.all[1]", "there is some condition"),),
    lacking=(Lack("sex", "person", True, FEW, exact(40)), Lack("code", "condition", False, FEW, FEW)),
    groups=(Group({"sex": "F"}, exact(5), exact(6)), Group({"sex": None}, FEW, FEW)),
    unlisted=FEW,
)
NODE = NodeAnswer("charite", "answered", policy="open", datasets=(DATASET,), milliseconds=31)
REFUSED = NodeAnswer("aveiro", "refused", reason="The key was revoked.", code="E203")
ANSWER = Answer("q1", {"count": "person"}, "Count people, by dataset.", (NODE, REFUSED), 45)

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def places(body, path=()):
    """Every place in a JSON body."""
    yield path
    children = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for key, inner in children:
        yield from places(inner, (*path, key))


def put(body, path, value):
    """A copy of the body with another value at a place."""
    if not path:
        return value
    changed = copy.deepcopy(body)
    spot = changed
    for key in path[:-1]:
        spot = spot[key]
    spot[path[-1]] = value
    return changed


NODE_BODY = node_answer_to_json(NODE)
PLACES = list(places(NODE_BODY))


def test_an_answer_comes_back_from_json_text_as_itself():
    assert answer_from_json(json.loads(json.dumps(answer_to_json(ANSWER)))) == ANSWER


@pytest.mark.parametrize("node", [NODE, REFUSED], ids=lambda n: n.node)
def test_the_part_of_a_node_comes_back_as_itself(node):
    assert node_answer_from_json(json.loads(json.dumps(node_answer_to_json(node)))) == node


def test_the_total_says_whom_it_includes_and_why_not_the_others():
    body = answer_to_json(ANSWER)["total"]
    assert body["includes"] == ["charite"]
    assert body["not_included"] == [
        {"node": "aveiro", "status": "refused", "reason": "The key was revoked.", "code": "E203"}
    ]


def test_a_total_that_was_tampered_with_is_computed_again():
    body = answer_to_json(ANSWER)
    body["total"]["certain"] = exact(1_000_000).to_json()
    assert answer_from_json(body).certain == exact(12)


def test_a_dataset_without_groupings_writes_none():
    plain = NodeAnswer("a", "answered", datasets=(DatasetAnswer("d", exact(1), exact(1)),))
    assert "groups" not in node_answer_to_json(plain)["datasets"][0]


def test_a_group_without_a_code_is_written_as_null():
    assert NODE_BODY["datasets"][0]["groups"][1]["key"] == {"sex": None}


@pytest.mark.parametrize("body", [None, [], "answer", 3, {}, {"node": "a"}, {"node": "a", "status": "answered"}])
def test_what_is_not_the_answer_of_a_node_is_refused(body):
    with pytest.raises(BadRequest, match="does not have the shape"):
        node_answer_from_json(body)


@pytest.mark.parametrize("body", [None, [], "answer", 3, {}, {"id": "1"}])
def test_what_is_not_an_answer_is_refused(body):
    with pytest.raises(BadRequest, match="does not have the shape"):
        answer_from_json(body)


def test_a_status_that_is_not_known_is_refused():
    with pytest.raises(BadRequest) as caught:
        node_answer_from_json(NODE_BODY | {"status": "perhaps"})
    assert "perhaps" in caught.value.detail
    assert "perhaps" not in caught.value.message


@pytest.mark.parametrize("field", ["node", "status", "datasets"])
def test_a_part_that_is_missing_is_refused(field):
    with pytest.raises(BadRequest):
        node_answer_from_json({k: v for k, v in NODE_BODY.items() if k != field})


@given(anything)
def test_any_json_at_all_is_an_answer_or_refused(body):
    with pytest.raises(BadRequest):
        node_answer_from_json(body)


@given(st.sampled_from(PLACES), anything)
def test_an_answer_changed_anywhere_is_read_or_refused(path, value):
    try:
        read = node_answer_from_json(put(NODE_BODY, path, value))
    except BadRequest:
        return
    assert isinstance(read, NodeAnswer)


# Faults found; whoever mends one takes its mark away


@pytest.mark.parametrize("path", [("milliseconds",), ("datasets", 0, "certain", "at_least")])
def test_an_infinite_number_is_refused(path):
    with pytest.raises(BadRequest):
        node_answer_from_json(put(NODE_BODY, path, json.loads("1e999")))


@pytest.mark.parametrize(
    "count",
    [
        {"at_least": 5, "at_most": 4, "precision": "rounded"},
        {"at_least": -1, "at_most": 4, "precision": "rounded"},
        {"at_least": 1, "at_most": 4, "precision": "exact"},
        {"at_least": 1.5, "at_most": 4, "precision": "rounded"},
        {"at_least": "1", "at_most": 4, "precision": "rounded"},
    ],
)
def test_a_count_that_cannot_be_is_refused(count):
    with pytest.raises(BadRequest):
        node_answer_from_json(put(NODE_BODY, ("datasets", 0, "certain"), count))


def test_an_answer_whose_question_is_not_an_object_is_refused():
    with pytest.raises(BadRequest):
        answer_from_json(answer_to_json(ANSWER) | {"question": 5})


def test_a_node_that_waits_for_its_data_manager_keeps_its_status_on_the_wire():
    answer = replace(ANSWER, nodes=(*ANSWER.nodes, NodeAnswer("zadar", "waiting", reason="Ask again.", code="E420")))
    body = answer_to_json(answer)
    assert (body["total"]["not_included"][-1]["status"], "zadar" in body["total"]["asked"]) == ("waiting", True)
    assert answer_from_json(body) == answer


def test_the_total_says_who_was_asked_and_who_was_not():
    answer = replace(ANSWER, nodes=(*ANSWER.nodes, NodeAnswer("zadar", "unasked", reason="Not named.")))
    body = answer_to_json(answer)
    assert (body["total"]["asked"], body["total"]["not_asked"]) == (["charite", "aveiro"], ["zadar"])
    assert body["total"]["not_included"][-1]["status"] == "unasked"
    assert answer_from_json(body) == answer

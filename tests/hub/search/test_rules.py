"""From pieces of work to an answer: every state of a node has one status and one reason."""

import json
from dataclasses import replace

import pytest
from tests.hub.callers import QUESTION, answer_of

from oncommons.hub.link.registry import Node
from oncommons.hub.search.rules import combine
from oncommons.schema.answer_json import answer_to_json
from oncommons.storage.worklist import MOST_ATTEMPTS, Job, Work

MADE, DEADLINE, NOW = 1_000.0, 1_010.0, 1_020.0
JOB = Job("q", json.dumps(QUESTION), "order", MADE, DEADLINE)
ATHENS = Node("athens", {}, 0, None, MADE - 1, "1")
OPEN = Work("q", "athens", "waiting", 0, "", None)
DONE = replace(OPEN, state="done", attempts=1, result=json.dumps(answer_of(7)), finished=1_001.5)
AWAITED = json.dumps({"error": {"code": "E420", "message": "It waits."}})
REFUSAL = json.dumps({"error": {"code": "E306", "message": "Nothing here yet."}})
SILENT_TAKEN = "Took the question and had not answered by the deadline."
REVOKED = "Its key was revoked at the hub."
NOT_AN_ANSWER = "Sent something that is not an answer."


def part(work, *nodes):
    (only,) = combine(JOB, [work], nodes or [ATHENS], NOW).nodes
    return only


@pytest.mark.parametrize(
    ("work", "node", "status", "code", "reason"),
    [
        (DONE, ATHENS, "answered", "", ""),
        (DONE, replace(ATHENS, revoked=NOW), "answered", "", ""),
        (DONE, None, "answered", "", ""),
        (replace(DONE, state="late", finished=1_012.25), ATHENS, "late", "", "Answered 2.2 s after the deadline; not"),
        (replace(DONE, result=REFUSAL), ATHENS, "refused", "E306", "Nothing here yet."),
        (replace(DONE, result=AWAITED), ATHENS, "waiting", "E420", "It waits."),
        (replace(DONE, result=AWAITED, state="late"), ATHENS, "waiting", "E420", "It waits."),
        (replace(DONE, result=REFUSAL, state="late"), ATHENS, "refused", "E306", "Nothing here yet."),
        (OPEN, ATHENS, "silent", "", "Did not fetch the question; last seen 21 seconds ago."),
        (OPEN, replace(ATHENS, seen=NOW + 9), "silent", "", "Did not fetch the question; last seen 0 seconds ago."),
        (OPEN, replace(ATHENS, seen=NOW - 600), "silent", "", "Did not fetch the question; last seen 10 minutes ago."),
        (OPEN, replace(ATHENS, seen=NOW - 86_400), "silent", "", "Did not fetch the question; last seen 24 hours ago."),
        (OPEN, replace(ATHENS, seen=NOW - 1e6), "silent", "", "Did not fetch the question; last seen 11 days ago."),
        (OPEN, replace(ATHENS, seen=None), "silent", "", "Has never called the hub."),
        (OPEN, None, "silent", "", "Has never called the hub."),
        (OPEN, replace(ATHENS, revoked=NOW), "refused", "E203", REVOKED),
        (replace(OPEN, state="leased", attempts=1), ATHENS, "silent", "", SILENT_TAKEN),
        (replace(OPEN, state="leased", attempts=1), replace(ATHENS, revoked=NOW), "refused", "E203", REVOKED),
        (replace(OPEN, state="leased", attempts=MOST_ATTEMPTS), ATHENS, "silent", "", "Took the question 5 times with"),
        (replace(OPEN, state="cancelled"), ATHENS, "refused", "E203", REVOKED),
        (replace(OPEN, state="cancelled"), None, "refused", "E203", REVOKED),
    ],
)
def test_the_state_of_the_work_gives_status_and_reason(work, node, status, code, reason):
    found = part(work, *([node] if node else [replace(ATHENS, name="other", joined=NOW)]))
    assert (found.status, found.code) == (status, code)
    assert found.reason.startswith(reason)
    assert bool(found.reason) == (status != "answered")


@pytest.mark.parametrize(
    "result",
    [
        "",
        "not JSON",
        "null",
        "[]",
        "7",
        "{}",
        '{"datasets":[]}',
        json.dumps(answer_of(7, status="happy")),
        json.dumps(answer_of(-1)),
        json.dumps(answer_of(7)).replace('"exact"', '"precise"', 1),
        json.dumps(answer_of(7)).replace("[]", "[1]", 1),
        '{"node":"a","status":"answered","criteria":{},"datasets":7}',
        '{"node":"a","status":"answered","criteria":[],"datasets":[]}',
        '{"node":"a","status":"answered","criteria":{},"datasets":[],"milliseconds":Infinity}',
    ],
)
def test_what_is_not_an_answer_is_a_refusal_and_not_a_failure(result):
    found = part(replace(DONE, result=result))
    assert (found.status, found.code, found.reason) == ("refused", "E405", NOT_AN_ANSWER)
    assert found.certain.at_least == 0


def test_an_error_that_is_none_of_ours_is_a_refusal():
    assert part(replace(DONE, result='{"error":"what"}')).status == "refused"


def test_a_node_cannot_say_who_it_is_how_it_stands_or_how_long_it_took():
    lie = json.dumps(answer_of(7, node="bologna", status="late", milliseconds=1))
    found = part(replace(DONE, result=lie))
    assert (found.node, found.status, found.milliseconds) == ("athens", "answered", 1_500)


def test_a_late_answer_is_shown_and_not_counted():
    answer = combine(JOB, [replace(DONE, state="late", finished=1_011)], [ATHENS], NOW)
    assert answer.nodes[0].certain.at_least == 7
    assert answer.certain.at_least == 0


def test_a_node_that_was_revoked_before_is_named_and_was_not_asked():
    gone = replace(ATHENS, name="bologna", revoked=MADE - 5)
    answer = combine(JOB, [DONE], [ATHENS, gone], NOW)
    assert [(n.node, n.status, n.code) for n in answer.nodes] == [
        ("athens", "answered", ""),
        ("bologna", "refused", "E203"),
    ]
    assert "not asked" in answer.nodes[1].reason


@pytest.mark.parametrize("revoked", [None, NOW])
def test_a_node_that_joined_after_the_question_is_not_part_of_it(revoked):
    later = replace(ATHENS, name="bologna", joined=MADE + 1, revoked=revoked)
    assert [n.node for n in combine(JOB, [DONE], [ATHENS, later], NOW).nodes] == ["athens"]


def test_every_node_stands_once_in_order_of_name():
    work = [replace(DONE, recipient=name) for name in ("cork", "athens")]
    gone = replace(ATHENS, name="bologna", revoked=0.5)
    nodes = [gone, replace(ATHENS, name="cork", revoked=NOW), ATHENS]
    assert [n.node for n in combine(JOB, work, nodes, NOW).nodes] == ["athens", "bologna", "cork"]


def test_the_total_counts_those_that_answered():
    other = replace(DONE, recipient="bologna", result=json.dumps(answer_of(5)))
    answer = combine(JOB, [DONE, other, replace(OPEN, recipient="cork")], [ATHENS], NOW)
    assert (answer.certain.at_least, answer.certain.precision) == (12, "exact")
    assert [n.node for n in answer.not_included] == ["cork"]


def test_the_question_comes_back_in_json_and_in_words():
    answer = combine(JOB, [DONE], [ATHENS], NOW)
    assert (answer.id, answer.question) == ("q", QUESTION)
    assert answer.sentence


@pytest.mark.parametrize(
    ("work", "milliseconds"), [([], 20_000), ([DONE], 1_500), ([DONE, OPEN], 20_000), ([replace(DONE, finished=1)], 0)]
)
def test_the_time_runs_to_the_last_answer(work, milliseconds):
    assert combine(JOB, work, [ATHENS], NOW).milliseconds == milliseconds


def wire(result):
    """The answer as the web framework sends it."""
    body = answer_to_json(combine(JOB, [replace(DONE, result=result)], [ATHENS], NOW))
    return json.dumps(body, ensure_ascii=False, allow_nan=False).encode()


def test_a_text_that_cannot_be_sent_does_not_break_the_answer():
    assert b"athens" in wire(json.dumps(answer_of(7, policy="\ud800")))


def test_numbers_that_no_dataset_has_do_not_break_the_answer():
    huge = answer_of(int("9" * 4_300))
    assert b"athens" in wire(json.dumps(huge | {"datasets": huge["datasets"] * 2}))


@pytest.mark.parametrize("revoked", [None, MADE - 5])
def test_a_node_that_was_not_named_is_unasked_whatever_else_is_true_of_it(revoked):
    job = replace(JOB, body=json.dumps(QUESTION | {"nodes": ["athens"]}))
    others = [replace(ATHENS, name="bologna", revoked=revoked), replace(ATHENS, name="cork", joined=MADE + 1)]
    answer = combine(job, [DONE], [ATHENS, *others], NOW)
    assert [(n.node, n.status, n.code) for n in answer.nodes] == [
        ("athens", "answered", ""),
        ("bologna", "unasked", ""),
    ]
    assert answer.nodes[1].reason == "Not among the nodes that were named."
    assert answer.sentence.endswith("asking only athens.")


def test_a_node_that_was_named_and_revoked_before_is_refused():
    job = replace(JOB, body=json.dumps(QUESTION | {"nodes": ["bologna"]}))
    answer = combine(job, [], [ATHENS, replace(ATHENS, name="bologna", revoked=MADE - 5)], NOW)
    assert [(n.node, n.status) for n in answer.nodes] == [("athens", "unasked"), ("bologna", "refused")]

"""HTTP of the search: asking, asking again, looking; and what cannot be asked."""

import json
from functools import partial

import pytest
from tests.hub.callers import QUESTION, answer_of, told


def ask(hub, body=QUESTION, **params):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return hub("POST", "/api/questions", content=content, params=params)


def test_a_question_that_nobody_can_answer_is_answered_with_zero(hub):
    answer = ask(hub).json()
    assert answer["total"]["certain"] == {"value": 0, "precision": "exact", "at_least": 0, "at_most": 0}
    assert (answer["nodes"], answer["question"]) == ([], QUESTION)
    assert len(answer["id"]) == 32


def test_a_node_answers_and_the_asker_sees_its_number(hub):
    athens = hub.member("athens")
    ask(hub, id="one")
    (item,) = athens("GET", "/api/link/work").json()["work"]
    assert athens("POST", f"/api/link/work/{item['id']}", json=answer_of(7)).json()["recorded"] == "accepted"
    answer = hub("GET", "/api/questions/one").json()
    assert answer["total"]["certain"]["value"] == 7
    assert answer["total"]["includes"] == ["athens"]


def test_a_refusal_of_a_node_is_told_with_its_code(hub):
    athens = hub.member("athens")
    ask(hub, id="one")
    athens("POST", "/api/link/work/one", json={"error": {"code": "E306", "message": "Nothing yet."}})
    (node,) = hub("GET", "/api/questions/one").json()["nodes"]
    assert (node["status"], node["code"], node["reason"]) == ("refused", "E306", "Nothing yet.")


def test_the_same_question_may_be_asked_again_under_its_id(hub):
    assert ask(hub, id="one").json() == ask(hub, id="one").json()


def test_another_question_under_an_id_is_refused(hub):
    ask(hub, id="one")
    assert told(ask(hub, {"count": "series"}, id="one")) == (400, "E405")
    assert hub("GET", "/api/questions/one").json()["question"] == QUESTION


@pytest.mark.parametrize("job", ["a b", "x" * 65, "../x", "ä", "a\n", "a;b", "\0"])
def test_an_id_of_other_characters_is_refused(hub, job):
    assert told(ask(hub, id=job)) == (400, "E405")


@pytest.mark.parametrize("job", ["x" * 64, "A-z_09"])
def test_an_id_of_letters_digits_hyphens_and_underscores_is_taken(hub, job):
    assert ask(hub, id=job).json()["id"] == job


@pytest.mark.parametrize("deadline", ["0", "-1", "300.1", "nan", "inf", "-inf", "1e9", "soon", "", "0x10", "10 s"])
def test_a_deadline_out_of_range_is_refused(hub, deadline):
    response = ask(hub, deadline=deadline)
    assert told(response) == (400, "E405")
    assert "deadline" in response.json()["error"]["message"]


@pytest.mark.parametrize("deadline", ["0.001", "300", "1e1"])
def test_a_deadline_in_range_is_taken(hub, deadline):
    assert ask(hub, deadline=deadline).status_code == 200


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 422, "E101"),
        (b"{", 422, "E101"),
        (b"\xff\xfe{", 422, "E101"),
        (json.dumps(QUESTION).encode("utf-16"), 422, "E101"),
        (b"[" * 100_000, 413, "E105"),
        (b'{"count":"person","count":"series"}', 422, "E101"),
        (b'{"count":NaN}', 422, "E101"),
        ({"count": "person", "size": 1}, 422, "E101"),
        ({"count": "galaxy"}, 422, "E102"),
        ({"count": "person", "where": {"field": "sex", "in": ["female'; --"]}}, 422, "E103"),
        ({"count": "person", "where": {"field": "modality", "in": ["CT"]}}, 422, "E104"),
        (b" " * 262_145, 413, "E105"),
    ],
)
def test_what_cannot_be_asked_is_told_with_its_code(hub, body, status, code):
    assert told(ask(hub, body)) == (status, code)
    assert ask(hub).status_code == 200


@pytest.mark.parametrize("length", [262_146, 9_000_000])
def test_a_question_that_is_too_long_is_told_with_the_code_of_questions(hub, length):
    assert told(ask(hub, b" " * length)) == (413, "E105")


@pytest.mark.parametrize("text", ["\ud800", "\0", "\u202e", "'"])
@pytest.mark.parametrize("place", ["field", "count", "in", "key"])
def test_strange_characters_are_refused_and_never_break_the_hub(hub, text, place):
    body = {
        "field": {"count": "person", "where": {"field": text, "in": ["F"]}},
        "count": {"count": text},
        "in": {"count": "person", "where": {"field": "sex", "in": [text]}},
        "key": {"count": "person", text: 1},
    }[place]
    assert ask(hub, body).status_code == 422


def test_a_question_that_nobody_asked_cannot_be_looked_at(hub):
    for job in ("never", "x" * 5_000, "%00", "%F0%9F%98%80"):
        assert told(hub("GET", f"/api/questions/{job}")) == (404, "E404")


def test_a_node_that_never_called_is_silent_and_not_waited_for(hub):
    hub.join("athens")
    (node,) = ask(hub, deadline=300).json()["nodes"]
    assert (node["status"], node["reason"]) == ("silent", "Has never called the hub.")


def test_a_question_looked_at_after_a_revocation_says_so(hub):
    hub.member("athens")
    hub.clock.now += 3_600
    ask(hub, id="one")
    hub.hub.registry.revoke("athens", hub.clock.now)
    look = partial(hub, "GET", "/api/questions/one")
    assert look().json()["nodes"][0]["code"] == "E203"


def test_who_names_nodes_is_told_who_was_not_asked(hub):
    for name in ("athens", "bologna"):
        hub.join(name)
    answer = ask(hub, QUESTION | {"nodes": ["bologna"]}, id="one").json()
    assert (answer["total"]["asked"], answer["total"]["not_asked"]) == (["bologna"], ["athens"])
    assert hub("GET", "/api/questions/one").json()["total"] == answer["total"]
    unknown = ask(hub, QUESTION | {"nodes": ["rome"]})
    assert told(unknown) == (422, "E103")
    assert "there are athens, bologna." in unknown.json()["error"]["message"]

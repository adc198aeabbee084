"""HTTP of the link: joining, tokens, work; and who is kept out."""

import json
from functools import partial
from types import SimpleNamespace

import pytest
from joserfc.jwk import OKPKey
from tests.hub.callers import ANSWER, PUBLIC_KEY, QUESTION, told

from oncommons.hub.link import exchange
from oncommons.hub.link.routes import LONGEST_WAIT
from oncommons.schema.errors import NodeRevoked
from oncommons.service.identity import TOKEN_SECONDS


def secret_for(hub, name="athens"):
    return hub.hub.registry.invite(name, hub.hub.pin, hub.clock()).secret


def join(hub, **body):
    return hub("POST", "/api/nodes", json={"jwk": PUBLIC_KEY, "version": "1"} | body)


def ask(hub, job):
    """Put a question that waits for nobody: the nodes have been away for an hour."""
    hub.clock.now += 3_600
    assert hub("POST", "/api/questions", json=QUESTION, params={"id": job}).status_code == 200


def renewed(hub, name, key):
    """The node calls again, with a new token."""
    issued = hub.token(hub.assertion(name, key)).json()["access_token"]
    return partial(hub, headers={"authorization": f"Bearer {issued}"})


def test_joining_gives_the_name_and_the_keys_to_pin(hub):
    response = join(hub, secret=secret_for(hub))
    body = response.json()
    assert (response.status_code, body["name"]) == (201, "athens")
    assert body["issuer"] == hub("GET", "/api/hub").json()["issuer"]
    assert body["keys"] == hub("GET", "/.well-known/jwks.json").json()
    assert "d" not in body["keys"]["keys"][0]


def test_an_invitation_serves_once(hub):
    secret = secret_for(hub)
    assert [join(hub, secret=secret).status_code for _ in range(2)] == [201, 403]


def test_a_wrong_invitation_is_refused(hub):
    assert told(join(hub, secret="0" * 32)) == (403, "E201")


@pytest.mark.parametrize("body", [{}, {"secret": 7}, {"secret": "x", "jwk": "y"}, {"secret": "x", "jwk": {}}])
def test_joining_without_what_it_needs_is_refused(hub, body):
    assert told(join(hub, **({"secret": None} | body))) == (400, "E405")


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b'"text"', b"\xff\xfe{}", "{}".encode("utf-16"), b"[" * 100_000, b"1" * 5_000],
)
def test_what_is_not_the_json_that_is_wanted_is_refused(hub, content):
    assert told(hub("POST", "/api/nodes", content=content)) == (400, "E405")


def test_who_has_no_token_is_refused_before_the_cards_are_read(hub):
    assert told(hub("PUT", "/api/link/datasets", content=b"{")) == (401, "E205")


@pytest.mark.parametrize("place", ["secret", "version"])
def test_half_a_pair_of_utf_16_is_refused(hub, place):
    body = {"secret": secret_for(hub), "version": "1", "jwk": PUBLIC_KEY} | {place: "\ud800"}
    response = hub("POST", "/api/nodes", content=json.dumps(body))
    assert response.status_code in {400, 403}


def test_too_long_a_body_is_refused(hub):
    content = b" " * 8_388_609
    assert told(hub("POST", "/api/nodes", content=content)) == (400, "E405")


def test_a_node_gets_a_token_for_its_proof(hub):
    key = hub.join("athens")
    response = hub.token(hub.assertion("athens", key))
    body = response.json()
    assert (response.status_code, body["token_type"], body["expires_in"]) == (200, "Bearer", TOKEN_SECONDS)
    assert response.headers["cache-control"] == "no-store"


def test_a_proof_serves_once(hub):
    assertion = hub.assertion("athens", hub.join("athens"))
    assert hub.token(assertion).status_code == 200
    assert told(hub.token(assertion)) == (401, "E205")


def test_a_proof_by_another_key_is_refused(hub):
    hub.join("athens")
    assert told(hub.token(hub.assertion("athens", OKPKey.generate_key("Ed25519")))) == (401, "E205")


def test_a_proof_of_a_node_that_the_hub_does_not_know_is_refused(hub):
    assert told(hub.token(hub.assertion("nobody", OKPKey.generate_key("Ed25519")))) == (401, "E202")


def test_a_proof_of_a_revoked_node_is_refused(hub):
    key = hub.join("athens")
    hub.hub.registry.revoke("athens", hub.clock())
    assert told(hub.token(hub.assertion("athens", key))) == (401, "E203")


@pytest.mark.parametrize(("seconds", "words"), [(600, "10 minutes ahead of"), (-600, "10 minutes behind")])
def test_a_proof_by_a_wrong_clock_is_told_with_minutes_and_direction(hub, seconds, words):
    key = hub.join("athens")
    hub.clock.now += seconds
    assertion = hub.assertion("athens", key)
    hub.clock.now -= seconds
    response = hub.token(assertion)
    assert told(response) == (401, "E204")
    assert words in response.json()["error"]["message"]


@pytest.mark.parametrize("assertion", ["", "a.b.c", "....", "eyJ9.eyJ9.", "ä", "x" * 10_000])
def test_what_is_not_a_proof_is_refused(hub, assertion):
    assert told(hub.token(assertion)) == (401, "E205")


@pytest.mark.parametrize("other", [{"grant_type": "password"}, {"client_assertion_type": ""}])
def test_another_grant_is_refused(hub, other):
    assert told(hub.token("x", **other)) == (400, "E405")


def test_too_long_a_form_is_refused(hub):
    assert told(hub.token("x" * 16_384)) == (400, "E405")


PARTS = [("GET", "/api/link/work"), ("POST", "/api/link/work/one"), ("PUT", "/api/link/datasets")]
"""Parts of the hub for nodes."""


@pytest.mark.parametrize(("method", "path"), PARTS)
@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic YTpi", "Bearer a.b.c", "Bearer " + "x" * 5_000])
def test_a_stranger_is_kept_out(hub, method, path, header):
    body = {"datasets": []}
    assert told(hub(method, path, json=body, headers={"authorization": header} if header else {})) == (401, "E205")


@pytest.mark.parametrize(("method", "path"), PARTS)
def test_a_token_serves_until_it_expires(hub, method, path):
    athens = hub.member("athens")
    hub.clock.now += TOKEN_SECONDS
    assert told(athens(method, path, json={"datasets": []})) == (401, "E205")


def test_a_revoked_node_is_kept_out_and_its_questions_are_taken_back(hub):
    hub.member("athens")
    key = hub.join("bologna")
    ask(hub, "one")
    bologna = renewed(hub, "bologna", key)
    hub.hub.registry.revoke("bologna", hub.clock())
    assert told(bologna("GET", "/api/link/work")) == (401, "E203")
    states = {w.recipient: w.state for w in hub.app.state.exchange.work.progress("one")}
    assert states == {"athens": "waiting", "bologna": "cancelled"}


def test_a_call_is_a_sign_of_life(hub):
    athens = hub.member("athens")
    assert hub("GET", "/api/nodes").json()["nodes"][0]["presence"] == "never"
    athens("GET", "/api/link/work", params={"version": "9.9"})
    node = hub("GET", "/api/nodes").json()["nodes"][0]
    assert (node["presence"], node["version"]) == ("online", "9.9")


def test_work_is_handed_out_with_its_signed_order_and_once_until_the_lease_ends(hub):
    key = hub.join("athens")
    ask(hub, "one")
    athens = renewed(hub, "athens", key)
    (item,) = athens("GET", "/api/link/work").json()["work"]
    assert (item["id"], item["order"].count("."), item["seconds_left"]) == ("one", 2, 10)
    assert athens("GET", "/api/link/work").json() == {"work": []}
    hub.clock.now += 5
    assert athens("GET", "/api/link/work").json()["work"][0]["id"] == "one"


def test_a_report_is_recorded_once_and_fetches_more_work(hub):
    key = hub.join("athens")
    ask(hub, "one")
    athens = renewed(hub, "athens", key)
    athens("GET", "/api/link/work")
    assert athens("POST", "/api/link/work/one", json=ANSWER).json() == {"recorded": "accepted", "work": []}
    ask(hub, "two")
    again = renewed(hub, "athens", key)("POST", "/api/link/work/one", json=ANSWER).json()
    assert (again["recorded"], [item["id"] for item in again["work"]]) == ("duplicate", ["two"])


def test_a_report_on_what_was_not_asked_is_refused(hub):
    assert told(hub.member("athens")("POST", "/api/link/work/never", json=ANSWER)) == (409, "E209")


@pytest.mark.parametrize("body", [[], None, 7, "text", {}, {"answer": 7}])
def test_a_report_that_is_neither_an_answer_nor_a_refusal_is_refused(hub, body):
    assert told(hub.member("athens")("POST", "/api/link/work/one", json=body)) == (400, "E405")


def recorded_wait(hub, wait):
    """How long the hub would hold a request for work open."""
    held, exchange = [], hub.app.state.exchange

    async def fetch(_node, seconds, _gone, _news):
        held.append(seconds)
        return []

    known = SimpleNamespace(
        clock=exchange.clock, issuer=exchange.issuer, registry=exchange.registry, work=exchange.work, fetch=fetch
    )
    athens = hub.member("athens")
    hub.app.state.exchange = known
    response = athens("GET", "/api/link/work", params={"wait": wait})
    return response.status_code, held


@pytest.mark.parametrize(("wait", "seconds"), [("0", 0), ("25", 25), ("-3", 0), ("1000000000", LONGEST_WAIT)])
def test_a_request_is_held_open_for_less_than_a_minute(hub, wait, seconds):
    assert recorded_wait(hub, wait) == (200, [seconds])


@pytest.mark.parametrize("wait", ["", "soon", "1 s", "1e9", "inf", "2.5"])
def test_a_wait_that_is_no_number_is_refused(hub, wait):
    assert recorded_wait(hub, wait) == (400, [])


def test_a_wait_that_is_not_a_number_is_refused(hub):
    assert recorded_wait(hub, "nan") == (400, [])


def test_a_node_that_keeps_a_list_of_revoked_permits_gets_a_newer_one_with_its_work(hub):
    asked, key = [], hub.join("athens")
    athens = renewed(hub, "athens", key)
    hub.app.state.exchange.newer = lambda node, number: asked.append((node, number)) or ("list" if number < 5 else "")
    for number, newer in ((0, "list"), (4, "list"), (5, None)):
        found = athens("GET", "/api/link/work", params={"wait": 0, "revoked": number}).json()
        assert (found["work"], found.get("revoked")) == ([], newer)
    ask(hub, "one")
    athens = renewed(hub, "athens", key)
    found = athens("GET", "/api/link/work", params={"wait": 0, "revoked": 4}).json()
    assert ([item["id"] for item in found["work"]], found["revoked"]) == (["one"], "list")
    assert athens("POST", "/api/link/work/one", json=ANSWER, params={"revoked": 4}).json()["revoked"] == "list"
    assert set(asked) == {("athens", 0), ("athens", 4), ("athens", 5)}


def test_a_node_that_keeps_none_is_told_nothing_and_news_end_a_wait(hub):
    athens, found = hub.member("athens"), hub.app.state.exchange
    found.newer = lambda *_: "list"
    assert athens("GET", "/api/link/work", params={"wait": 0}).json() == {"work": []}
    assert athens("GET", "/api/link/work", params={"wait": 25, "revoked": 0}).json()["revoked"] == "list"


def test_a_node_that_is_revoked_while_it_waits_is_told_so_at_once(hub, monkeypatch):
    athens, found = hub.member("athens"), hub.app.state.exchange
    monkeypatch.setattr(exchange, "LOOK_SECONDS", 0.01)
    found.newer = lambda name, _: found.registry.revoke(name, 1.0) or ""
    assert athens("GET", "/api/link/work", params={"wait": LONGEST_WAIT, "revoked": 0}).json() == {"work": []}
    hub.clock.now += 2
    assert told(athens("GET", "/api/link/work", params={"wait": 0}))[1] == NodeRevoked.code


@pytest.mark.parametrize("number", ["", "new", "1.5"])
def test_a_number_of_a_list_that_is_none_is_refused(hub, number):
    assert told(hub.member("athens")("GET", "/api/link/work", params={"revoked": number})) == (400, "E405")

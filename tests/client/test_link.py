"""The node's side of the federation, over a hub that a test scripts."""

import logging

import pytest
from joserfc.jwk import OKPKey

from oncommons.client.link import NodeLink
from oncommons.schema.errors import (
    AnswerRefused,
    BadRequest,
    HubUnreachable,
    NodeRevoked,
    NodeUnknown,
    NotFound,
    NothingImported,
    StorageFailed,
    TokenRefused,
)
from oncommons.schema.errors_of_permits import NoticeNotTrusted
from oncommons.schema.errors_of_protocols import BadCheckpoint
from oncommons.schema.federation import CHECKPOINT_HEADER

KEY = OKPKey.generate_key("Ed25519")
LOST = HubUnreachable("lost")
END = NodeRevoked("That is all.")


class ScriptedHub:
    """Plays back what happens to each kind of call; an exception is raised, the last of a kind happens for ever."""

    def __init__(self, work=(), reports=(), cards=(), tokens=()):
        self.script = {
            "GET": [*work, END],
            "POST": [*reports, {"recorded": "accepted", "work": []}],
            "PUT": [*cards, {}],
            "form": [*tokens, {"access_token": "t"}],
        }
        self.calls, self.headers, self.assertions = [], [], []

    def call(self, method, path, *, body=None, headers=None, params=None, timeout=None):
        self.calls.append((method, path, body, params))
        self.headers.append(headers)
        return self._next(method)

    def form(self, path, fields):
        self.assertions.append(fields)
        return self._next("form")

    def _next(self, kind):
        waiting = self.script[kind]
        found = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if isinstance(found, Exception):
            raise found
        return found

    def reported(self):
        return [(path.rpartition("/")[2], body) for method, path, body, _ in self.calls if method == "POST"]


class FakeEvent:
    """An event on which nobody really waits; it is set after so many pauses."""

    def __init__(self, most=1000):
        self.pauses, self.most, self.flag = [], most, False

    def is_set(self):
        return self.flag or len(self.pauses) >= self.most

    def set(self):
        self.flag = True

    def wait(self, seconds):
        self.pauses.append(seconds)


def link_to(hub, most=1000):
    return NodeLink(hub, "athens", KEY, "urn:hub", "1.0", FakeEvent(most))


def some_work(*jobs):
    return {"work": [{"id": job, "order": f"order of {job}"} for job in jobs]}


def served(hub, handler=lambda job, order, _: {"datasets": [], "did": order}, between=lambda: None):
    link = link_to(hub)
    with pytest.raises(NodeRevoked):
        link.serve(handler, between)
    return link


def test_cards_and_analyses_are_published_with_a_token():
    hub = ScriptedHub()
    link_to(hub).publish([{"dataset": "d"}], {"cox": 2})
    published = {"datasets": [{"dataset": "d"}], "analyses": {"cox": 2}}
    assert hub.calls == [("PUT", "/api/link/datasets", published, None)]
    assert hub.headers == [{"authorization": "Bearer t"}]
    assert hub.assertions[0]["grant_type"] == "client_credentials"


def test_work_is_done_and_reported():
    hub = ScriptedHub(work=[some_work(), some_work("j1"), some_work("j2")])
    served(hub)
    assert hub.reported() == [(j, {"datasets": [], "did": f"order of {j}"}) for j in ("j1", "j2")]


def test_work_that_comes_with_a_receipt_is_done_too():
    hub = ScriptedHub(work=[some_work("j1")], reports=[{"recorded": "accepted", **some_work("j2")}])
    served(hub)
    assert [job for job, _ in hub.reported()] == ["j1", "j2"]


def test_it_asks_for_work_with_its_version_and_is_ready_to_wait():
    hub = ScriptedHub()
    served(hub)
    assert hub.calls[0][3] == {"wait": 25, "version": "1.0"}


@pytest.mark.parametrize(
    ("standings", "sent"), [("aaa", [1, 1]), ("aabb", [1, 2]), ("abbb", [2, 2]), ("abccdd", [3, 4])]
)
def test_an_answer_is_made_anew_where_what_it_is_made_from_changes_before_it_is_sent(standings, sent):
    hub = ScriptedHub(work=[some_work("j1")], reports=[LOST])
    link, made = link_to(hub, most=2), []
    orders, given = [], iter(standings)
    link.standing = lambda order: orders.append(order) or next(given)

    def handler(*_):
        made.append(1)
        return {"datasets": len(made)}

    with pytest.raises(NodeRevoked):
        link.serve(handler)
    assert [body["datasets"] for _, body in hub.reported()] == sent
    assert (set(orders), next(given, "")) == ({"order of j1"}, "")


def test_news_are_looked_for_before_each_request_for_work():
    seen = []
    served(ScriptedHub(work=[some_work(), some_work()]), between=lambda: seen.append(1))
    assert len(seen) == 3


def test_one_token_serves_many_calls():
    hub = ScriptedHub(work=[some_work("j1"), some_work("j2")])
    served(hub)
    assert len(hub.assertions) == 1


def test_a_token_that_is_refused_is_renewed_once():
    hub = ScriptedHub(work=[TokenRefused("expired"), some_work("j1")], tokens=[{"access_token": "t1"}])
    link = served(hub)
    assert [h["authorization"] for h in hub.headers[:2]] == ["Bearer t1", "Bearer t"]
    assert link.stopped.pauses == []


def test_a_hub_that_refuses_every_token_is_waited_out():
    refused = TokenRefused("clock")
    link = served(ScriptedHub(work=[refused, refused, some_work()]))
    assert len(link.stopped.pauses) == 1


def test_pauses_grow_up_to_ten_seconds_and_begin_anew_after_success():
    link = served(ScriptedHub(work=[*[LOST] * 9, some_work(), LOST]))
    before, again = link.stopped.pauses[:9], link.stopped.pauses[9]
    for pause, middle in zip(before, (0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10, 10, 10), strict=True):
        assert 0.7 * middle <= pause <= 1.3 * middle
    assert again <= 0.26


def test_pauses_differ_so_that_nodes_do_not_call_all_at_once():
    pauses = {served(ScriptedHub(work=[LOST])).stopped.pauses[0] for _ in range(8)}
    assert len(pauses) > 1


def test_an_answer_is_sent_until_the_hub_has_it():
    hub = ScriptedHub(work=[some_work("j1")], reports=[LOST, StorageFailed("full"), LOST])
    link = served(hub)
    assert [job for job, _ in hub.reported()] == ["j1"] * 4
    assert len(link.stopped.pauses) == 3


@pytest.mark.parametrize(
    "refusal", [AnswerRefused("not asked"), BadRequest("too long"), NotFound("gone"), BadCheckpoint("forged")]
)
def test_an_answer_that_the_hub_does_not_want_is_dropped(refusal):
    hub = ScriptedHub(work=[some_work("j1"), some_work("j2")], reports=[refusal])
    link = served(hub)
    assert [job for job, _ in hub.reported()] == ["j1", "j2"]
    assert link.stopped.pauses == []


@pytest.mark.parametrize("fault", [NodeRevoked("revoked"), NodeUnknown("who?")])
@pytest.mark.parametrize("place", ["work", "reports", "cards", "tokens"])
def test_a_node_that_is_no_longer_wanted_ends(place, fault):
    hub = ScriptedHub(**({"work": [some_work("j1")]} | {place: [fault]}))
    link = link_to(hub)
    with pytest.raises(type(fault)):
        link.serve(lambda *_: {"datasets": []}, lambda: link.publish([]))
    assert link.stopped.pauses == []


def test_publishing_that_fails_is_tried_again():
    hub = ScriptedHub(cards=[LOST])
    link = link_to(hub)
    with pytest.raises(NodeRevoked):
        link.serve(lambda *_: {}, lambda: link.publish([]))
    assert [method for method, *_ in hub.calls] == ["PUT", "PUT", "GET"]


def test_a_refusal_of_ours_is_reported_without_its_private_detail(caplog):
    def handler(*_):
        raise NothingImported("No data yet.", detail="/home/secret")

    hub = ScriptedHub(work=[some_work("j1")])
    with caplog.at_level(logging.WARNING, "oncommons.link"):
        served(hub, handler)
    ((_, body),) = hub.reported()
    assert body == NothingImported("No data yet.").to_json()
    assert "/home/secret" not in str(hub.calls)
    assert "/home/secret" in caplog.text


@pytest.mark.parametrize(
    "fault", [ValueError("patient 4711"), KeyError("patient 4711"), RecursionError("patient 4711")]
)
def test_what_nobody_foresaw_becomes_a_refusal_that_leaks_nothing(fault):
    def handler(*_):
        raise fault

    hub = ScriptedHub(work=[some_work("j1"), some_work("j2")])
    served(hub, handler)
    assert [(job, body["error"]["code"]) for job, body in hub.reported()] == [("j1", "E500"), ("j2", "E500")]
    assert "4711" not in str(hub.calls)


def test_it_ends_when_it_is_stopped():
    hub = ScriptedHub(work=[some_work("j1")])
    link = link_to(hub)

    def handler(*_):
        link.stopped.set()
        return {"datasets": []}

    link.serve(handler)
    assert [method for method, *_ in hub.calls][:1] == ["GET"]
    assert len(hub.calls) <= 2


def test_it_can_be_stopped_while_it_waits():
    hub = ScriptedHub(work=[LOST] * 50)
    link_to(hub, most=3).serve(lambda *_: {})
    assert len(hub.calls) == 3


def test_an_answer_that_never_arrives_ends_with_the_node():
    hub = ScriptedHub(work=[some_work("j1")], reports=[LOST] * 50)
    link_to(hub, most=2).serve(lambda *_: {"datasets": []})
    assert [job for job, _ in hub.reported()] == ["j1", "j1"]


def test_no_answer_waits_for_new_work_while_other_work_is_at_hand():
    hub = ScriptedHub(work=[some_work("j1", "j2", "j3")])
    served(hub)
    waits = [(params or {}).get("wait", 0) for method, _, _, params in hub.calls if method == "POST"]
    assert waits[:2] == [0, 0]


@pytest.mark.parametrize("reply", [{"status": "ok"}, [], "hello", {"work": [{}]}, {"work": 5}])
def test_a_reply_that_is_not_the_hubs_does_not_end_the_node(reply):
    hub = ScriptedHub(work=[reply, reply, some_work("j9")])
    served(hub)
    assert hub.reported()[-1][0] == "j9"


def test_work_comes_with_the_checkpoint_of_the_hub_where_it_has_one():
    item = {"id": "j2", "order": "o", "checkpoint": "signed"}
    hub, seen = ScriptedHub(work=[some_work("j1"), {"work": [item]}]), []
    served(hub, lambda *given: seen.append(given) or {"datasets": []})
    assert seen == [("j1", "order of j1", ""), ("j2", "o", "signed")]


def test_the_checkpoint_of_the_node_goes_along_until_the_hub_has_it():
    hub = ScriptedHub(work=[LOST, some_work(), some_work("j1"), some_work()])
    link, now = link_to(hub), ["one"]
    link.checkpoint = lambda: now[-1]
    with pytest.raises(NodeRevoked):
        link.serve(lambda *_: now.append("two") or {"datasets": []})
    sent = [
        (method, headers.get(CHECKPOINT_HEADER)) for (method, *_), headers in zip(hub.calls, hub.headers, strict=True)
    ]
    assert sent == [("GET", "one"), ("GET", "one"), ("GET", None), ("POST", "two"), ("GET", None), ("GET", None)]


def test_a_token_that_is_renewed_does_not_lose_the_checkpoint():
    hub = ScriptedHub(work=[TokenRefused("expired"), some_work()])
    link = link_to(hub)
    link.checkpoint = lambda: "one"
    with pytest.raises(NodeRevoked):
        link.serve(lambda *_: {})
    assert [headers.get(CHECKPOINT_HEADER) for headers in hub.headers] == ["one", "one", None]


def heard_by(hub, refuse=()):
    """A link that keeps a list of revoked permits, what it did in order, and how it paused."""
    link, done = link_to(hub), []

    def hear(text):
        done.append(text)
        if text in refuse:
            raise NoticeNotTrusted("No.")

    link.number, link.hear = (lambda: len(done)), hear
    with pytest.raises(NodeRevoked):
        link.serve(lambda job, *_: done.append(job) or {"datasets": []})
    return done, link.stopped.pauses


def test_a_node_that_keeps_a_list_of_revoked_permits_tells_its_number_and_hears_a_newer_one_before_it_works():
    hub = ScriptedHub(work=[some_work("j1") | {"revoked": "one"}], reports=[{"work": [], "revoked": "two"}])
    assert heard_by(hub) == (["one", "j1", "two"], [])
    assert [params["revoked"] for *_, params in hub.calls] == [0, 2, 3]


def test_a_list_that_is_refused_stops_no_work_and_lets_a_node_pause_that_has_none():
    work = [some_work("j1") | {"revoked": "bad"}, some_work() | {"revoked": "bad"}]
    hub = ScriptedHub(work=work, reports=[{"work": [], "revoked": "bad"}])
    done, pauses = heard_by(hub, refuse={"bad"})
    assert done == ["bad", "j1", "bad", "bad"]
    assert pauses == [2.0, 2.0]

"""Checkpoints that go with questions and answers: who keeps what, and what does not fit."""

import json

import pytest
from joserfc.jwk import OKPKey
from tests.hub.callers import QUESTION, answer_of, told

from oncommons.hub.link.witness import CAME
from oncommons.schema.federation import CHECKPOINT_HEADER
from oncommons.service.identity import read_checkpoint, sign_checkpoint
from oncommons.storage.audit_hub import HubLog
from oncommons.storage.canonical import digest_of_message
from oncommons.storage.chain import Event, Head
from oncommons.storage.keys import public_part


class Node:
    """A node that calls the hub with checkpoints of a log that a test makes up."""

    def __init__(self, hub, name="athens"):
        self.hub, self.name, self.key = hub, name, OKPKey.generate_key("Ed25519")
        hub.join(name, self.key)
        self.token = hub.token(hub.assertion(name, self.key)).json()["access_token"]

    def call(self, method, path, size=None, digest="ab" * 32, key=None, at=0, **options):
        headers = {"authorization": f"Bearer {self.token}"}
        if size is not None:
            headers[CHECKPOINT_HEADER] = self.signed(size, digest, key, at)
        return self.hub(method, path, headers=headers, **options)

    def signed(self, size, digest="ab" * 32, key=None, at=0):
        return sign_checkpoint(key or self.key, Head(size, digest), self.hub.clock() + at)


@pytest.fixture
def node(hub):
    return Node(hub)


def log_of(hub):
    return [json.loads(line) for line in HubLog(hub.hub.database).lines()]


def kept(hub):
    return [(e["kind"], e["body"].get("contradicts", 0)) for e in log_of(hub) if "checkpoint" in e["body"]]


def asked(hub, job="q"):
    hub("POST", "/api/questions", params={"id": job, "deadline": 0.01}, json=QUESTION)


def test_a_question_comes_with_the_checkpoint_of_the_hubs_log_that_has_it(hub, node):
    asked(hub)
    (item,) = node.call("GET", "/api/link/work").json()["work"]
    found = read_checkpoint(item["checkpoint"], public_part(hub.hub.key))
    entry = log_of(hub)[found.head.size - 1]
    assert (entry["kind"], entry["body"]["job"], entry["hash"]) == ("asked", "q", found.head.digest)
    assert (entry["body"]["question"], entry["body"]["nodes"]) == (QUESTION, ["athens"])


def test_joining_is_answered_with_a_checkpoint_that_has_the_joining(hub):
    secret = hub.hub.registry.invite("bologna", hub.hub.pin, hub.clock()).secret
    jwk = public_part(OKPKey.generate_key("Ed25519"))
    reply = hub("POST", "/api/nodes", json={"secret": secret, "jwk": jwk, "version": "1"}).json()
    found = read_checkpoint(reply["checkpoint"], public_part(hub.hub.key))
    entry = log_of(hub)[found.head.size - 1]
    assert (entry["kind"], entry["body"]["node"], entry["body"]["log"]) == ("joined", "bologna", jwk["kid"])
    assert secret not in json.dumps(log_of(hub))


def test_an_answer_is_entered_with_its_hash_and_the_checkpoint_of_the_node(hub, node):
    asked(hub)
    assert node.call("POST", "/api/link/work/q", 3, json=answer_of(7)).status_code == 200
    entry = log_of(hub)[-1]
    assert (entry["kind"], entry["body"]["job"], entry["body"]["node"]) == ("answered", "q", "athens")
    assert entry["body"]["answer"] == digest_of_message(answer_of(7))
    assert read_checkpoint(entry["body"]["checkpoint"], public_part(node.key)).head == Head(3, "ab" * 32)


def test_a_refusal_is_entered_with_its_code(hub, node):
    asked(hub)
    node.call("POST", "/api/link/work/q", 3, json={"error": {"code": "E320", "title": "", "message": ""}})
    assert log_of(hub)[-1]["body"]["refused"] == "E320"


def test_a_checkpoint_without_an_answer_is_kept_too(hub, node):
    node.call("GET", "/api/link/work", 1)
    node.call("GET", "/api/link/work")
    node.call("PUT", "/api/link/datasets", 2, json={"datasets": []})
    assert kept(hub) == [("checkpoint", 0)] * 2


def test_a_checkpoint_of_another_key_is_refused_with_what_it_came_with(hub, node):
    asked(hub)
    other = OKPKey.generate_key("Ed25519")
    assert told(node.call("POST", "/api/link/work/q", 1, key=other, json=answer_of(7))) == (409, "E362")
    assert told(node.call("GET", "/api/link/work", 1, key=other)) == (409, "E362")
    assert told(node.call("PUT", "/api/link/datasets", 1, key=other, json={"datasets": []})) == (409, "E362")
    assert kept(hub) == []
    assert node.call("POST", "/api/link/work/q", 1, json=answer_of(7)).json()["recorded"] in {"accepted", "late"}


@pytest.mark.parametrize(("size", "digest"), [(4, "ab" * 32), (5, "cd" * 32)])
def test_a_log_that_became_shorter_or_another_is_noticed_for_good(hub, node, size, digest):
    node.call("GET", "/api/link/work", 5)
    first = log_of(hub)[-1]["number"]
    node.call("GET", "/api/link/work", size, digest, at=1)
    node.call("GET", "/api/link/work", 9)
    assert kept(hub) == [("checkpoint", 0), ("checkpoint", first), ("checkpoint", first)]


@pytest.mark.parametrize("at", [-1, 0])
def test_a_checkpoint_that_only_came_late_accuses_nobody(hub, node, at):
    asked(hub)
    node.call("GET", "/api/link/work", 6)
    node.call("GET", "/api/link/work", 5, "cd" * 32, at=at)
    assert node.call("POST", "/api/link/work/q", 4, "ef" * 32, at=at, json=answer_of(7)).status_code == 200
    node.call("GET", "/api/link/work", 7, "ef" * 32)
    assert kept(hub) == [("checkpoint", 0), ("checkpoint", 0)]
    assert [(e["kind"], e["body"].get("answer")) for e in log_of(hub)][-2] == (
        "answered",
        digest_of_message(answer_of(7)),
    )
    (shown,) = hub("GET", "/api/audit").json()["nodes"]
    assert (shown["size"], shown["contradicts"]) == (7, 0)


def test_another_log_of_the_same_length_is_noticed_however_late_it_came(hub, node):
    node.call("GET", "/api/link/work", 5)
    first = log_of(hub)[-1]["number"]
    node.call("GET", "/api/link/work", 5, "cd" * 32, at=-9)
    assert kept(hub) == [("checkpoint", 0), ("checkpoint", first)]


@pytest.mark.parametrize("at", [-1, 1])
def test_two_that_come_at_once_are_judged_one_after_the_other(hub, node, at):
    witness, of = hub.app.state.exchange.witness, hub.hub.registry.node("athens")
    longer, shorter = (
        witness.keep(of, node.signed(size, at=when), Event(CAME, {"node": "athens"}, hub.clock()))
        for size, when in ((6, 0), (5, at))
    )
    witness.log.enter(longer)
    first = log_of(hub)[-1]["number"]
    witness.log.enter(shorter)
    assert kept(hub) == [("checkpoint", 0)] + ([("checkpoint", first)] if at > 0 else [])


def test_a_log_that_grows_or_stays_is_not_suspected(hub, node):
    for size in (5, 5, 6):
        node.call("GET", "/api/link/work", size)
    assert kept(hub) == [("checkpoint", 0)] * 3


def test_a_node_that_joined_anew_with_another_key_begins_another_log(hub, node):
    node.call("GET", "/api/link/work", 5)
    hub.hub.registry.revoke("athens", hub.clock())
    hub.clock.now += 2  # it is remembered for a second
    again = Node(hub)
    again.call("GET", "/api/link/work", 1)
    assert kept(hub) == [("checkpoint", 0)] * 2
    assert [entry["kind"] for entry in log_of(hub)][-4:] == ["revoked", "invited", "joined", "checkpoint"]


def test_the_last_checkpoint_is_given_with_its_entry_and_no_signature_is_made_or_checked_twice(hub, node):
    witness, of = hub.app.state.exchange.witness, hub.hub.registry.node("athens")
    assert witness.last_of(of) is None
    node.call("GET", "/api/link/work", 5)
    entry, found = witness.last_of(of)
    assert (entry.number, found.head.size, found.log) == (log_of(hub)[-1]["number"], 5, of.jwk["kid"])
    assert witness.last_of(of)[1] is found
    assert witness.signed(hub.clock()) is witness.signed(hub.clock() + 9)

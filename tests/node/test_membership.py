"""Joining a hub, and serving it."""

import json
from contextlib import closing

import pytest
from joserfc.jwk import OKPKey
from tests.client.test_link import KEY, LOST, FakeEvent, ScriptedHub
from tests.node.tables import import_rows
from tests.permits import END, HUB, NOW, a_permit

from oncommons.client.link import NodeLink
from oncommons.node.admitting import admit, withdraw
from oncommons.node.desk import Desk
from oncommons.node.home import Membership, open_home
from oncommons.node.membership import checkpoints, join_hub, publisher, serve_node, standing_of
from oncommons.node.optouts import opt_out, pseudonyms_of
from oncommons.node.permits import Gate
from oncommons.node.recording import Recorder, open_log
from oncommons.schema.answer_json import node_answer_to_json
from oncommons.schema.errors import (
    HubNotTrusted,
    HubUnreachable,
    InsecureAddress,
    InvitationRefused,
    NodeRevoked,
    NotJoined,
    StorageFailed,
)
from oncommons.schema.federation import Invitation
from oncommons.service.analyses import analysis_named
from oncommons.service.identity import Issuer, OrderReader, read_checkpoint, sign_checkpoint, thumbprint_of
from oncommons.storage.chain import Head
from oncommons.storage.decisions import Person
from oncommons.storage.keys import load_key, public_part

PEOPLE = {"count": "person"}
STRANGER = Issuer(OKPKey.generate_key("Ed25519"))


def join(home, url, code):
    return join_hub(home, url, str(code), "", "1.0")


def test_a_node_joins_and_pins_the_key_of_the_hub(home, running_hub):
    joined = join(home, running_hub.url + "/", running_hub.invite("joins")).joined()
    assert (joined.name, joined.url) == ("joins", running_hub.url)
    assert [thumbprint_of(key) for key in joined.keys["keys"]] == [running_hub.hub.key.thumbprint()]
    assert open_home(home.folder).joined() == joined


def test_the_hub_learns_the_public_half_of_the_key_only(home, running_hub):
    join(home, running_hub.url, running_hub.invite("half"))
    jwk = running_hub.hub.registry.node("half").jwk
    assert thumbprint_of(jwk) == load_key(home.key_file).thumbprint()
    assert "d" not in jwk


def test_an_invitation_serves_once(home, running_hub):
    code = running_hub.invite("once")
    join(home, running_hub.url, code)
    with pytest.raises(InvitationRefused, match="used before"):
        join(home, running_hub.url, code)


@pytest.mark.parametrize("code", ["", "secret", "secret.short", ".0123456789abcdef"])
def test_what_is_not_an_invitation_is_never_sent(home, fake_hub, code):
    with pytest.raises(InvitationRefused):
        join(home, fake_hub.url, code)
    assert fake_hub.heard == []


def test_a_hub_with_another_key_is_refused_before_the_secret_is_shown(home, running_hub):
    code = running_hub.invite("pinned")
    with pytest.raises(HubNotTrusted, match="in between"):
        join(home, running_hub.url, Invitation(code.secret, "0" * 16))
    assert open_home(home.folder).membership is None
    assert join(home, running_hub.url, code).joined().name == "pinned"


def test_somebody_in_between_never_sees_the_secret(home, fake_hub):
    code = fake_hub.invitation
    fake_hub.keys = STRANGER.keys()
    with pytest.raises(HubNotTrusted):
        join(home, fake_hub.url, code)
    assert [path for _, path, _ in fake_hub.heard] == ["/.well-known/jwks.json"]


@pytest.mark.parametrize("keys", [{}, [], "keys", {"keys": []}, {"keys": [5]}, {"keys": [{"kty": "RSA"}]}])
def test_what_is_not_a_set_of_keys_is_not_trusted(home, fake_hub, keys):
    fake_hub.keys = keys
    with pytest.raises(HubNotTrusted):
        join(home, fake_hub.url, fake_hub.invitation)
    assert fake_hub.heard_at("/api/nodes") == []


def test_keys_that_change_while_joining_are_not_trusted(home, fake_hub):
    fake_hub.joined_keys = STRANGER.keys()
    with pytest.raises(HubNotTrusted):
        join(home, fake_hub.url, fake_hub.invitation)
    assert open_home(home.folder).membership is None


def test_only_the_key_that_the_invitation_names_is_pinned(home, fake_hub):
    both = {"keys": [*STRANGER.keys()["keys"], *fake_hub.issuer.keys()["keys"]]}
    fake_hub.keys = fake_hub.joined_keys = both
    joined = join(home, fake_hub.url, fake_hub.invitation).joined()
    assert [thumbprint_of(key) for key in joined.keys["keys"]] == [fake_hub.issuer.key.thumbprint()]


def test_plain_http_to_another_machine_is_refused(home, fake_hub):
    with pytest.raises(InsecureAddress):
        join(home, "http://hub.example.org", fake_hub.invitation)


def test_a_hub_that_does_not_listen_changes_nothing(home, fake_hub):
    with pytest.raises(HubUnreachable):
        join(home, "http://127.0.0.1:9", fake_hub.invitation)
    assert open_home(home.folder).membership is None


def test_serving_needs_a_membership_and_a_key(home, fake_hub):
    with pytest.raises(NotJoined):
        serve_node(home, "1.0")
    joined = join(home, fake_hub.url, fake_hub.invitation)
    home.key_file.unlink()
    with pytest.raises(StorageFailed):
        serve_node(joined, "1.0")


def served(home, hub, *work):
    """What the hub was sent while the node served this work: the cards, and the answer to each piece."""
    joined = join(home, hub.url, hub.invitation)
    hub.work = [[item] for item in work]
    with pytest.raises(NodeRevoked):
        serve_node(joined, "1.0")
    return hub.heard_at("/api/link/datasets"), hub.heard_at("/api/link/work")


def order(issuer, job="j1", named="j1", question=None):
    return {"id": job, "order": issuer.order(named, question or PEOPLE, 0)}


def test_a_serving_node_publishes_its_cards_and_answers(home, fake_hub, with_rows):
    with_rows(home, {"person": "p"}, {"person": "q"})
    cards, answers = served(home, fake_hub, order(fake_hub.issuer))
    assert [card["dataset"] for body in cards for card in body["datasets"]] == ["d"]
    assert [(a["node"], a["status"], a["certain"]["value"]) for a in answers] == [("athens", "answered", 2)]


def test_a_node_that_serves_no_more_has_nothing_open(home, fake_hub, with_rows, monkeypatch):
    with_rows(home, {"person": "p"})
    closed, close = [], Desk.close
    monkeypatch.setattr(Desk, "close", lambda desk: closed.append(desk.home.folder) or close(desk))
    served(home, fake_hub, order(fake_hub.issuer))
    assert closed == [home.folder]


def test_a_node_without_data_refuses_and_publishes_nothing(home, fake_hub):
    cards, answers = served(home, fake_hub, order(fake_hub.issuer))
    assert cards == []
    assert [a["error"]["code"] for a in answers] == ["E306"]


def tampered(text):
    head, body, signature = text.split(".")
    return f"{head}.{body[:-4]}AAAA.{signature}"


def test_an_order_that_was_changed_on_the_way_is_not_carried_out(home, fake_hub, with_rows):
    with_rows(home, {"person": "p"})
    changed = order(fake_hub.issuer)
    changed["order"] = tampered(changed["order"])
    _, answers = served(home, fake_hub, changed, order(STRANGER), {"id": "j", "order": "not.an.order"})
    assert [a["error"]["code"] for a in answers] == ["E205"] * 3


def test_an_access_token_is_not_an_order(home, fake_hub, with_rows):
    with_rows(home, {"person": "p"})
    _, answers = served(home, fake_hub, {"id": "j1", "order": fake_hub.issuer.token("athens", 0)})
    assert [a["error"]["code"] for a in answers] == ["E205"]


def test_an_order_for_another_question_is_not_carried_out(home, fake_hub, with_rows):
    with_rows(home, {"person": "p"})
    _, answers = served(home, fake_hub, order(fake_hub.issuer, named="j2"))
    assert [a["error"]["code"] for a in answers] == ["E405"]


def test_a_question_of_a_newer_dictionary_is_refused_with_its_reason(home, fake_hub, with_rows):
    with_rows(home, {"person": "p"})
    _, answers = served(home, fake_hub, order(fake_hub.issuer, question={"count": "vaccination"}))
    assert [a["error"]["code"] for a in answers] == ["E102"]


def test_cards_are_published_until_the_hub_has_them_whatever_was_asked_meanwhile(home, desk, tmp_path):
    heard, faults = [], [HubUnreachable("The hub is away."), None, None, None]

    def publish(cards, _analyses):
        if fault := faults.pop(0):
            raise fault
        heard.append([card["dataset"] for card in cards])

    publish_news = publisher(desk, publish)
    import_rows(home, tmp_path, {"person": "p"})
    with pytest.raises(HubUnreachable):
        publish_news()
    publish_news()
    publish_news()
    assert heard == [["d"]]
    assert [one["datasets"] for one in entered(home, "published")] == [["d"]]
    import_rows(home, tmp_path, {"person": "p"}, {"collection": "e"})
    desk.answer(PEOPLE)
    publish_news()
    publish_news()
    assert heard == [["d"], ["d", "e"]]
    assert [one["datasets"] for one in entered(home, "published")] == heard


def test_cards_are_published_anew_when_somebody_opts_out(home, desk, tmp_path):
    heard = []
    publish_news = publisher(desk, lambda cards, _: heard.append(cards[0]["records"]["person"]["value"]))
    import_rows(home, tmp_path, {"person": "p"}, {"person": "q"})
    publish_news()
    opt_out(home, pseudonyms_of(home, ["p"]), Person("mira", "command line"))
    publish_news()
    publish_news()
    assert heard == [2, 1]


def test_what_the_data_manager_admits_is_told_at_once_with_its_version_and_so_is_what_is_withdrawn(
    home, desk, tmp_path
):
    heard = []
    publish_news = publisher(desk, lambda _, analyses: heard.append(dict(analyses)))
    publish_news()
    assert heard == []
    import_rows(home, tmp_path, {"person": "p"})
    publish_news()
    admit(home, ["cox", "survival"], Person("mira", "console"))
    publish_news()
    publish_news()
    withdraw(home, ["all"], Person("mira", "console"))
    publish_news()
    versions = {name: analysis_named(name).version for name in ("cox", "survival")}
    assert heard == [{}, versions, {}]


def entered(home, kind):
    with closing(open_log(home)) as log:
        return [e["body"] for e in map(json.loads, log.lines()) if e["kind"] == kind]


def test_joining_is_entered_with_the_checkpoint_of_the_hub(home, running_hub):
    joined = join(home, running_hub.url, running_hub.invite("enters")).joined()
    (body,) = entered(home, "joined")
    assert (body["name"], body["hub"]) == ("enters", joined.url)
    assert read_checkpoint(body["checkpoint"], joined.keys["keys"][0]).head.size > 0


def test_a_question_is_answered_and_entered_with_the_checkpoint_that_it_came_with(home, fake_hub, with_rows):
    with_rows(home, {"person": "p"})
    signed = sign_checkpoint(fake_hub.issuer.key, Head(7, "ab" * 32), 0)
    served(home, fake_hub, order(fake_hub.issuer) | {"checkpoint": signed})
    (body,) = entered(home, "released")
    assert (body["job"], body["checkpoint"]) == ("j1", signed)
    assert [one["version"] for one in entered(home, "serving")] == ["1.0"]
    assert [one["datasets"] for one in entered(home, "published")] == [["d"]]


def test_a_checkpoint_that_the_hub_has_not_signed_is_refused_and_so_is_the_question(home, fake_hub, with_rows):
    with_rows(home, {"person": "p"})
    forged = sign_checkpoint(STRANGER.key, Head(7, "ab" * 32), 0)
    _, answers = served(home, fake_hub, order(fake_hub.issuer) | {"checkpoint": forged})
    assert [a["error"]["code"] for a in answers] == ["E362"]
    assert [(one["code"], one["job"]) for one in entered(home, "refused")] == [("E362", "j1")]
    assert entered(home, "released") == []


def test_a_forged_order_is_entered_as_refused(home, fake_hub, with_rows):
    with_rows(home, {"person": "p"})
    served(home, fake_hub, order(STRANGER))
    assert [one["code"] for one in entered(home, "refused")] == ["E205"]


def test_a_checkpoint_is_signed_anew_only_when_the_log_has_grown(home):
    recorder, key = Recorder(home), load_key(home.key_file)
    checkpoint = checkpoints(recorder, key)
    empty = checkpoint()
    assert checkpoint() is empty
    recorder.serving("1.0")
    later = checkpoint()
    assert read_checkpoint(later, public_part(key)).head == recorder.log.head() != Head()
    recorder.close()


@pytest.fixture
def gate(home, with_rows):
    """That of a node which answers under permits and with its data manager's consent, who gave it to one project."""
    with_rows(home, *({"person": f"p{i}", "collection": "de"[i % 2]} for i in range(8)))
    joined = home.with_membership(Membership("athens", "u", HUB.name, HUB.keys())).with_demand("consent")
    found = Gate(Desk(joined), OrderReader(HUB.keys()), lambda: NOW)
    found.ledger.consent("lung", NOW)
    yield found
    found.close()
    found.desk.close()


def sent_while(gate, act, question=PEOPLE, **parts):
    """What is sent for an order that the hub takes at the third try, where something happens before that."""
    permit = {"person": "ana", "permit": HUB.permit(a_permit(**parts), NOW)} if parts else {}
    work = {"work": [{"id": "q", "order": HUB.order("q", question, NOW, permit)}]}
    hub = ScriptedHub(work=[work], reports=[LOST, LOST])
    link = NodeLink(hub, "athens", KEY, "h", stopped=FakeEvent(), standing=standing_of(gate))
    link.stopped.wait = lambda _: len(hub.reported()) == 2 and act()
    with pytest.raises(NodeRevoked):
        link.serve(lambda _, order, checkpoint: node_answer_to_json(gate.answer(gate.read(order), checkpoint)))
    bodies = [body for _, body in hub.reported()]
    return [b["error"]["message"] if "error" in b else [d["certain"]["value"] for d in b["datasets"]] for b in bodies]


BOTH = [{"node": "athens", "dataset": name} for name in "de"]


def later(gate):
    gate.clock = lambda: END


@pytest.mark.parametrize(
    ("act", "rule"),
    [
        (lambda gate: gate.ledger.revoke("P-7", NOW), "revoked"),
        (lambda gate: gate.ledger.hear("hub", 5, ["P-7"]), "revoked"),
        (lambda gate: gate.ledger.consent("lung", None), "consent"),
        (
            lambda gate: gate.ledger.restrict("lung", '{"datasets": [], "variables": [], "groups": true, "until": 5}'),
            "restriction",
        ),
        (later, "end"),
    ],
)
def test_an_answer_that_waits_for_the_hub_is_refused_where_its_permit_no_longer_holds(gate, act, rule):
    *waited, last = sent_while(gate, lambda: act(gate), datasets=BOTH)
    assert waited == [[4, 4], [4, 4]]
    assert f"The rule {rule} says" in last
    assert [e["message"] for e in entered(gate.desk.home, "refused")] == [last]


@pytest.mark.parametrize(("act", "rule"), [(lambda gate: gate.ledger.revoke("P-7", NOW), "revoked"), (later, "end")])
def test_an_answer_during_which_its_permit_ceases_to_hold_is_never_sent(gate, act, rule):
    answer, told = gate.desk.answer, []

    def and_meanwhile(*words):
        found = answer(*words)
        told.append([d.dataset for d in found.datasets])
        act(gate)
        return found

    gate.desk.answer = and_meanwhile
    sent = sent_while(gate, lambda: None, datasets=BOTH)
    assert told == [["d", "e"]]
    assert all(f"The rule {rule} says" in one for one in sent)
    with closing(open_log(gate.desk.home)) as log:
        kinds = [e["kind"] for e in map(json.loads, log.lines())]
    assert kinds[-2:] == ["released", "refused"]


def test_an_order_and_its_permit_are_verified_once_however_often_they_are_looked_at(gate):
    seen = []
    read, read_permit = gate.orders.read, gate.orders.read_permit
    gate.orders.read = lambda text: seen.append("order") or read(text)
    gate.orders.read_permit = lambda text: seen.append("permit") or read_permit(text)
    sent_while(gate, lambda: None, datasets=BOTH)
    assert seen == ["order", "permit"]


def test_a_dataset_that_is_taken_away_is_not_in_an_answer_that_waited(gate):
    taken = '{"datasets": ["e"], "variables": [], "groups": true, "until": null}'
    assert sent_while(gate, lambda: gate.ledger.restrict("lung", taken), datasets=BOTH) == [[4, 4], [4, 4], [4]]


def test_an_answer_that_waits_while_nothing_happens_is_made_once(gate):
    assert sent_while(gate, lambda: None, datasets=BOTH) == [[4, 4]] * 3
    assert len(entered(gate.desk.home, "released")) == 1


def test_a_refusal_that_waits_is_entered_once(gate):
    first, *others = sent_while(gate, lambda: None)
    assert "answers none without" in first
    assert others == [first] * 2
    assert len(entered(gate.desk.home, "refused")) == 1


def test_what_cannot_be_read_stands_for_itself(gate):
    standing = standing_of(gate)
    assert standing("not.an.order") == "E205"
    assert standing(HUB.order("q", {"count": "vaccination"}, NOW)) == "E102"
    gate.desk.held = {}.pop
    assert (
        standing(HUB.order("q", PEOPLE, NOW, {"person": "ana", "permit": HUB.permit(a_permit(), NOW)})) == "TypeError"
    )

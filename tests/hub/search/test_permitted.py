"""From the pass of a person to the answers of nodes: the whole way of a question under a permit."""

import json
from dataclasses import replace

import pytest
from tests.hub.callers import told
from tests.hub.permitted_node import answering
from tests.permits import BEGIN, END, body

from oncommons.schema.federation import PERMIT_HEADER
from oncommons.schema.permit import parse_permit
from oncommons.storage.audit_hub import HubLog

WOMEN = {"count": "person", "where": {"field": "sex", "in": ["F"]}}
OLD = {"count": "person", "where": {"field": "age", "between": [60, None]}}
NODES = {"begun", "invited", "joined", "answered", "checkpoint"}
PERMIT = parse_permit(body(datasets=[{"node": "athens", "dataset": "d"}]))


def ask(hub, question=WOMEN, given=None, **params):
    headers = {PERMIT_HEADER: str(given)} if given else {}
    return hub("POST", "/api/questions", content=json.dumps(question).encode(), params=params, headers=headers)


def look(hub, job, given=None):
    return hub("GET", f"/api/questions/{job}", headers={PERMIT_HEADER: str(given)} if given else {})


def issue(hub, permit=PERMIT):
    return hub.app.state.permits.issue(permit, "https://hub.test", hub.clock())[1]


@pytest.fixture
def athens(hub, tmp_path):
    hub.clock.now = BEGIN + 5.0
    with answering(hub, "athens", tmp_path) as gate:
        yield gate


def statuses(answer):
    return {n["node"]: (n["status"], n.get("code")) for n in answer.json()["nodes"]}


def test_a_question_under_a_permit_is_answered_and_the_same_without_is_refused(hub, athens):
    answer = ask(hub, given=issue(hub)["ana"]).json()
    assert answer["total"]["certain"]["value"] == 7
    assert "under permit P-7" in answer["nodes"][0]["policy"]
    assert statuses(ask(hub)) == {"athens": ("refused", "E373")}


def test_only_the_nodes_of_the_permit_hear_of_it(hub, athens):
    bergen = hub.member("bergen")
    found = ask(hub, given=issue(hub)["ana"])
    assert statuses(found)["bergen"][0] == "unasked"
    assert bergen("GET", "/api/link/work").json()["work"] == []


def test_a_node_that_the_permit_does_not_name_cannot_be_asked_under_it(hub, athens):
    hub.member("bergen")
    assert told(ask(hub, WOMEN | {"nodes": ["bergen"]}, issue(hub)["ana"])) == (403, "E374")
    assert statuses(ask(hub, WOMEN | {"nodes": ["athens"]}, issue(hub, replace(PERMIT, id="P-8"))["ana"]))[
        "athens"
    ] == (
        "answered",
        "",
    )


def test_what_is_beyond_the_permit_no_node_ever_hears_of(hub, athens):
    assert told(ask(hub, OLD, issue(hub)["ana"])) == (403, "E374")
    assert athens.ledger.permits() == []


def test_the_node_refuses_what_a_lenient_hub_lets_through(hub, athens):
    """The hub's answer is a courtesy, the node's is the law."""
    issue(hub)
    signed = hub.app.state.permits.entry("P-7").signed
    exchange = hub.app.state.exchange
    hub.portal.call(exchange.ask, "j", OLD, 5, ["athens"], {"person": "ana", "permit": signed})
    (work,) = exchange.progress("j")[1]
    told = json.loads(work.result)["error"]
    assert told["code"] == "E374"
    assert "person.age: not among the variables of the permit. The rule variable says" in told["message"]


def test_a_pass_that_is_nobodys_is_told_as_such(hub, athens):
    issue(hub)
    assert told(ask(hub, given="P-7.guessed")) == (404, "E375")
    assert told(ask(hub, given="nonsense")) == (404, "E375")


def test_a_permit_that_was_taken_back_holds_no_more(hub, athens):
    given = issue(hub)["ana"]
    hub.app.state.permits.revoke("P-7", hub.clock())
    assert told(ask(hub, given=given)) == (403, "E374")


def test_a_permit_that_is_taken_back_while_nodes_answer_tells_nothing(hub, athens):
    given, answer = issue(hub)["ana"], athens.desk.answer

    def and_meanwhile(*words):
        hub.app.state.permits.revoke("P-7", hub.clock())
        return answer(*words)

    athens.desk.answer = and_meanwhile
    assert told(ask(hub, given=given)) == (403, "E374")


def test_what_was_asked_under_a_permit_that_was_taken_back_cannot_be_looked_at(hub, athens):
    passing = issue(hub)["ana"]
    found, plain = ask(hub, given=passing).json()["id"], ask(hub).json()["id"]
    assert look(hub, found, passing).json()["total"]["certain"]["value"] == 7
    hub.app.state.permits.revoke("P-7", hub.clock())
    assert told(look(hub, found, passing)) == (403, "E374")
    assert look(hub, plain).status_code == 200


def test_what_was_asked_under_a_permit_that_has_ended_cannot_be_looked_at(hub, athens):
    passing = issue(hub)["ana"]
    found = ask(hub, given=passing).json()["id"]
    hub.clock.now = float(END)
    assert told(look(hub, found, passing)) == (403, "E374")


def test_the_audit_log_says_under_which_permit_was_asked_and_what_became_of_it_but_not_who(hub, athens):
    passing = issue(hub)["ana"]
    ask(hub, given=passing)
    ask(hub)
    hub.app.state.permits.revoke("P-7", hub.clock())
    hub.app.state.permits.revoke("P-7", hub.clock())
    lines = list(HubLog(hub.hub.database).lines())
    told = [(e["kind"], e["body"].get("permit")) for e in map(json.loads, lines) if e["kind"] not in NODES]
    assert told == [("permit issued", "P-7"), ("asked", "P-7"), ("asked", None), ("permit revoked", "P-7")]
    assert not any("ana" in line or passing.secret in line for line in lines)


def test_who_knows_the_identifier_alone_is_told_nothing_of_a_question_under_a_permit(hub, athens):
    """Else an answer would be everybody's who has read the audit log."""
    passes = issue(hub) | {"P-8": issue(hub, replace(PERMIT, id="P-8"))["ana"]}
    found = ask(hub, given=passes["ana"]).json()["id"]
    unknown = look(hub, "nothing").json()["error"]["message"]
    for passing in (None, passes["ben"], passes["P-8"], "P-7.guessed", "nonsense"):
        refusal = look(hub, found, passing)
        assert told(refusal) == (404, "E404")
        assert refusal.json()["error"]["message"] == unknown


def test_who_knows_the_identifier_alone_cannot_join_a_question_under_a_permit(hub, athens):
    passes = issue(hub)
    mine = ask(hub, given=passes["ana"]).json()["id"]
    assert told(ask(hub, WOMEN | {"nodes": ["athens"]}, id=mine)) == (400, "E405")


def test_asking_again_under_an_identifier_needs_the_same_pass(hub, athens):
    passes = issue(hub)
    mine = ask(hub, given=passes["ana"], id="one").json()
    assert ask(hub, given=passes["ana"], id="one").json()["id"] == mine["id"]
    assert ask(hub, given=passes["ben"], id="one").json()["id"] != mine["id"]
    assert statuses(ask(hub, id="one")) == {"athens": ("refused", "E373")}
    assert look(hub, mine["id"], passes["ana"]).json()["total"]["certain"]["value"] == 7


def test_a_permit_whose_nodes_have_not_joined_asks_nobody_else(hub, athens):
    given = issue(
        hub, replace(PERMIT, datasets=parse_permit(body(datasets=[{"node": "cork", "dataset": "d"}])).datasets)
    )
    assert told(ask(hub, given=given["ana"])) == (422, "E103")


def people_of(hub, *names):
    """Accounts, and passes of a permit that they hold together."""
    desk, found = hub.app.state.people, []
    for name in names:
        place = desk.register.organisation("Athens General", hub.clock())
        secret = desk.links.invite(f"{name}@athens.example", place, "researcher", "", hub.clock())
        found.append(desk.links.join(secret, name, "hash", hub.clock()))
    passes = issue(hub, replace(PERMIT, people=tuple(sorted(found))))
    return [(person, passes[person]) for person in found]


def test_nobody_asks_or_looks_with_the_pass_of_an_account_that_was_erased(hub, athens):
    (ana, hers), (_, his) = people_of(hub, "ana", "ben")
    found = ask(hub, given=hers).json()["id"]
    hub.app.state.people.erase_person(ana)
    before = athens.ledger.permits()
    assert told(ask(hub, OLD, hers)) == (404, "E375")
    assert told(ask(hub, given=hers)) == (404, "E375")
    assert told(look(hub, found, hers)) == (404, "E404")
    assert athens.ledger.permits() == before
    assert ask(hub, given=his).json()["total"]["certain"]["value"] == 7


def test_who_erases_their_account_while_nodes_answer_is_told_nothing(hub, athens):
    ((ana, hers),) = people_of(hub, "ana")
    answer, heard = athens.desk.answer, []

    def and_meanwhile(*words):
        hub.app.state.people.erase_person(ana)
        heard.append(words)
        return answer(*words)

    athens.desk.answer = and_meanwhile
    assert told(ask(hub, given=hers)) == (404, "E375")
    assert told(ask(hub, given=hers)) == (404, "E375")
    assert len(heard) == 1  # the node never hears of the second one

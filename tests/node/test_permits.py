"""The gate of a node: what a permit lets through, and what it keeps out, whatever the hub thinks."""

import json
import shutil
import sqlite3
import threading
from contextlib import closing
from dataclasses import replace

import pytest
from tests.node.tables import import_rows
from tests.permits import HUB, NOW, OTHER_HUB, a_key, a_permit

from oncommons.node.desk import Desk
from oncommons.node.home import Membership, make_home, open_home, version_of
from oncommons.node.optouts import come_back, opt_out, pseudonyms_of
from oncommons.node.permits import Gate, answer_openly
from oncommons.node.recording import open_log
from oncommons.policy.disclosure.counts import Policy
from oncommons.schema.answer import exact
from oncommons.schema.errors import MalformedQuestion, OncommonsError, StorageFailed, TokenRefused
from oncommons.schema.errors_of_permits import BeyondPermit, PermitNeeded, PermitNotTrusted
from oncommons.service.identity import Issuer, Order, OrderReader
from oncommons.storage.decisions import Person
from oncommons.storage.permitted import Permitted

PEOPLE = {"count": "person"}
WOMEN = {"count": "person", "where": {"field": "sex", "in": ["F"]}}
OLD = {"count": "person", "where": {"field": "age", "between": [60, None]}}


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """The directory of a node that holds two datasets."""
    folder = tmp_path_factory.mktemp("filled")
    rows = [{"person": f"p{i}", "sex": "FM"[i % 2], "collection": "d"} for i in range(40)]
    made = make_home(folder / "athens", Policy("open"))
    import_rows(made, folder, *rows, {"person": "x", "collection": "secret"})
    return made.folder


@pytest.fixture
def open_gate(filled, tmp_path):
    """Makes gates of a node that has joined the hub and holds two datasets."""
    made, home = [], open_home(shutil.copytree(filled, tmp_path / "copy"))

    def make(policy=None, demand="required", keys=None, issuer=HUB.name):
        joined = home.with_membership(Membership("athens", "u", issuer, keys or HUB.keys()))
        desk = Desk(joined.with_policy(policy or Policy("open")).with_demand(demand))
        made.append(Gate(desk, OrderReader(keys or HUB.keys()), lambda: NOW))
        return made[-1]

    yield make
    for gate in made:
        gate.close()
        gate.desk.close()


def order(question=PEOPLE, permit=None, person="ana", hub=HUB):
    text = hub.permit(permit or a_permit(hub), NOW) if not isinstance(permit, str) else permit
    return Order("q", question, person, text)


def refused_by(gate, *words, **named):
    with pytest.raises(BeyondPermit) as caught:
        gate.answer(order(*words, **named))
    return caught.value.at.removeprefix("permit.")


def test_a_question_under_a_permit_is_answered_for_its_datasets_only(open_gate):
    answer = open_gate().answer(order(WOMEN))
    assert [(d.dataset, d.certain) for d in answer.datasets] == [("d", exact(20))]
    assert answer.policy.endswith("under permit P-7, which leaves out 1 of the datasets here")


def test_a_node_that_needs_permits_answers_nothing_without(open_gate):
    with pytest.raises(PermitNeeded):
        open_gate().answer(Order("q", PEOPLE))


def test_a_node_that_needs_none_answers_without_but_keeps_to_the_one_that_is_shown(open_gate):
    gate = open_gate(demand="optional")
    assert len(gate.answer(Order("q", PEOPLE)).datasets) == 2
    assert refused_by(gate, OLD) == "variable"


@pytest.mark.parametrize(
    ("question", "person", "parts", "rule"),
    [
        (OLD, "ana", {}, "variable"),
        ({"count": "person", "where": {"some": "condition"}}, "ana", {}, "variable"),
        ({"count": "series", "by": ["modality"]}, "ana", {"variables": ["person.sex", "series"]}, "variable"),
        (WOMEN, "eve", {}, "person"),
        (WOMEN, "ana", {"analyses": ["survival"]}, "analysis"),
        (WOMEN, "ana", {"datasets": [{"node": "athens", "dataset": "gone"}]}, "dataset"),
        (WOMEN, "ana", {"datasets": [{"node": "athens", "dataset": "d", "version": "old"}]}, "version"),
        (WOMEN | {"by": ["sex"]}, "ana", {"output": {"groups": False}}, "groups"),
        (WOMEN, "ana", {"output": {"least": 2}}, "least"),
        (WOMEN, "ana", {"period": {"not_before": "2026-11-01", "not_after": "2026-12-02"}}, "end"),
        (WOMEN, "ana", {"period": {"not_before": "2026-12-03", "not_after": "2027-12-02"}}, "begin"),
    ],
)
def test_what_the_permit_does_not_cover_is_refused_with_the_rule(open_gate, question, person, parts, rule):
    assert refused_by(open_gate(), question, a_permit(**parts), person) == rule


def test_a_permit_for_another_node_is_refused_here(open_gate):
    assert refused_by(open_gate(), permit=a_permit(datasets=[{"node": "bergen", "dataset": "d"}])) == "node"


def test_a_permit_of_another_hub_is_refused_here(open_gate):
    with pytest.raises(PermitNotTrusted):
        open_gate().answer(order(hub=OTHER_HUB))


def test_a_permit_of_a_hub_whose_keys_are_pinned_is_refused_where_another_hub_was_joined(open_gate):
    keys = {"keys": [*HUB.keys()["keys"], *OTHER_HUB.keys()["keys"]]}
    assert refused_by(open_gate(keys=keys), hub=OTHER_HUB) == "hub"


def test_a_permit_that_was_forged_or_stripped_is_not_trusted(open_gate):
    good = HUB.permit(a_permit(), NOW)
    forger = Issuer(a_key())
    head, payload, signature = good.split(".")
    others = HUB.permit(a_permit(people=["eve"]), NOW).split(".")
    texts = [
        forger.permit(a_permit(forger), NOW),
        f"eyJhbGciOiJub25lIiwidHlwIjoib25jb21tb25zLXBlcm1pdCtqd3QifQ.{payload}.",
        f"{head}.{payload}.",
        f"{head}.{others[1]}.{signature}",
        HUB.order("q", PEOPLE, NOW),
    ]
    gate = open_gate()
    for text in texts:
        with pytest.raises(PermitNotTrusted):
            gate.answer(order(permit=text))
    assert gate.ledger.permits() == []


def test_a_permit_that_is_swapped_in_a_signed_order_breaks_the_order(open_gate):
    mine = HUB.order("q", PEOPLE, NOW, {"person": "eve", "permit": HUB.permit(a_permit(id="P-1", people=["eve"]), NOW)})
    other = HUB.order("q", PEOPLE, NOW, {"person": "eve", "permit": HUB.permit(a_permit(), NOW)})
    swapped = ".".join([mine.split(".")[0], other.split(".")[1], mine.split(".")[2]])
    gate = open_gate()
    with pytest.raises(TokenRefused):
        gate.orders.read(swapped)
    with pytest.raises(BeyondPermit, match="not among the people"):
        gate.answer(gate.orders.read(other))


def test_a_version_that_is_named_is_the_one_that_the_node_tells(open_gate):
    gate = open_gate()
    version = version_of(gate.desk.home.tables.state())
    permit = a_permit(datasets=[{"node": "athens", "dataset": "d", "version": version}])
    assert gate.answer(order(WOMEN, permit)).certain == exact(20)


def test_a_version_is_that_of_the_data_whoever_opts_out(open_gate):
    """Else one who opts out would close the node to every permit that names a version."""
    gate = open_gate()
    home = gate.desk.home
    version = version_of(home.tables.state())
    permit = a_permit(datasets=[{"node": "athens", "dataset": "d", "version": version}])
    people = pseudonyms_of(home, ["p1"])
    assert gate.answer(order(PEOPLE, permit)).certain == exact(40)
    opt_out(home, people, Person("m", "cl"))
    assert gate.answer(order(PEOPLE, permit)).certain == exact(39)
    come_back(home, people, Person("m", "cl"))
    assert gate.answer(order(PEOPLE, permit)).certain == exact(40)


def test_new_data_are_not_those_of_a_version(open_gate, tmp_path):
    gate = open_gate()
    home = gate.desk.home
    version = version_of(gate.desk.home.tables.state())
    permit = a_permit(datasets=[{"node": "athens", "dataset": "d", "version": version}])
    import_rows(home, tmp_path, {"person": "y", "collection": "e"})
    assert refused_by(gate, WOMEN, permit) == "version"


def test_a_data_manager_is_asked_for_consent_and_may_withdraw_it(open_gate):
    gate = open_gate(demand="consent")
    assert refused_by(gate) == "consent"
    other = Permitted(gate.desk.home.permits_file)
    other.consent("lung", 5)
    assert gate.answer(order()).certain == exact(40)
    other.consent("lung", None)
    assert refused_by(gate) == "consent"
    other.close()


def test_what_a_data_manager_takes_away_is_refused_at_once(open_gate):
    gate = open_gate()
    gate.answer(order(WOMEN))
    gate.ledger.restrict("lung", '{"datasets": [], "variables": ["person.sex"], "groups": true, "until": null}')
    assert refused_by(gate, WOMEN) == "restriction"
    gate.ledger.restrict("lung", '{"datasets": ["d"], "variables": [], "groups": true, "until": null}')
    assert refused_by(gate, PEOPLE) == "dataset"
    gate.ledger.restrict("lung", "")
    assert gate.answer(order(WOMEN)).certain == exact(20)


def test_the_budget_of_a_permit_is_spent_by_questions_and_not_by_repeating(open_gate):
    gate, permit = open_gate(), a_permit(budget=2)
    for question in (PEOPLE, WOMEN, PEOPLE, WOMEN):
        gate.answer(order(question, permit))
    men = {"count": "person", "where": {"field": "sex", "in": ["M"]}}
    assert refused_by(gate, men, permit) == "budget"
    assert gate.answer(order(WOMEN, permit)).certain == exact(20)
    assert gate.answer(order(men, replace(permit, id="P-8"))).certain == exact(20)


def test_of_many_at_once_no_more_are_answered_than_the_budget_has(open_gate):
    gate, permit, outcomes = open_gate(), a_permit(budget=3), []
    questions = [
        {"count": "person", "where": {"field": "sex", "in": [c]}, "coarsen": b} for c in "FMO" for b in (False, True)
    ]
    gate.ledger.spent("P-7")

    def ask(question):
        own = Gate(gate.desk, gate.orders, gate.clock)
        try:
            outcomes.append(len(own.answer(order(question, permit)).datasets))
        except BeyondPermit as fault:
            outcomes.append(fault.at)
        own.close()

    threads = [threading.Thread(target=ask, args=[q]) for q in questions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, outcomes)) == ["1"] * 3 + ["permit.budget"] * 3


def test_nobody_else_can_spend_between_the_decision_and_the_payment(open_gate):
    gate, locked = open_gate(), []
    spent = gate.ledger.spent

    def looking(permit):
        other = sqlite3.connect(gate.desk.home.permits_file, timeout=0, isolation_level=None)
        try:
            other.execute("BEGIN IMMEDIATE")
            locked.append(False)
        except sqlite3.OperationalError:
            locked.append(True)
        other.close()
        return spent(permit)

    gate.ledger.spent = looking
    gate.answer(order())
    assert locked == [True]


def test_a_permit_raises_a_threshold_and_never_lowers_it(open_gate):
    def told(least):
        gate = open_gate(Policy("threshold", 10))
        return str(gate.answer(order(WOMEN, a_permit(output={"least": least}))).certain)

    assert (told(0), told(5), told(15), told(21)) == ("20–29", "20–29", "20–39", "<30")


def test_answers_are_remembered_for_the_project_of_the_permit(open_gate):
    gate = open_gate(Policy("noise", 10))
    gate.answer(order(WOMEN))
    assert gate.desk.disclosure.memory.ledger.spent("lung", 0) == 1
    assert gate.desk.disclosure.memory.ledger.spent("everybody", 0) == 0


def test_a_question_that_cannot_be_read_is_told_as_such_and_costs_nothing(open_gate):
    gate = open_gate()
    with pytest.raises(MalformedQuestion):
        gate.answer(order({"count": "person", "colour": "red"}))
    assert gate.ledger.permits() == []


def test_a_question_that_names_nodes_costs_the_permit_nothing(open_gate):
    gate = open_gate()
    with pytest.raises(MalformedQuestion):
        gate.answer(order(PEOPLE | {"nodes": ["athens"]}, a_permit(budget=2)))
    assert gate.ledger.spent("P-7") == 0


def entries(gate):
    """What the audit log holds of orders: the kind, the code, the project and the permit of each."""
    with closing(open_log(gate.desk.home)) as log:
        found = [json.loads(line) for line in log.lines()]
    told = [
        (e["kind"], e["body"].get("code"), e["body"]["project"], e["body"]["permit"])
        for e in found
        if "job" in e["body"]
    ]
    assert all(e["body"]["checkpoint"] == "signed" for e in found if "job" in e["body"])
    return told


def refuse(gate, asked, code):
    with pytest.raises(OncommonsError) as caught:
        gate.answer(asked, "signed")
    assert caught.value.code == code
    return entries(gate)


@pytest.mark.parametrize("shown", [True, False])
@pytest.mark.parametrize(
    ("question", "code"),
    [
        ({"count": "nonsense"}, "E102"),
        ({"count": "person", "where": {"field": "x", "in": ["y"]}}, "E102"),
        ({"count": "person", "nodes": ["athens"]}, "E101"),
    ],
)
def test_a_question_that_cannot_be_read_is_entered_once(open_gate, question, code, shown):
    asked = order(question) if shown else Order("q", question)
    told = refuse(open_gate(demand="optional"), asked, code)
    assert told == [("refused", code, "lung" if shown else "everybody", "P-7" if shown else "")]


def test_what_is_not_let_through_is_entered_once(open_gate):
    assert refuse(open_gate(), order(OLD), "E374") == [("refused", "E374", "lung", "P-7")]


def test_a_permit_that_is_not_trusted_is_entered_without_its_name(open_gate):
    assert refuse(open_gate(), order(hub=OTHER_HUB), "E372") == [("refused", "E372", "everybody", "")]


@pytest.mark.parametrize("shown", [True, False])
def test_that_nobody_knows_who_opted_out_is_entered_once(open_gate, shown):
    gate = open_gate(demand="optional")
    opt_out(gate.desk.home, pseudonyms_of(gate.desk.home, ["p1"]), Person("m", "cl"))
    gate.desk.home.optouts_file.unlink()
    told = refuse(gate, order() if shown else Order("q", PEOPLE), "E366")
    assert told == [("refused", "E366", "lung" if shown else "everybody", "P-7" if shown else "")]


def test_that_the_ledger_of_permits_is_broken_is_entered(open_gate):
    gate = open_gate()
    gate.desk.home.permits_file.write_bytes(b"no database" * 100)
    assert refuse(gate, order(), StorageFailed.code) == [("refused", StorageFailed.code, "lung", "P-7")]


def test_a_node_that_holds_nothing_has_no_dataset_to_ask(home):
    joined = home.with_membership(Membership("athens", "u", HUB.name, HUB.keys()))
    gate = Gate(Desk(joined), OrderReader(HUB.keys()), lambda: NOW)
    assert refused_by(gate) == "dataset"
    gate.close()
    gate.desk.close()


@pytest.mark.parametrize("demand", ["required", "consent"])
def test_who_asks_at_the_node_itself_shows_no_permit_either(open_gate, demand):
    desk = open_gate(demand=demand).desk
    with pytest.raises(PermitNeeded):
        answer_openly(desk, WOMEN)
    with closing(open_log(desk.home)) as log:
        last = json.loads([*log.lines()][-1])
    assert (last["kind"], last["body"]["code"], last["body"]["question"]) == ("refused", "E373", WOMEN)


@pytest.mark.parametrize("demand", ["optional", "required"])
def test_what_is_asked_at_the_node_itself_and_cannot_be_read_is_entered_once(open_gate, demand):
    desk = open_gate(demand=demand).desk
    with pytest.raises(MalformedQuestion):
        answer_openly(desk, PEOPLE | {"nodes": ["athens"]})
    with closing(open_log(desk.home)) as log:
        told = [(e["kind"], e["body"].get("code")) for e in map(json.loads, log.lines())]
    assert told[1:] == [("refused", "E101")]


def test_who_asks_at_a_node_that_needs_no_permit_is_answered(open_gate):
    assert answer_openly(open_gate(demand="optional").desk, WOMEN).certain == exact(20)

"""A data manager decides, and the gate keeps to it: each question waits for a consent of its own, which serves once."""

import json
import shutil
import sqlite3
from contextlib import closing

import pytest
from tests.node.tables import import_rows
from tests.permits import HUB, NOW, a_permit

from oncommons.node.desk import Desk
from oncommons.node.home import Membership, make_home, open_home
from oncommons.node.permits import WAIT_SECONDS, Gate
from oncommons.node.permitting import AGREED_DAYS, DECLINED_DAYS, Manager
from oncommons.node.recording import open_log
from oncommons.policy.access.demands import Restriction
from oncommons.policy.disclosure.budget import DAY
from oncommons.policy.disclosure.counts import Policy
from oncommons.schema.answer import exact
from oncommons.schema.errors import BadRequest, BudgetSpent, NotFound, StorageFailed
from oncommons.schema.errors_of_permits import BadPermit, BeyondPermit, ConsentAwaited, TooManyWait
from oncommons.service.identity import Order, OrderReader
from oncommons.storage.awaited import MOST_OF_PERMIT
from oncommons.storage.decisions import Person
from oncommons.storage.permitted import Permitted

PEOPLE = {"count": "person"}
WOMEN = {"count": "person", "where": {"field": "sex", "in": ["F"]}}
NOBODY = {"count": "person", "where": {"field": "sex", "in": ["O"]}}
MIRA = Person("mira", "console")


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    folder = tmp_path_factory.mktemp("filled")
    made = make_home(folder / "athens", Policy("open"))
    import_rows(made, folder, *({"person": f"p{i}", "sex": "FM"[i % 2], "collection": "d"} for i in range(8)))
    return made.with_membership(Membership("athens", "u", HUB.name, HUB.keys())).with_demand("run").folder


class Clock:
    """Shows the time that it was set to."""

    def __init__(self):
        self.now = float(NOW)

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def home(filled, tmp_path):
    return open_home(shutil.copytree(filled, tmp_path / "copy"))


@pytest.fixture
def gate(home, clock):
    desk = Desk(home)
    made = Gate(desk, OrderReader(HUB.keys()), clock)
    yield made
    made.close()
    desk.close()


@pytest.fixture
def manager(home, clock):
    return Manager(home, MIRA, clock)


def order(question=PEOPLE, job="q1", person="ana", **parts):
    return Order(job, question, person, HUB.permit(a_permit(**parts), NOW))


def waits(gate, *words, **named):
    """The name of the question that now waits."""
    with pytest.raises(ConsentAwaited, match="waits for the consent"):
        gate.answer(order(*words, **named))
    return gate.ledger.runs.all(gate.clock())[-1].id


def refused(gate, asked):
    with pytest.raises(BeyondPermit) as caught:
        gate.answer(asked)
    return caught.value.at, caught.value.message


def entered(home, *kinds):
    with closing(open_log(home)) as log:
        found = [json.loads(line) for line in log.lines()]
    return [entry["body"] for entry in found if entry["kind"] in kinds]


def test_a_question_waits_is_agreed_to_and_is_answered_once(gate, manager):
    name = waits(gate)
    assert manager.agree(name).state == "agreed"
    assert gate.answer(order(job="q2")).certain == exact(8)
    assert gate.answer(order(job="q2")).certain == exact(8), "the same question of the hub, as after a lost connection"
    assert waits(gate, job="q3") == name


def test_a_consent_is_for_exactly_that_question_under_that_permit(gate, manager):
    manager.agree(waits(gate, WOMEN))
    for asked in ({"question": PEOPLE}, {"question": WOMEN | {"coarsen": True}}, {"question": WOMEN, "id": "P-8"}):
        waits(gate, **asked)
    assert gate.answer(order(WOMEN)).certain == exact(4)


def test_what_waits_costs_nothing_and_what_runs_is_paid(gate, manager):
    name = waits(gate)
    assert (gate.ledger.spent("P-7"), gate.ledger.has_asked("P-7", b"")) == (0, False)
    manager.agree(name)
    gate.answer(order())
    assert gate.ledger.spent("P-7") == 1


def test_whether_a_question_waits_does_not_hang_on_the_data(gate):
    said = []
    for question in (WOMEN, NOBODY):
        with pytest.raises(ConsentAwaited) as caught:
            gate.answer(order(question))
        said.append(str(caught.value))
    assert said[0] == said[1]


@pytest.mark.parametrize(
    ("parts", "rule"),
    [({"people": ["ben"]}, "person"), ({"budget": 1, "id": "P-9"}, "budget"), ({"variables": []}, "variable")],
)
def test_what_the_permit_does_not_cover_is_refused_and_does_not_wait(gate, parts, rule):
    gate.ledger.charge("P-9", b"before", 1, NOW)
    assert refused(gate, order(WOMEN, **parts))[0] == f"permit.{rule}"
    assert gate.ledger.runs.all(NOW) == []


def test_whoever_asks_what_was_declined_is_told_the_reason_for_some_time(gate, manager, clock):
    manager.decline(waits(gate), " Please leave out the men. ")
    at, message = refused(gate, order())
    assert at == "permit.declined"
    assert message.startswith("The node's data manager declined: Please leave out the men.")
    clock.now += DECLINED_DAYS * DAY
    waits(gate)


@pytest.mark.parametrize(
    "reason",
    [
        "",
        "  ",
        "no",
        "Only 3 match.",
        "only ٣ match",
        "only ³ match",
        "Only Ⅲ match",
        "two\nlines",
        "\x1b[31mred",
        "x" * 201,
    ],
)
def test_a_reason_that_could_carry_a_number_or_drive_a_terminal_is_refused(gate, manager, reason):
    name = waits(gate)
    with pytest.raises(BadRequest, match="without digits"):
        manager.decline(name, reason)
    assert gate.ledger.runs.named(name, NOW).state == "waiting"


def test_a_consent_ends_when_it_was_said_to(gate, manager, clock):
    manager.agree(waits(gate))
    clock.now += AGREED_DAYS * DAY
    waits(gate)


def test_what_waits_too_long_is_forgotten_and_cannot_be_agreed_to(gate, manager, clock):
    name = waits(gate)
    clock.now += WAIT_SECONDS
    with pytest.raises(NotFound):
        manager.agree(name)


def test_a_consent_is_given_once_and_withdrawn_by_declining_before_it_is_used(gate, manager):
    name = waits(gate)
    manager.agree(name)
    with pytest.raises(NotFound):
        manager.agree(name)
    manager.decline(name, "On second thoughts, no.")
    assert refused(gate, order())[0] == "permit.declined"
    manager.agree(name)
    gate.answer(order())
    for change in (lambda: manager.agree(name), lambda: manager.decline(name, "Too late.")):
        with pytest.raises(NotFound):
            change()


@pytest.mark.parametrize("days", [0, -1, 366, float("nan")])
def test_a_consent_holds_for_a_number_of_days(gate, manager, days):
    name = waits(gate)
    with pytest.raises(BadRequest):
        manager.agree(name, days)


def test_a_run_that_ends_without_an_answer_gives_the_consent_back(gate, manager):
    manager.agree(waits(gate))
    answer, gate.desk.answer = gate.desk.answer, lambda *_: (_ for _ in ()).throw(BudgetSpent("Spent."))
    with pytest.raises(BudgetSpent):
        gate.answer(order(job="q2"))
    gate.desk.answer = answer
    assert gate.answer(order(job="q3")).certain == exact(8)


def test_no_more_wait_than_there_is_room_for(gate):
    for number in range(MOST_OF_PERMIT):
        waits(
            gate,
            {"count": "person", "where": {"field": "sex", "in": ["F"]}, "coarsen": True}
            if number == 0
            else {"count": "person", "where": {"all": [{"field": "sex", "in": ["F"]}] * number}},
            budget=0,
        )
    with pytest.raises(TooManyWait):
        gate.answer(order(budget=0))
    waits(gate, id="P-8")


def test_what_is_decided_meanwhile_changes_what_stands(gate, manager):
    asked = order()
    name = waits(gate)
    seen = [gate.standing(asked)]
    manager.agree(name)
    seen.append(gate.standing(asked))
    gate.answer(asked)
    assert gate.standing(asked) == seen[1], "what was answered stands as it did"
    assert gate.standing(replace_job(asked, "q2")) == seen[0]
    assert seen[0].startswith("run ")
    assert seen[1].startswith(" ")


def replace_job(asked, job):
    return asked._replace(job=job)


def test_another_demand_asks_for_no_consent_to_runs(gate, home, manager):
    manager.decline(waits(gate), "No, thank you.")
    desk = Desk(home.with_demand("required"))
    with closing(Gate(desk, gate.orders, gate.clock)) as other:
        assert other.answer(order()).certain == exact(8)
    desk.close()


def test_all_of_it_is_in_the_audit_log_without_the_name_of_who_asked(gate, manager, home):
    manager.agree(waits(gate, WOMEN))
    gate.answer(order(WOMEN, "q2"), "")
    manager.decline(waits(gate), "Not this one.")
    (first, second) = entered(home, "waiting")
    assert (first["permit"], first["project"], first["question"], first["code"]) == ("P-7", "lung", WOMEN, "E356")
    assert second["question"] == PEOPLE
    assert [one["question"] for one in entered(home, "released")] == [WOMEN]
    agreed, declined = entered(home, "permit")
    assert (agreed["what"], agreed["question"], agreed["by"], agreed["way"]) == ("run agreed", WOMEN, "mira", "console")
    assert (declined["what"], declined["reason"]) == ("run declined", "Not this one.")
    assert agreed["until"] == "2026-12-16T00:00:00Z"
    assert '"ana"' not in json.dumps(entered(home, "waiting", "permit", "released"))


def test_what_cannot_be_entered_is_not_decided(gate, manager, home):
    name = waits(gate)
    with closing(sqlite3.connect(home.audit_file)) as log:
        log.execute("DROP TABLE entry")
        log.execute("CREATE TABLE entry (number INTEGER PRIMARY KEY)")
    for change in (lambda: manager.agree(name), lambda: manager.revoke("P-7"), lambda: manager.consent("lung")):
        with pytest.raises(StorageFailed):
            change()
    with closing(Permitted(home.permits_file)) as ledger:
        assert ledger.runs.named(name, NOW).state == "waiting"
        assert (ledger.is_revoked("P-7"), ledger.standing("lung").consented) == (False, None)


def test_what_is_taken_away_adds_up_and_what_is_no_field_changes_nothing(manager, home):
    manager.restrict("lung", Restriction(variables=frozenset({"person.age"}), until=7))
    manager.restrict("lung", Restriction(datasets=frozenset({"d"}), groups=False, until=9))
    with pytest.raises(BadPermit):
        manager.restrict("lung", Restriction(variables=frozenset({"person.shoes"})))
    both = Restriction(frozenset({"d"}), frozenset({"person.age"}), groups=False, until=7)
    with closing(Permitted(home.permits_file)) as ledger:
        assert Restriction.of(ledger.standing("lung").restriction) == both
        manager.lift("lung")
        assert ledger.standing("lung").restriction == ""
    assert [one["restriction"] for one in entered(home, "permit")][1] == both.to_json()


def test_images_wait_for_no_consent_to_a_run(manager, home):
    manager.consent("lung", images=True)
    manager.consent("lung")
    manager.consent("lung", withdraw=True)
    with closing(Permitted(home.permits_file)) as ledger:
        assert ledger.standing("lung").images == NOW
        assert ledger.standing("lung").consented is None
    assert [one["what"] for one in entered(home, "permit")] == ["images: consented", "consented", "consent withdrawn"]

"""Runs go on in the background: over a restart of the hub, until they are cancelled or their permit ends."""

import json
import threading
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from tests.hub.callers import calling, told
from tests.hub.dispatch.hospitals import serving
from tests.hub.dispatch.test_book import ANA
from tests.hub.dispatch.test_running import PERMIT, begin, given, homes, look, made  # noqa: F401  fixtures
from tests.node.followed import COX, CURVES
from tests.permits import BEGIN

from oncommons.hub.dispatch.book import HELD_SECONDS, MOST_OF_ONE, Asked, RunBook
from oncommons.hub.dispatch.driving import Runner, going_on, runner_of
from oncommons.hub.dispatch.personal import keeper
from oncommons.hub.dispatch.tables import RUN
from oncommons.hub.link.exchange import LEASE_SECONDS
from oncommons.hub.people.register import Leaving
from oncommons.schema.federation import PERMIT_HEADER
from oncommons.schema.run import parse_run
from oncommons.storage.worklist import JOB

SLOW = 20


class Held:
    """A hospital's answers, of which one and those after it wait until they are let go."""

    def __init__(self, after):
        self.after, self.orders, self.reached, self.free = after, [], threading.Event(), threading.Event()

    def __call__(self, answer):
        self.orders.append(answer)
        if len(self.orders) > self.after:
            self.reached.set()
            assert self.free.wait(SLOW)
        return answer

    @contextmanager
    def in_the_middle(self):
        """Once that answer is reached; then all are let go."""
        assert self.reached.wait(SLOW)
        try:
            yield
        finally:
            self.free.set()


def cancel(hub, identifier, given):  # noqa: F811
    return hub("POST", f"/api/runs/{identifier}/cancel", headers={PERMIT_HEADER: given})


def statuses(run):
    return {one["node"]: one["status"] for one in run["progress"]["nodes"]}


def rounds_left(hub):
    """The rounds of runs that are on the work list."""
    with hub.hub.database.read() as connection:
        return [name for name in connection.execute(JOB.select()).scalars() if "-" in name]


def test_a_run_tells_how_far_it_is_while_it_goes_on(hub, homes, given):  # noqa: F811
    held = Held(after=2)
    with serving(hub, homes, athens=held):
        begin(hub, COX, given, id="mine")
        with held.in_the_middle():
            run = look(hub, "mine", given, wait=0)
            (listed,) = hub("GET", "/api/runs", headers={PERMIT_HEADER: given}).json()["runs"]
        ended = look(hub, "mine", given)
    assert (run["state"], run["progress"]["round"], run["analysis"], run["by"]) == ("running", 3, "cox", "ana")
    assert statuses(run)["athens"] == "computing"
    assert (listed["id"], listed["state"], "record" in listed) == ("mine", "running", False)
    assert (ended["state"], statuses(ended)) == ("done", dict.fromkeys(homes, "answered"))
    assert (ended["progress"]["round"], ended["record"]["by"]) == (ended["record"]["rounds"], "ana")
    assert rounds_left(hub) == []


def test_a_run_that_is_cancelled_asks_nobody_any_more(hub, homes, given):  # noqa: F811
    held, others = Held(after=2), []
    with serving(hub, homes, athens=held, bergen=lambda answer: others.append(1) or answer):
        begin(hub, COX, given, id="mine")
        with held.in_the_middle():
            assert cancel(hub, "mine", given).json() == {"id": "mine", "state": "cancelled"}
            hub.portal.start_task_soon(runner_of(hub.app).stop).result(SLOW / 2)  # before athens has answered
        run = look(hub, "mine", given)
    assert (run["state"], run["progress"]["round"], "record" in run) == ("cancelled", 3, False)
    assert (len(held.orders), len(others)) == (3, 3)
    assert rounds_left(hub) == []
    assert cancel(hub, "mine", given).json()["state"] == "cancelled"


def test_a_run_that_has_ended_is_not_cancelled_any_more(hub, homes, given):  # noqa: F811
    with serving(hub, homes):
        record = made(hub, CURVES, given, id="mine")
        assert cancel(hub, "mine", given).json()["state"] == "done"
        assert look(hub, "mine", given)["record"] == record


def test_a_permit_that_is_taken_back_in_the_middle_ends_the_run_with_the_reason(hub, homes, given):  # noqa: F811
    held, runner = Held(after=2), runner_of(hub.app)
    with serving(hub, homes, athens=held):
        begin(hub, COX, given, id="mine")
        with held.in_the_middle():
            hub.app.state.permits.revoke("P-7", hub.clock())
        hub.portal.call(runner.stop)
        kept = runner.book.one(ANA, "mine")
        assert told(hub("GET", "/api/runs/mine", headers={PERMIT_HEADER: given})) == (403, "E374")
        assert told(hub("GET", "/api/runs", headers={PERMIT_HEADER: given})) == (403, "E374")
        assert told(cancel(hub, "mine", given)) == (403, "E374")
    assert (kept.state, json.loads(kept.error)["code"]) == ("failed", "E374")
    assert "revoked" in json.loads(kept.error)["message"]
    assert len(held.orders) == 3


@contextmanager
def hub_with(folder, now=BEGIN + 5.0):
    """A hub that drives runs in the background, as a serving one does."""
    with calling(folder) as hub:
        hub.clock.now = now
        runner_of(hub.app).every = 60.0
        with hub.portal.wrap_async_context_manager(going_on(runner_of(hub.app))):
            yield hub


def rejoined(hub, keys, cut):
    """Let a hub's nodes show the keys that they joined with; once the line is cut, nothing reaches it."""

    def member(name):
        token = hub.token(hub.assertion(name, keys[name])).json()["access_token"]

        def call(*words, **options):
            if cut.is_set():
                return SimpleNamespace(json=lambda: {"work": []})
            return hub(*words, headers={"authorization": f"Bearer {token}"}, **options)

        return call

    hub.member = member
    return hub


def stopped_in_the_middle(hub, homes, keys, mine):  # noqa: F811
    """A hub that is stopped in the third round of a run, which all but one have answered."""
    held, cut = Held(after=2), threading.Event()
    with serving(rejoined(hub, keys, cut), homes, athens=held):
        begin(hub, COX, mine, id="mine")
        with held.in_the_middle():
            while list(statuses(look(hub, "mine", mine, wait=0.05)).values()).count("answered") < len(homes) - 1:
                pass
            cut.set()
            hub.portal.call(hub.app.state.exchange.stop)
            hub.portal.call(runner_of(hub.app).stop)
    kept = runner_of(hub.app).book.one(ANA, "mine")
    assert (kept.state, json.loads(kept.standing)["asked"]) == ("running", 2)


@pytest.mark.parametrize(("away", "again"), [(LEASE_SECONDS + 1, 0), (600.0, 1)])
def test_a_run_goes_on_where_it_stood_when_the_hub_is_back(tmp_path, homes, away, again):  # noqa: F811
    """What was answered is not asked again, but where the time of the round ran out before all had answered."""
    seen = {name: [] for name in homes}
    changes = {name: (lambda answer, name=name: seen[name].append(answer) or answer) for name in homes}
    with hub_with(tmp_path) as hub:
        mine = str(hub.app.state.permits.issue(PERMIT, "https://hub.test", hub.clock())[1]["ana"])
        keys = {name: hub.join(name) for name in homes}
        stopped_in_the_middle(hub, homes, keys, mine)
    with (
        hub_with(tmp_path, BEGIN + 5.0 + away) as hub,
        serving(rejoined(hub, keys, threading.Event()), homes, **changes),
    ):
        record = look(hub, "mine", mine)["record"]
        number = {name: len(answers) for name, answers in seen.items()}
        assert record["result"] == made(hub, COX, mine)["result"]
    assert {one["status"] for one in record["nodes"]} == {"answered"}
    assert number == {name: record["rounds"] - (2 if name == "athens" else 3 - again) for name in homes}


def test_a_run_that_an_older_version_began_says_so(tmp_path, homes):  # noqa: F811
    with hub_with(tmp_path) as hub:
        mine = str(hub.app.state.permits.issue(PERMIT, "https://hub.test", hub.clock())[1]["ana"])
        keys = {name: hub.join(name) for name in homes}
        stopped_in_the_middle(hub, homes, keys, mine)
        with hub.hub.database.write() as connection:
            connection.execute(RUN.update().values(version=99))
    with hub_with(tmp_path) as hub:
        run = look(hub, "mine", mine)
    assert (run["state"], run["error"]["code"]) == ("failed", "E410")
    assert "another version" in run["error"]["message"]


def test_a_run_of_a_process_that_was_killed_is_taken_over_when_its_time_is_over(hub, given):  # noqa: F811
    other = RunBook(hub.hub.database, "killed")
    other.begin(ANA, Asked("mine", parse_run(COX), "Cox", 1), hub.clock())
    runner = runner_of(hub.app)
    assert hub.portal.call(runner.round) == 0
    hub.clock.now += HELD_SECONDS
    assert hub.portal.call(runner.round) == 1
    assert hub.portal.call(runner.round) == 0
    assert look(hub, "mine", given)["error"]["message"] == "No node that the permit names has joined this hub."


def test_another_process_that_cancels_a_run_ends_it(hub, homes, given):  # noqa: F811
    held, other = Held(after=2), Runner(runner_of(hub.app).desk, RunBook(hub.hub.database, "other"))
    with serving(hub, homes, athens=held):
        begin(hub, COX, given, id="mine")
        with held.in_the_middle():
            assert other.cancel(ANA, "mine").state == "cancelled"
        hub.portal.call(runner_of(hub.app).stop)
        assert hub.portal.call(other.wait, ANA, "mine", 0.0).state == "cancelled"
    assert rounds_left(hub) == []
    assert len(held.orders) == 3


def test_who_erases_their_account_ends_their_run(hub, homes, given):  # noqa: F811
    held = Held(after=2)
    with serving(hub, homes, athens=held):
        begin(hub, COX, given, id="mine")
        with held.in_the_middle(), hub.hub.database.write() as connection:
            keeper(hub.hub.database).forget(connection, Leaving("ana", "", 0.0))
        hub.portal.call(runner_of(hub.app).stop)
    assert rounds_left(hub) == []
    assert runner_of(hub.app).book.of(ANA) == []


def test_more_runs_than_may_go_on_at_once_are_refused(hub, homes, given):  # noqa: F811
    held = Held(after=0)
    with serving(hub, homes, athens=held):
        for i in range(MOST_OF_ONE):
            assert begin(hub, CURVES, given, id=f"run{i}").status_code == 202
        with held.in_the_middle():
            assert told(begin(hub, CURVES, given, id="more")) == (429, "E417")
            assert begin(hub, CURVES, given, id="run0").json() == {"id": "run0", "state": "running"}
        assert {look(hub, f"run{i}", given)["state"] for i in range(MOST_OF_ONE)} == {"done"}


def test_what_breaks_unforeseen_ends_the_run_and_is_told_to_the_log_alone(hub, given, caplog):  # noqa: F811
    def breaks():
        raise RuntimeError("secret")

    runner = runner_of(hub.app)
    book = RunBook(hub.hub.database, "other")
    kept, _ = book.begin(ANA, Asked("mine", parse_run(COX), "Cox", 1), hub.clock())
    desk = SimpleNamespace(let=lambda *_: breaks(), exchange=runner.exchange)
    broken = Runner(desk, book)
    hub.portal.call(broken._run, kept, None)
    run = look(hub, "mine", given)
    assert (run["state"], run["error"]["code"], "secret" in json.dumps(run)) == ("failed", "E500", False)
    assert "secret" in caplog.text

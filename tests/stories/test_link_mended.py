"""The link between hub and nodes when things go wrong and are mended again; the tests share one federation."""

import signal
import sqlite3
from contextlib import closing

import httpx
import pytest
from tests.stories.federation import PEOPLE, in_background, link_of, numbers, status_of, until

from oncommons.schema.errors import AnswerRefused

STOPPED = "The hub is being stopped. Ask again when it is back."


@pytest.fixture
def federation(shared):
    shared.await_online()
    return shared


def questions_at(federation):
    """How many questions are on the hub's list."""
    with closing(sqlite3.connect(f"{federation.hub_folder}/hub.sqlite")) as database:
        return database.execute("SELECT count(*) FROM job").fetchone()[0]


def test_everybody_answers(federation):
    answer = federation.ask()
    assert numbers(answer) == PEOPLE
    assert answer.certain.at_least == sum(PEOPLE.values())
    assert not answer.not_included


def test_a_node_killed_and_started_again_takes_its_pending_work(federation):
    federation.nodes["bologna"].send(signal.SIGSTOP)
    answer = in_background(lambda: federation.ask(deadline=40))
    federation.await_work("bologna", "waiting", "leased")
    federation.nodes["bologna"].kill()
    federation.nodes["bologna"].start()
    assert numbers(answer()) == PEOPLE


def test_a_slow_node_is_late_and_its_answer_is_shown_but_not_counted(federation):
    def stopped():
        """An answer in time of all but cork, which was stopped while it held the question, not between two calls."""
        federation.nodes["cork"].send(signal.SIGSTOP)
        try:
            answer = federation.ask(deadline=2)
        finally:
            federation.nodes["cork"].send(signal.SIGCONT)
        reason = next(n for n in answer.nodes if n.node == "cork").reason
        return answer if reason.startswith("Took the question") and len(answer.included) == 2 else None

    answer = until(stopped, "cork to hold a question")
    assert status_of(answer)["cork"] == "silent"
    later = until(lambda: (a := federation.look(answer.id)) and status_of(a)["cork"] == "late" and a, "the late answer")
    late = next(n for n in later.nodes if n.node == "cork")
    assert late.certain.at_least == 51
    assert numbers(later) == {"athens": 60, "bologna": 92}
    assert "after the deadline" in late.reason


def test_a_hub_restarted_in_the_middle_loses_nothing(federation):
    federation.nodes["athens"].send(signal.SIGSTOP)
    answer = in_background(lambda: federation.ask(deadline=45))
    federation.await_work("athens", "waiting", "leased")
    federation.hub.kill()
    federation.hub.start()
    federation.nodes["athens"].send(signal.SIGCONT)
    answer = answer()
    assert numbers(answer) == PEOPLE
    assert len(answer.nodes) == 3


def test_an_answer_sent_twice_counts_once(federation):
    answer = federation.ask()
    body = {"datasets": [], "node": "athens", "status": "answered", "criteria": {}}
    with link_of(federation, "athens") as link:
        assert link._call("POST", f"/api/link/work/{answer.id}", body=body)["recorded"] == "duplicate"
    assert numbers(federation.look(answer.id)) == PEOPLE


def test_an_answer_to_a_question_that_was_not_asked_is_refused(federation):
    with link_of(federation, "athens") as link, pytest.raises(AnswerRefused):
        link._call("POST", "/api/link/work/never", body={"datasets": []})


def test_the_same_question_asked_twice_under_one_id_is_one_question(federation):
    first, second = federation.call("one", 10), federation.call("one", 10)
    assert first["total"] == second["total"]


def test_a_hub_that_is_interrupted_ends_quietly_while_everybody_waits_and_nodes_come_back(federation):
    federation.nodes["cork"].send(signal.SIGSTOP)
    asked = questions_at(federation)
    answer = in_background(lambda: federation.ask(deadline=45))
    page = in_background(lambda: httpx.get(f"{federation.url}/ask?deadline=60&do=ask", timeout=60))
    until(lambda: questions_at(federation) == asked + 2, "both questions")
    before = federation.hub.log.read_text()
    federation.hub.send(signal.SIGINT)
    assert federation.hub.running.wait(20) == 130
    federation.hub.running.stdout.close()
    said = federation.hub.log.read_text().removeprefix(before).splitlines()
    assert [line.partition(" WARNING ")[2].strip() for line in said] == [f"oncommons.http E206 {STOPPED}"] * 2
    assert STOPPED in page().text
    federation.hub.start()
    federation.nodes["cork"].send(signal.SIGCONT)
    assert numbers(answer()) == PEOPLE

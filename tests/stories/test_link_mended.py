"""The link between hub and nodes when things go wrong and are mended again; the tests share one federation."""

import contextlib
import signal
import threading
import time

import pytest
from tests.stories.federation import MEN_AND_WOMEN, status_of, until

from oncommons.client.link import NodeLink
from oncommons.client.transport import Transport
from oncommons.node.home import open_home
from oncommons.schema.errors import AnswerRefused
from oncommons.storage.keys import load_key

PEOPLE = {"athens": 60, "bologna": 92, "cork": 51}
"""Patients of the three collections, as the index lists them; all have a CT or an MR."""


def numbers(answer):
    return {n.node: n.certain.at_least for n in answer.included}


def in_background(action):
    """Run in a thread; call the result to wait for what it gave."""
    given = []
    thread = threading.Thread(target=lambda: given.append(action()))
    thread.start()

    def wait():
        thread.join()
        return given[0]

    return wait


@contextlib.contextmanager
def link_of(federation, name):
    """A second hand on a node's link, with the node's own key."""
    home = open_home(federation.folder / name)
    member = home.joined()
    with contextlib.closing(Transport(member.url)) as transport:
        yield NodeLink(transport, member.name, load_key(home.key_file), member.issuer)


def ask(federation, job, deadline):
    params = {"id": job, "deadline": deadline}
    body = {**MEN_AND_WOMEN}
    with federation.connect() as hub:
        return hub.transport.call("POST", "/api/questions", body=body, params=params, timeout=60)


@pytest.fixture
def federation(shared):
    shared.await_online()
    return shared


def test_everybody_answers(federation):
    answer = federation.ask()
    assert numbers(answer) == PEOPLE
    assert answer.certain.at_least == sum(PEOPLE.values())
    assert not answer.not_included


def test_a_node_killed_and_started_again_takes_its_pending_work(federation):
    federation.nodes["bologna"].send(signal.SIGSTOP)
    answer = in_background(lambda: federation.ask(deadline=40))
    until(lambda: federation.nodes["bologna"].running.poll() is None, "the question")
    time.sleep(1)
    federation.nodes["bologna"].kill()
    federation.nodes["bologna"].start()
    assert numbers(answer()) == PEOPLE


def test_a_slow_node_is_late_and_its_answer_is_shown_but_not_counted(federation):
    federation.nodes["cork"].send(signal.SIGSTOP)
    answer = federation.ask(deadline=2)
    assert status_of(answer)["cork"] == "silent"
    federation.nodes["cork"].send(signal.SIGCONT)
    later = until(lambda: (a := federation.look(answer.id)) and status_of(a)["cork"] == "late" and a, "the late answer")
    late = next(n for n in later.nodes if n.node == "cork")
    assert late.certain.at_least == 51
    assert numbers(later) == {"athens": 60, "bologna": 92}
    assert "after the deadline" in late.reason


def test_a_hub_restarted_in_the_middle_loses_nothing(federation):
    federation.nodes["athens"].send(signal.SIGSTOP)
    answer = in_background(lambda: federation.ask(deadline=45))
    time.sleep(1)
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
    first, second = ask(federation, "one", 10), ask(federation, "one", 10)
    assert first["total"] == second["total"]

"""The link between hub and nodes when things go wrong: the asker is told the truth about each node."""

import signal

from tests.stories.federation import command, in_background, numbers, status_of, until

from oncommons.schema.errors import NodeRevoked


def test_a_node_killed_in_the_middle_is_silent_and_the_others_count(federation):
    federation.nodes["bologna"].send(signal.SIGSTOP)
    answer = in_background(lambda: federation.ask(deadline=4))
    federation.await_work("bologna", "waiting", "leased")
    federation.nodes["bologna"].kill()
    answer = answer()
    assert status_of(answer) == {"athens": "answered", "bologna": "silent", "cork": "answered"}
    assert numbers(answer) == {"athens": 60, "cork": 51}
    assert "deadline" in next(n.reason for n in answer.not_included)


def test_a_revoked_node_is_told_so_and_the_asker_too(federation):
    command("hub", "revoke", "bologna", "--dir", federation.hub_folder)
    node = federation.nodes["bologna"].running
    until(lambda: node.poll() is not None, "the node to end")
    assert NodeRevoked.code in node.stdout.read()
    answer = federation.ask()
    revoked = next(n for n in answer.nodes if n.node == "bologna")
    assert (revoked.status, revoked.code) == ("refused", NodeRevoked.code)
    assert numbers(answer) == {"athens": 60, "cork": 51}


def test_a_key_revoked_in_the_middle_takes_the_question_back(federation):
    federation.nodes["cork"].send(signal.SIGSTOP)
    answer = in_background(lambda: federation.ask(deadline=40))
    federation.await_work("cork", "waiting", "leased")
    command("hub", "revoke", "cork", "--dir", federation.hub_folder)
    federation.await_work("cork", "cancelled")
    federation.nodes["cork"].send(signal.SIGCONT)
    answer = answer()
    assert status_of(answer) == {"athens": "answered", "bologna": "answered", "cork": "refused"}


def test_a_node_that_was_never_started_has_never_called(federation):
    federation.add("dresden", collection="ct_lymph_nodes")
    answer = federation.ask(deadline=5)
    assert next(n for n in answer.nodes if n.node == "dresden").reason == "Has never called the hub."
    assert len(answer.included) == 3

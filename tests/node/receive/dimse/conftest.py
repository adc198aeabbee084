"""A receiver that listens on this machine, with an intake that only remembers."""

import threading
from dataclasses import dataclass, field, replace

import pytest
from pynetdicom.transport import AssociationSocket

from oncommons.node.receive.dimse.association import Connection
from oncommons.node.receive.dimse.listening import Listening
from oncommons.node.receive.dimse.receiver import Receiver

PATIENCE = 20
"""How many seconds a peer's own thread may take to see that the connection is gone; ours must be gone at once."""


@dataclass
class Taken:
    outcome: str = "kept"
    code: str = ""
    sop: str = "2.25.1"


@dataclass
class Memory:
    """An intake: keeps what it is given, and does to each object what it was told to."""

    answers: list = field(default_factory=list)
    came: list = field(default_factory=list)
    heard: list = field(default_factory=list)

    def take(self, raw, dataset, name):
        self.came.append(raw)
        answer = self.answers.pop(0) if self.answers else Taken()
        if callable(answer):
            answer = answer()
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture(autouse=True)
def closed(monkeypatch):
    """Has the peers of pynetdicom close a connection also where we ended it first, which they forget."""
    monkeypatch.setattr(AssociationSocket, "_shutdown_socket", Connection._shutdown_socket)


@pytest.fixture
def memory():
    return Memory()


def of_connections():
    """Threads that receive or send: whatever else of the tests still runs beside them is not asked for."""
    ours = ("oncommons receiver", "process_request_thread")
    return {
        thread
        for thread in threading.enumerate()
        if type(thread).__module__.startswith(("oncommons.node.receive", "pynetdicom"))
        or any(name in thread.name for name in ours)
    }


@pytest.fixture
def listen(memory):
    """Starts a receiver with settings of its own; all of them end with the test, and leave no thread behind."""
    before, started = of_connections(), []

    def start(**settings):
        wanted = replace(Listening("lung", host="127.0.0.1", port=0), **settings)
        receiver = Receiver(memory.take, wanted, memory.heard.append)
        receiver.start()
        started.append(receiver)
        return receiver

    yield start
    for receiver in started:
        receiver.stop()
    left = of_connections() - before
    for peer in {thread for thread in left if "RequestorThread" in thread.name}:
        peer.join(PATIENCE)
        if not peer.is_alive():
            left.discard(peer)
    assert not left

"""Peers that stop, lie or speak something else; after each of them the receiver takes the next object."""

import socket
import struct
from io import BytesIO

import pydicom
import pytest
from pynetdicom import AE, build_context
from pynetdicom.dimse_messages import C_STORE_RQ
from pynetdicom.dimse_primitives import C_STORE
from pynetdicom.pdu import A_ABORT_RQ, A_ASSOCIATE_RQ
from pynetdicom.pdu_primitives import A_ASSOCIATE, ImplementationClassUIDNotification, MaximumLengthNotification
from tests.node.images import ROOT, dicom

from oncommons.node.receive.dimse.association import Acceptor, Connection

CT, EXPLICIT = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.1.2.1"
REQUEST, ACCEPTED, DATA, RELEASE, ABORT = 1, 2, 4, 5, 7
DATA_SET = dicom(1)[400:]


def pdu(kind, body, length=None):
    return struct.pack(">BBL", kind, 0, len(body) if length is None else length) + body


def pieces(context, header, data, length=None):
    """A P-DATA-TF with one piece: its header's lowest bits say whether it is of a command and the last of it."""
    size = len(data) + 2 if length is None else length
    return pdu(DATA, struct.pack(">LBB", size, context, header) + data)


def request(*contexts):
    """An A-ASSOCIATE-RQ as pynetdicom writes it."""
    primitive = A_ASSOCIATE()
    primitive.application_context_name = "1.2.840.10008.3.1.1.1"
    primitive.calling_ae_title, primitive.called_ae_title = "TESTER", "ONCOMMONS"
    length, implementation = MaximumLengthNotification(), ImplementationClassUIDNotification()
    length.maximum_length_received, implementation.implementation_class_uid = 16384, "1.2.999"
    primitive.user_information = [length, implementation]
    proposed = list(contexts) or [build_context(CT, EXPLICIT)]
    for number, context in enumerate(proposed):
        context.context_id = 2 * number + 1
    primitive.presentation_context_definition_list = proposed
    return A_ASSOCIATE_RQ(primitive).encode()


def command(data_set=b"\0"):
    """The command of a C-STORE."""
    primitive = C_STORE()
    primitive.MessageID, primitive.Priority, primitive.DataSet = 1, 2, BytesIO(data_set)
    primitive.AffectedSOPClassUID, primitive.AffectedSOPInstanceUID = CT, f"{ROOT}.1.1.1"
    message = C_STORE_RQ()
    message.primitive_to_message(primitive)
    return next(message.encode_msg(1, 16384)).presentation_data_value_list[0][1][1:]


class Peer:
    """A connection that says what it likes."""

    def __init__(self, receiver):
        self._socket = socket.create_connection(("127.0.0.1", receiver.port), timeout=30)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()

    def say(self, *parts):
        self._socket.sendall(b"".join(parts))
        return self

    def hear(self):
        """Kinds of the protocol data units that come until the connection ends."""
        heard, kinds = b"", []
        try:
            while more := self._socket.recv(65536):
                heard += more
        except ConnectionResetError:
            kinds.append("reset")
        while heard:
            kind, _, length = struct.unpack(">BBL", heard[:6])
            kinds.append(kind)
            heard = heard[6 + length :]
        return kinds

    def be_let_in(self):
        self.say(request())
        assert self._socket.recv(65536)[0] == ACCEPTED
        return self

    def hang_up(self):
        self._socket.shutdown(socket.SHUT_RDWR)


def takes_the_next(receiver, memory):
    """Whether another peer can still send an object; it asks again while the places are taken, as senders do."""
    entity = AE("NEXT")
    entity.requested_contexts = [build_context(CT, EXPLICIT)]
    attempts = (entity.associate("127.0.0.1", receiver.port) for _ in range(100))
    association = next(attempt for attempt in attempts if attempt.is_established)
    before = len(memory.came)
    status = association.send_c_store(pydicom.dcmread(BytesIO(dicom(9)))).Status
    association.release()
    return (status, len(memory.came) - before) == (0x0000, 1)


def test_pieces_put_together_here_are_a_c_store(listen, memory):
    receiver = listen()
    with Peer(receiver) as peer:
        peer.be_let_in().say(pieces(1, 3, command()), pieces(1, 0, DATA_SET[:9]), pieces(1, 2, DATA_SET[9:]))
        peer.say(pdu(RELEASE, bytes(4)))
        assert peer.hear() == [DATA, 6]
    assert memory.came[0].endswith(DATA_SET)


GARBAGE = {
    "HTTP": b"GET / HTTP/1.1\r\nHost: pacs\r\n\r\n",
    "TLS": bytes.fromhex("160301020001000001fc0303") + bytes(500),
    "zeroes": bytes(100),
    "an unknown unit": pdu(9, b"what"),
    "a request of nothing": pdu(REQUEST, b""),
    "a request of noise": pdu(REQUEST, bytes(range(256)) * 4),
    "a request of four gigabytes": pdu(REQUEST, b"", 0xFFFFFFFF),
    "data before it was let in": pieces(1, 3, command()),
    "a release before it was let in": pdu(RELEASE, bytes(4)),
    "an item that is longer than the request": request()[:76] + b"\x10\0\xff\xff" + request()[80:],
}


@pytest.mark.parametrize("noise", GARBAGE.values(), ids=GARBAGE)
def test_who_does_not_speak_dicom_is_shown_out(listen, memory, noise):
    receiver = listen()
    with Peer(receiver) as peer:
        assert set(peer.say(noise).hear()) <= {ABORT, 3, "reset"}
    assert takes_the_next(receiver, memory)
    assert len(memory.came) == 1


LIES = {
    "a unit of four gigabytes": pdu(DATA, b"", 0xFFFFFFFF),
    "a piece that is longer than its unit": pieces(1, 3, command(), 60_000),
    "a piece of nothing": pieces(1, 3, b"", 1),
    "a piece of less than nothing": pieces(1, 3, b"", 0),
    "a command that is noise": pieces(1, 3, bytes(range(256))),
    "a command that never ends": pieces(1, 1, bytes(9_000)) * 3,
    "an empty command": pieces(1, 3, b""),
    "a context that was not agreed": pieces(77, 3, command()) + pieces(77, 2, DATA_SET),
    "a data set without a command": pieces(1, 2, DATA_SET),
    "a second request": request(),
    "a command without a data set": pieces(1, 3, command().replace(b"\0\x08\2\0\0\0\1\0", b"\0\x08\2\0\0\0\1\1")),
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_who_lies_is_shown_out(listen, memory, lie):
    receiver = listen()
    with Peer(receiver) as peer:
        assert set(peer.be_let_in().say(lie).hear()) <= {ABORT, "reset"}
    assert takes_the_next(receiver, memory)
    assert len(memory.came) == 1


STOPS = {
    "before it says anything": b"",
    "in its request": request()[:50],
    "after its request": request(),
    "in the command": request() + pieces(1, 3, command())[:40],
    "after the command": request() + pieces(1, 3, command()),
    "in the data set": request() + pieces(1, 3, command()) + pieces(1, 2, DATA_SET)[:-100],
    "before the last piece": request() + pieces(1, 3, command()) + pieces(1, 0, DATA_SET),
}


@pytest.mark.parametrize("said", STOPS.values(), ids=STOPS)
def test_an_object_that_was_not_sent_to_its_end_never_reaches_the_intake(listen, memory, said):
    receiver = listen()
    with Peer(receiver) as peer:
        peer.say(said).hang_up()
    assert takes_the_next(receiver, memory)
    assert len(memory.came) == 1


@pytest.mark.parametrize("said", STOPS.values(), ids=STOPS)
def test_who_falls_silent_is_shown_out(listen, memory, said):
    receiver = listen(patience=0.2)
    with Peer(receiver) as peer:
        assert set(peer.say(said).hear()) <= {ACCEPTED, ABORT, "reset"}
    assert takes_the_next(receiver, memory)


def test_an_abort_ends_the_association_and_keeps_what_came_before(listen, memory):
    receiver = listen()
    abort = A_ABORT_RQ()
    abort.source, abort.reason_diagnostic = 0, 0
    with Peer(receiver) as peer:
        peer.be_let_in().say(pieces(1, 3, command()), pieces(1, 2, DATA_SET), pieces(1, 3, command()), abort.encode())
        assert set(peer.hear()) <= {DATA, "reset"}
    assert len(memory.came) == 1
    assert takes_the_next(receiver, memory)


def test_silent_connections_do_not_use_up_the_machine(listen, memory):
    receiver = listen(associations=1)
    peers = [Peer(receiver) for _ in range(40)]
    turned_away = [peer for peer in peers[20:] if peer.hear() in ([], ["reset"])]
    assert len(turned_away) == 20
    for peer in peers:
        peer.__exit__()
    assert takes_the_next(receiver, memory)


def test_a_unit_holds_several_pieces(listen, memory):
    receiver = listen()
    body = b"".join(p[6:] for p in (pieces(1, 3, command()), pieces(1, 0, DATA_SET[:7]), pieces(1, 2, DATA_SET[7:])))
    with Peer(receiver) as peer:
        peer.be_let_in().say(pdu(DATA, body), pdu(RELEASE, bytes(4)))
        assert peer.hear() == [DATA, 6]
    assert memory.came[0].endswith(DATA_SET)


class Recorder(socket.socket):
    """A connection that notes what is done to it."""

    def __init__(self, accepted):
        super().__init__(fileno=accepted.detach())
        self.done = []

    def setsockopt(self, level, option, value):
        self.done.append((level, option, value))
        super().setsockopt(level, option, value)

    def recv_into(self, *words):
        self.done.append("read")
        return super().recv_into(*words)


@pytest.mark.skipif(not hasattr(socket, "TCP_QUICKACK"), reason="this system has no such option")
def test_every_read_is_acknowledged_at_once_and_no_write_is_held_back():
    association = Acceptor(AE("ONCOMMONS"), 1000, lambda _: (0, ""))
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        socket.create_connection(taken.getsockname()) as peer,
        Recorder(taken.accept()[0]) as accepted,
    ):
        connection = Connection(association, accepted, 30)
        peer.sendall(b"ab")
        assert connection.recv(2) == b"ab"
        peer.sendall(b"c")
        peer.shutdown(socket.SHUT_WR)
        assert connection.recv(2) == b"c"
        done = accepted.done
    assert done[0] == (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    assert done[1:] == [(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1), "read"] * 3

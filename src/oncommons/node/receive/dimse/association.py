"""pynetdicom's acceptor without its waits, and with bounds on what a peer may send.

As it comes, pynetdicom looks for news once a millisecond in two threads that pass every message on to each other, reads
4 KiB at a time, and the kernel holds acknowledgements back for 40 ms, for which stock senders wait twice an object.  Here
the thread that reads waits for bytes, has them acknowledged at once, and serves a C-STORE itself; the other one sleeps
until there is something else.  Negotiation, release, abort and the state machine (PS3.8 section 9.2) are pynetdicom's.
"""

from __future__ import annotations

import logging
import select
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from threading import Event, current_thread
from typing import Any, cast

from pynetdicom import evt
from pynetdicom._globals import MODE_ACCEPTOR
from pynetdicom.ae import ApplicationEntity
from pynetdicom.association import Association
from pynetdicom.dimse import DIMSEServiceProvider
from pynetdicom.dimse_messages import DIMSEMessage
from pynetdicom.dimse_primitives import C_STORE, DimseServiceType
from pynetdicom.dul import DULServiceProvider
from pynetdicom.pdu_primitives import A_ASSOCIATE, P_DATA
from pynetdicom.presentation import PresentationContext, build_context
from pynetdicom.service_class import ServiceClass, StorageServiceClass, VerificationServiceClass
from pynetdicom.sop_class import uid_to_service_class
from pynetdicom.transport import AssociationSocket

from oncommons.node.receive.dimse.listening import LARGEST_PDU, accepts
from oncommons.node.receive.dimse.response import store_response
from oncommons.node.receive.spool import Spool

log = logging.getLogger("oncommons.receive")

_LONGEST_COMMAND = 16 * 1024
_LOOK_SECONDS = 0.02
"""How long bytes are waited for before looking whether there is something to send."""
_NEGOTIATING = frozenset({"Sta1", "Sta2", "Sta3"})
_ESTABLISHED, _ENDING = "Sta6", "Sta13"
_INVALID = "Evt19"
"""The event of an invalid message; it ends the association."""
_RECEIVED_AT_ONCE = 256 * 1024
_SERVED = (StorageServiceClass, VerificationServiceClass)


@dataclass(frozen=True)
class Sent:
    """An object that a peer has sent.

    Attributes:
        peer: AE title that the peer calls itself.
        address: Address of its machine.
        kind: SOP Class UID.
        sop: SOP Instance UID.
        syntax: UID of the transfer syntax.
        data: The data set; none where it was too large.
    """

    peer: str
    address: str
    kind: str
    sop: str
    syntax: str
    data: Spool | None


Store = Callable[[Sent], tuple[int, str]]


class DataSet(BytesIO):
    """A data set as it comes, in a class that pynetdicom takes; what is too large is let go of.

    Args:
        largest: Bytes that it may have.
        room: Directory in which a large one lies.
    """

    def __init__(self, largest: int, room: Path | None) -> None:
        super().__init__()
        self._largest, self._room = largest, room
        self.spool: Spool | None = Spool(room)
        self.size = 0

    def write(self, piece: Any, /) -> int:
        """Add bytes."""
        self.size += len(piece)
        if self.size > self._largest:
            self.spool = None
        elif self.spool is not None:
            self.spool.write(piece)
        return len(piece)


class Connection(AssociationSocket):
    """The connection to one peer; nothing that it carries waits for an acknowledgement that is held back.

    Args:
        association: Whose it is.
        accepted: The accepted connection.
        patience: Seconds that the peer may be silent in the middle of a message.
    """

    def __init__(self, association: Association, accepted: socket.socket, patience: float) -> None:
        super().__init__(association, client_socket=accepted)
        accepted.settimeout(patience)
        accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._poll = select.poll()
        self._poll.register(accepted, select.POLLIN)

    def recv(self, nr_bytes: int) -> bytearray:
        """So many bytes, or fewer where the connection ends.

        Raises:
            OSError: the peer announces a longer message than is read from anybody, or is silent for too long.
        """
        if nr_bytes > LARGEST_PDU:
            raise OSError(f"a message of {nr_bytes:,} bytes is announced")
        accepted = cast(socket.socket, self.socket)
        read = bytearray(nr_bytes)
        rest = memoryview(read)
        while rest:
            acknowledge_at_once(accepted)
            number = accepted.recv_into(rest, min(len(rest), _RECEIVED_AT_ONCE))
            if not number:
                return read[: nr_bytes - len(rest)]
            rest = rest[number:]
        return read

    def end(self) -> None:
        """End the connection, whoever waits for it."""
        self._shutdown_socket()

    def _shutdown_socket(self) -> None:
        if self.socket is not None:
            with suppress(OSError):
                self.socket.shutdown(socket.SHUT_RDWR)
            self.socket.close()

    @property
    def ready(self) -> bool:
        """Whether there are bytes to be read."""
        return self.wait(0)

    def wait(self, seconds: float) -> bool:
        """Wait for bytes."""
        if self.socket is None:
            return False
        if isinstance(self.socket, ssl.SSLSocket) and self.socket.pending():
            return True
        return bool(self._poll.poll(seconds * 1000))


class UpperLayer(DULServiceProvider):
    """The thread that reads and writes; it waits for bytes instead of looking for them every millisecond."""

    def run_reactor(self) -> None:
        """Run until the association has ended; what a peer sends never gets further than the log."""
        try:
            super().run_reactor()
        except Exception as fault:  # noqa: BLE001  a malformed message may break any part of pynetdicom
            log.info("A connection was closed at a message that cannot be read: %r", fault)
            cast(Connection, self.socket).close()
        finally:
            self.to_user_queue.put(cast(Any, None))  # whoever waits for a request gets none
            cast(Acceptor, self.assoc).news.set()

    def _is_transport_event(self) -> bool:
        if not self.event_queue.empty():  # what has come is dealt with before more is read
            return False
        state = self.state_machine.current_state
        if state == _ENDING:  # what is still said is not listened to
            cast(Connection, self.socket).close()
            return True
        if state == _ESTABLISHED and not self.idle_timer_expired():
            cast(Connection, self.socket).wait(_LOOK_SECONDS)
        elif state not in _NEGOTIATING:
            cast(Acceptor, self.assoc).news.set()
        return super()._is_transport_event()


class Messages(DIMSEServiceProvider):
    """Puts messages together, no longer than allowed, and has a C-STORE served by the thread that read it.

    Args:
        association: Whose messages they are.
        begin: Makes an empty data set.
    """

    def __init__(self, association: Acceptor, begin: Callable[[], DataSet]) -> None:
        super().__init__(association)
        self._begin = begin

    def receive_primitive(self, primitive: P_DATA) -> None:
        """Add a piece to the message; a piece that cannot be read ends the association."""
        try:
            self._bound()
            super().receive_primitive(primitive)
        except Exception as fault:  # noqa: BLE001  whatever a peer sends
            log.info("A message cannot be read: %r", fault)
            self.dul.event_queue.put(_INVALID)
            return
        context, message = self.get_msg()
        if isinstance(message, C_STORE):
            self.assoc._serve_request(message, cast(int, context))
            self.dul._idle_timer.restart()
        elif message is not None:
            self.msg_queue.put((cast(int, context), message))
            cast(Acceptor, self.assoc).news.set()

    def _bound(self) -> None:
        """Have the data set put where there is room for it; a command is short."""
        if self.message is None:
            self.message = DIMSEMessage()
            self.message.data_set = self._begin()
        if self.message.encoded_command_set.tell() > _LONGEST_COMMAND:
            raise ValueError("the command is too long")


class Acceptor(Association):
    """One association, accepted: everything that can be stored is taken, and C-ECHO answered.

    Args:
        entity: Our application entity.
        begin: Makes an empty data set.
        store: Takes an object, and gives the status to answer with and a comment.
    """

    def __init__(self, entity: ApplicationEntity, begin: Callable[[], DataSet], store: Store) -> None:
        self.news, self._store = Event(), store
        super().__init__(entity, MODE_ACCEPTOR)
        self.dul: UpperLayer = UpperLayer(self)
        self.dimse: Messages = Messages(self, begin)
        self.acse_timeout, self.network_timeout = entity.acse_timeout, entity.network_timeout

    def _bind_defaults(self) -> None:
        for event in evt._INTERVENTION_EVENTS:
            self.bind(event, evt.get_default_handler(event))

    def _run_reactor(self) -> None:
        while self.dul.is_alive() and not self.news.wait(1):
            pass
        super()._run_reactor()

    def _serve_request(self, msg: DimseServiceType, context_id: int) -> None:
        context = self._accepted_cx.get(context_id)
        if not isinstance(msg, C_STORE):
            super()._serve_request(msg, context_id)
        elif context is None or not (msg.is_valid_request and self._has_data(msg)):
            self.abort()
        else:
            self._answer(msg, context)

    @staticmethod
    def _has_data(message: C_STORE) -> bool:
        return cast(DataSet, message.DataSet).size > 0

    def _answer(self, request: C_STORE, context: PresentationContext) -> None:
        names = str(request.AffectedSOPClassUID), str(request.AffectedSOPInstanceUID)
        peer = str(self.requestor.ae_title), str(self.requestor.address)
        data = cast(DataSet, request.DataSet).spool
        status, comment = self._store(Sent(*peer, *names, str(context.transfer_syntax[0]), data))
        if self.is_established:
            answer = store_response(cast(int, context.context_id), cast(int, request.MessageID), names, status, comment)
            cast(Connection, self.dul.socket).send(answer)

    def _abort_blocking(self, block: bool = True) -> None:  # noqa: FBT001, FBT002  pynetdicom calls it so
        if current_thread() is self.dul:  # it cannot wait for its own end
            self.dul.event_queue.put(_INVALID)
            return
        super()._abort_blocking(block)


def offer(event: evt.Event) -> None:
    """Support whatever is proposed that can be stored, in the transfer syntax of the standard that is named first."""
    association = event.assoc
    request = cast(A_ASSOCIATE, association.requestor.primitive)
    found: dict[str, list[str]] = {}
    for context in request.presentation_context_definition_list:
        if _is_served(context):
            syntaxes = [str(syntax) for syntax in context.transfer_syntax if accepts(str(syntax))]
            found.setdefault(str(context.abstract_syntax), []).extend(syntaxes)
    association.acceptor.supported_contexts = [
        build_context(kind, list(dict.fromkeys(syntaxes))) for kind, syntaxes in found.items() if syntaxes
    ]


def _is_served(context: PresentationContext) -> bool:
    """Whether objects of a kind can be stored; a kind that nobody knows is taken to be one."""
    service = uid_to_service_class(str(context.abstract_syntax))
    return service is ServiceClass or issubclass(service, _SERVED)


def acknowledge_at_once(connection: socket.socket) -> None:
    """Have the kernel acknowledge what comes next without delay; the option holds for a moment only (tcp(7))."""
    if hasattr(socket, "TCP_QUICKACK"):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)

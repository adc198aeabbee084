"""The C-STORE receiver (PS3.4 annex B): a server that hands every object, as it came, to the intake.

The data set is never decoded here.  The answer is sent when the intake has returned, and so after the object's entry in
the ledger is durable.
"""

from __future__ import annotations

import errno
import logging
import socket
import ssl
from collections.abc import Callable
from functools import partial
from threading import Thread
from typing import cast

from pynetdicom import evt
from pynetdicom.ae import ApplicationEntity
from pynetdicom.presentation import build_context
from pynetdicom.transport import AddressInformation, RequestHandler, ThreadedAssociationServer

from oncommons.imaging.pieces import Data
from oncommons.imaging.syntax import file_head
from oncommons.node.receive.dimse.association import Acceptor, Connection, DataSet, Sent, Store, offer
from oncommons.node.receive.dimse.listening import (
    INVALID_INSTANCE,
    Heard,
    Listening,
    Take,
    check_title,
    is_uid,
    status_of,
    status_of_fault,
)
from oncommons.schema.errors import ImageTooLarge, MachineError, OncommonsError, PortInUse, StorageFailed

log = logging.getLogger("oncommons.receive")

Hear = Callable[[Heard], None]
"""Called with each object that a peer has sent, after it was taken in, by the thread of that peer."""
_VERIFICATION = "1.2.840.10008.1.1"
_GRACE_SECONDS = 10.0
_STRANGERS = 16
"""Connections beyond the associations that may wait for being let in or turned away."""


class Receiver:
    """Receives objects from any number of peers, until it is stopped.

    Args:
        take: Takes an object in; called by several threads at once.
        settings: Where and how to listen.
        hear: Hears of each object.

    Raises:
        BadPacsAddress: an AE title cannot be one.
        StorageFailed: the certificate cannot be used.
    """

    def __init__(self, take: Take, settings: Listening, hear: Hear = lambda _: None) -> None:
        self._take, self._hear, self.settings = take, hear, settings
        self._secure = _secure(settings)
        self._entity = ApplicationEntity(check_title(settings.aet))
        self._entity.require_calling_aet = [check_title(title) for title in settings.calling]
        self._entity.maximum_pdu_size = settings.pdu
        self._entity.maximum_associations = settings.associations
        self._entity.acse_timeout = min(settings.patience, 30)
        self._entity.network_timeout = settings.patience
        self._server: _Server | None = None
        self._thread: Thread | None = None

    @property
    def port(self) -> int:
        """The port that is listened at; 0 before the start."""
        return self._server.server_address[1] if self._server else 0

    def start(self) -> None:
        """Listen, in threads of its own.

        Raises:
            PortInUse: another program listens there.
            MachineError: the address is not one of this machine.
        """
        try:
            self._server = _Server(self._entity, self.settings, self._store, self._secure)
        except OSError as fault:
            raise _not_listening(self.settings, fault) from fault
        self._entity._servers.append(self._server)
        self._thread = Thread(target=self._server.serve_forever, args=[0.1], name="oncommons receiver", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Listen no longer, let what is being taken in be finished, and end all associations."""
        server, self._server = self._server, None
        if server is None or self._thread is None:
            return
        server.shutdown()
        self._thread.join()
        running = cast(list[Acceptor], server.active_associations)
        for association in running:
            association.abort(block=False)
        for association in running:
            association.join(_GRACE_SECONDS)
        for association in running:
            if association.is_alive():
                cast(Connection, association.dul.socket).end()
                association.join()

    def _store(self, sent: Sent) -> tuple[int, str]:
        """Take one object; gives the status to answer with, and a comment."""
        if not (is_uid(sent.kind) and is_uid(sent.sop)):
            return INVALID_INSTANCE, "The SOP Class or Instance UID is not a UID."
        try:
            taken = self._take(self._file(sent), self.settings.dataset, f"{sent.peer} at {sent.address}")
        except Exception as fault:  # noqa: BLE001  whatever breaks, the peer gets its answer and the server goes on
            return self._failed(fault, sent)
        self._hear(Heard(sent.peer, sent.sop, taken.outcome, taken.code))
        return status_of(taken), taken.code

    def _file(self, sent: Sent) -> Data:
        if sent.data is None:
            raise ImageTooLarge(f"The object is larger than {self.settings.largest // 1024**2:,} MiB.")
        head = file_head(sent.syntax.encode("ascii"), sent.kind.encode("ascii"), sent.sop.encode("ascii"))
        return sent.data.data(head)

    def _failed(self, fault: Exception, sent: Sent) -> tuple[int, str]:
        known = isinstance(fault, OncommonsError)
        told = fault if isinstance(fault, OncommonsError) else OncommonsError("Something of ours broke.")
        detail = f"{told.code} {told.message} {told.detail}"
        log.error("An object of %s could not be taken: %s", sent.peer, detail, exc_info=None if known else fault)
        self._hear(Heard(sent.peer, sent.sop, "failed", told.code))
        return status_of_fault(fault), f"{told.code} {told.title}"


class _Handler(RequestHandler):
    """What is done with a new connection, in a thread of its own."""

    def handle(self) -> None:
        server = cast(_Server, self.server)
        try:
            self.request = server.secured(self.request)
        except OSError as fault:
            log.info("A connection from %s did not become a secure one: %r", self.client_address[0], fault)
            return
        super().handle()

    def _create_association(self) -> Acceptor:
        server = cast(_Server, self.server)
        association = Acceptor(self.ae, partial(DataSet, server.settings.largest, server.settings.room), server.store)
        association._server = server
        association.name = f"AcceptorThread {self.client_address[0]}:{self.client_address[1]}"
        association.set_socket(Connection(association, self.request, server.settings.patience))
        us = association.acceptor
        us.maximum_length = self.ae.maximum_pdu_size
        us.ae_title = server.ae_title
        us.address_info = self.local
        us.implementation_class_uid = self.ae.implementation_class_uid
        us.implementation_version_name = self.ae.implementation_version_name
        association.requestor.address_info = self.remote
        association.bind(evt.EVT_REQUESTED, offer)
        return association


class _Server(ThreadedAssociationServer):
    """Listens; each connection is made secure by its own thread, so that one that stalls holds up nobody else."""

    request_queue_size = 64

    def __init__(
        self,
        entity: ApplicationEntity,
        settings: Listening,
        store: Store,
        secure: ssl.SSLContext | None,
    ) -> None:
        self.settings, self.store, self.secure = settings, store, secure
        self._shaking: set[ssl.SSLSocket] = set()
        entity.supported_contexts = [build_context(_VERIFICATION)]  # what else there is, each association adds
        address = AddressInformation(settings.host, settings.port).as_tuple
        super().__init__(entity, address, entity.ae_title, entity.supported_contexts, None, [], _Handler)

    def verify_request(self, *_: object) -> bool:
        """Whether there is room for one more connection."""
        return len(self.active_associations) + len(self._shaking) < self.settings.associations + _STRANGERS

    def secured(self, connection: socket.socket) -> socket.socket:
        """The connection, after a TLS handshake where TLS is asked for.

        Raises:
            OSError: the peer does not speak TLS, or is not trusted.
        """
        if self.secure is None:
            return connection
        connection.settimeout(self.settings.patience)
        wrapped = self.secure.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        self._shaking.add(wrapped)
        try:
            wrapped.do_handshake()
        except OSError:
            wrapped.close()
            raise
        finally:
            self._shaking.discard(wrapped)
        return wrapped


def _secure(settings: Listening) -> ssl.SSLContext | None:
    """TLS as PS3.15 section B.9 (BCP 195) wants it: version 1.2 or later; clients need a certificate where a CA is named."""
    if not settings.certificate:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(settings.certificate, settings.key or None)
        if settings.ca:
            context.load_verify_locations(settings.ca)
            context.verify_mode = ssl.CERT_REQUIRED
    except (OSError, ssl.SSLError) as fault:
        raise StorageFailed("The certificate, its key or the CA's file cannot be used.", detail=repr(fault)) from fault
    return context


def _not_listening(settings: Listening, fault: OSError) -> MachineError:
    if fault.errno == errno.EADDRINUSE:
        return PortInUse(f"Port {settings.port} is in use; choose another with --port, or 0 for a free one.")
    return MachineError(f"Cannot listen at {settings.host or 'any address'}:{settings.port}.", detail=str(fault))

"""An archive that is asked by DICOM's own protocol: C-FIND for what it has, C-MOVE to have it sent (PS3.4 annex C)."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from pydicom.dataset import Dataset
from pynetdicom import evt
from pynetdicom.ae import ApplicationEntity
from pynetdicom.association import Association
from pynetdicom.presentation import build_context

from oncommons.node.receive.dimse.association import acknowledge_at_once
from oncommons.node.receive.dimse.listening import check_title, is_uid
from oncommons.node.receive.pulling import Series
from oncommons.node.receive.studies import DimseAddress
from oncommons.schema.errors import StorageFailed
from oncommons.schema.errors_of_protocols import PacsRefused, PacsUnreachable

_FIND, _MOVE = "1.2.840.10008.5.1.4.1.2.2.1", "1.2.840.10008.5.1.4.1.2.2.2"
"""Study Root Query/Retrieve Information Model, FIND and MOVE."""
_PENDING, _SUCCESS = frozenset({0xFF00, 0xFF01}), 0x0000
_SOME_FAILED = frozenset({0xB000, 0xA702})
"""The archive could not send some or any of the instances; which ones lack is seen from what has come."""
_REASONS = {
    0xA801: "The archive does not know {title}; the people who run it must enter this node's title, host and port.",
    0xA701: "The archive has no resources to count what it should send.",
    0xA700: "The archive has no resources to answer.",
    0x0122: "The archive cannot be asked for studies in this way.",
    0x0124: "The archive does not let {title} ask.",
}
_CONNECT_SECONDS, _ANSWER_SECONDS = 15, 600


@dataclass(frozen=True)
class Us:
    """What an archive needs to know of this node.

    Attributes:
        title: AE title that this node calls itself, and under which it receives.
        certificate: PEM file of a certificate with which it shows itself, for TLS.
        key: PEM file of the certificate's private key.
        ca: PEM file of the certificates to trust; empty for the system's.
    """

    title: str
    certificate: str = ""
    key: str = ""
    ca: str = ""


class DimseArchive:
    """An archive that sends to a receiver of this node, which must be listening.

    Args:
        address: Where it is.
        us: This node.

    Raises:
        BadPacsAddress: the title cannot be one.
        StorageFailed: a certificate cannot be used.
    """

    def __init__(self, address: DimseAddress, us: Us) -> None:
        self._address, self._title = address, check_title(us.title)
        self._secure = (_secure(us), address.host) if address.secure else None
        self._entity = ApplicationEntity(self._title)
        self._entity.requested_contexts = [build_context(_FIND), build_context(_MOVE)]
        self._entity.connection_timeout = _CONNECT_SECONDS
        self._entity.acse_timeout = _CONNECT_SECONDS
        self._entity.dimse_timeout = self._entity.network_timeout = _ANSWER_SECONDS

    def series(self, study: str) -> Sequence[Series]:
        """The series of a study; raises as :class:`~oncommons.node.receive.pulling.Archive` says."""
        with self._associated() as association:
            asked = _query("SERIES", StudyInstanceUID=study, SeriesInstanceUID="", NumberOfSeriesRelatedInstances=None)
            return [self._series(association, study, told) for told in self._found(association, asked)]

    def fetch(self, study: str, series: str = "", instances: Sequence[str] = ()) -> None:
        """Have a study, a series or some objects sent; raises as :class:`~oncommons.node.receive.pulling.Archive` says."""
        level = "IMAGE" if instances else "SERIES" if series else "STUDY"
        names = {"SeriesInstanceUID": series, "SOPInstanceUID": "\\".join(instances)}  # a list of UIDs, PS3.4 C.2.2.2.2
        wanted = _query(level, StudyInstanceUID=study, **{name: uid for name, uid in names.items() if uid})
        with self._associated() as association:
            for status, _ in association.send_c_move(wanted, self._title, _MOVE):
                self._check(status, _SOME_FAILED)

    def _series(self, association: Association, study: str, told: Dataset) -> Series:
        uid = str(told.get("SeriesInstanceUID") or "")
        if not is_uid(uid):
            raise PacsRefused("The archive told of a series without a UID.")
        asked = _query("IMAGE", StudyInstanceUID=study, SeriesInstanceUID=uid, SOPInstanceUID="")
        listed = (str(i.get("SOPInstanceUID") or "") for i in self._found(association, asked))
        count = str(told.get("NumberOfSeriesRelatedInstances") or "")
        return Series(uid, frozenset(sop for sop in listed if sop), int(count) if count.isdigit() else 0)

    def _found(self, association: Association, asked: Dataset) -> list[Dataset]:
        found = []
        for status, told in association.send_c_find(asked, _FIND):
            self._check(status)
            if status.Status in _PENDING and told is not None:
                found.append(told)
        return found

    def _check(self, status: Dataset, also: frozenset[int] = frozenset()) -> None:
        if "Status" not in status:
            hint = f"Is {self._title} entered there?"
            raise PacsUnreachable(f"{self._address.title} ended the association before it had answered. {hint}")
        if status.Status not in {_SUCCESS, *_PENDING, *also}:
            reason = _REASONS.get(status.Status, "The archive answered with status {status:04X}.")
            told = reason.format(title=self._title, status=status.Status)
            raise PacsRefused(told, detail=str(status.get("ErrorComment") or ""))

    @contextmanager
    def _associated(self) -> Iterator[Association]:
        address = self._address
        association = self._entity.associate(
            address.host, address.port, ae_title=address.title, evt_handlers=_HURRIED, tls_args=self._secure
        )
        if association.is_rejected:
            raise PacsRefused(f"{address.title} does not let {self._title} in; is the title entered there?")
        if not association.is_established:
            raise PacsUnreachable(f"{address.title} at {address.host}:{address.port} cannot be reached.")
        try:
            yield association
        except ValueError as fault:  # pynetdicom says so that a context was not accepted
            raise PacsRefused(f"{address.title} cannot be asked in this way.", detail=str(fault)) from fault
        except RuntimeError as fault:  # and so that the association is no more
            raise PacsUnreachable(f"{address.title} has ended the association.", detail=str(fault)) from fault
        finally:
            association.release()  # does nothing where it has ended already


def _hurry(event: evt.Event) -> None:
    """Have what comes next acknowledged at once; an archive that writes an answer in two pieces waits for it."""
    connection = getattr(event.assoc.dul.socket, "socket", None)
    if connection is not None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        acknowledge_at_once(connection)


_HURRIED: list[evt.EventHandlerType] = [(evt.EVT_CONN_OPEN, _hurry), (evt.EVT_DATA_RECV, _hurry)]


def _query(level: str, **attributes: str | None) -> Dataset:
    """A query of one level; empty attributes are asked for."""
    query = Dataset()
    query.QueryRetrieveLevel = level
    for keyword, value in attributes.items():
        setattr(query, keyword, value)
    return query


def _secure(us: Us) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=us.ca or None)
        if us.certificate:
            context.load_cert_chain(us.certificate, us.key or None)
    except (OSError, ssl.SSLError) as fault:
        raise StorageFailed("A certificate or its key cannot be used.", detail=repr(fault)) from fault
    return context

"""How a receiver listens, what it answers, and the one place where the modules are loaded that need pynetdicom."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, Protocol

from oncommons.imaging.pieces import Data
from oncommons.node.receive.folder import LARGEST_FILE
from oncommons.schema.errors import MachineError, MissingPackage, OncommonsError
from oncommons.schema.errors_of_protocols import BadPacsAddress

SUCCESS = 0x0000
INVALID_INSTANCE = 0x0117
"""The SOP Instance UID is not a UID (PS3.7 section C.5.8)."""
PROCESSING_FAILURE = 0x0110
OUT_OF_RESOURCES = 0xA700
CANNOT_UNDERSTAND = 0xC000
LARGEST_PDU = 1024 * 1024
"""Bytes of the longest protocol data unit that is read, whatever a peer announces."""
_TITLE = re.compile(r"[!-\[\]-~](?:[ -\[\]-~]{0,14}[!-\[\]-~])?")
_SYNTAX = re.compile(r"1\.2\.840\.10008\.1\.2(?:\.[1-58](?:\.[0-9]{1,3}){0,2})?")
_ELSEWHERE = frozenset(f"1.2.840.10008.1.2.4.{number}" for number in (94, 95, 204, 205))
"""JPIP: the pixels stay at an address that the object names (PS3.5 section A.6)."""
_UID = re.compile(r"(?=.{1,64}\Z)[0-9]+(?:\.[0-9]+)*")


class Taken(Protocol):
    """What became of one object that came in."""

    @property
    def outcome(self) -> Literal["kept", "duplicate", "quarantined", "refused"]:
        """In which of the four numbers it is."""

    @property
    def code(self) -> str:
        """Code of the error where it was not kept."""

    @property
    def sop(self) -> str:
        """Its new SOP Instance UID where it is kept."""


Take = Callable[[Data, str, str], Taken]
"""Takes in a file for a dataset, and is told where it came from; when it returns, the object and its entry in the ledger
are durable."""


@dataclass(frozen=True)
class Heard:
    """One object that a peer has sent, told to this node only.

    Attributes:
        peer: AE title that the peer calls itself.
        sop: SOP Instance UID as it was sent.
        outcome: What became of it, or ``failed`` where this machine could not take it.
        code: Code of the error where it was not kept.
    """

    peer: str
    sop: str
    outcome: Literal["kept", "duplicate", "quarantined", "refused", "failed"]
    code: str = ""


@dataclass(frozen=True)
class Listening:
    """Where and how a receiver listens.

    Attributes:
        dataset: Which dataset the objects belong to.
        aet: Its application entity title.
        host: Address; empty for all addresses of this machine.
        port: Port; 0 takes a free one.
        calling: AE titles that may send; none for all.
        certificate: PEM file of the certificate chain, for TLS.
        key: PEM file of the certificate's private key.
        ca: PEM file of the authorities whose clients are let in; empty lets in clients without a certificate.
        associations: How many peers may be connected at a time.
        pdu: Bytes of a protocol data unit that peers are asked not to exceed.
        largest: Bytes of the largest object.
        patience: Seconds that a peer may be silent.
        room: Directory in which large objects lie while they come.
    """

    dataset: str
    aet: str = "ONCOMMONS"
    host: str = ""
    port: int = 11112
    calling: tuple[str, ...] = ()
    certificate: str = ""
    key: str = ""
    ca: str = ""
    associations: int = 16
    pdu: int = 128 * 1024
    largest: int = LARGEST_FILE
    patience: float = 60.0
    room: Path | None = None


STATUS: Mapping[str, int] = MappingProxyType({"kept": SUCCESS, "duplicate": SUCCESS, "quarantined": SUCCESS})
"""Answer to a C-STORE by what became of the object (PS3.4 section B.2.3).

An object in quarantine is durable here and accounted for, and sending it again would change nothing; a sender that sees
a warning or a failure would show it to the wrong person, or try for ever.
"""


def status_of(taken: Taken) -> int:
    """The answer to a C-STORE; a refusal carries the code of its error, so that E601 is told as C601."""
    return STATUS.get(taken.outcome, CANNOT_UNDERSTAND | int(taken.code[1:] or "0", 16))


def status_of_fault(fault: Exception) -> int:
    """The answer where this machine could not take an object; the sender has it still, and may try again."""
    if isinstance(fault, MachineError):
        return OUT_OF_RESOURCES
    if isinstance(fault, OncommonsError):
        return CANNOT_UNDERSTAND | int(fault.code[1:], 16)
    return PROCESSING_FAILURE


def check_title(text: str) -> str:
    """An application entity title without spaces around it (PS3.5 section 6.2, AE).

    Raises:
        BadPacsAddress: it is not one.
    """
    title = text.strip(" ")
    if not _TITLE.fullmatch(title):
        raise BadPacsAddress(f"{text[:32]!r} is not an AE title: 1 to 16 characters of ASCII without a backslash.")
    return title


def accepts(syntax: str) -> bool:
    """Whether objects are taken in a transfer syntax: those of the standard that carry their pixels with them."""
    return _SYNTAX.fullmatch(syntax) is not None and syntax not in _ELSEWHERE


def is_uid(text: str) -> bool:
    """Whether a text is a UID (PS3.5 section 9.1); components that begin with 0, which some makers write, pass."""
    return _UID.fullmatch(text) is not None


def dimse(name: str) -> Any:
    """A module of this folder that stands on pynetdicom.

    Args:
        name: ``receiver`` or ``query``.

    Raises:
        MissingPackage: pynetdicom is not installed.
    """
    if find_spec("pynetdicom") is None:
        raise MissingPackage("DICOM's network protocol needs another package: pip install 'oncommons[pacs]'.")
    return import_module(f"{__package__}.{name}")

"""STOW-RS: objects that a client sends by HTTP are taken in one by one (PS3.18 section 10.5, annex I).

The answer tells each object by the identifier that its sender knows, never by the one that it is kept under: beside
each other the two would tell whose images are kept.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from starlette.concurrency import run_in_threadpool

from oncommons.imaging.elements import read_elements
from oncommons.imaging.pieces import Data
from oncommons.imaging.syntax import open_file
from oncommons.node.receive.folder import LARGEST_FILE
from oncommons.node.receive.message import Parts, Received, boundary_of
from oncommons.node.receive.spool import MOST_IN_MEMORY, Spool
from oncommons.schema.errors import BadRequest, ImageError, OncommonsError, StorageFull
from oncommons.schema.errors_of_protocols import BadUpload

log = logging.getLogger("oncommons.stow")

MOST_AT_ONCE, MOST_WAITING = 8, 64 * 1024 * 1024
"""Objects that are taken in at the same time, and bytes that they have together."""
CHANGED = 0xB000
"""Warning Reason of what is kept: it was de-identified (table I.2-1)."""
_PROCESSING, _NO_ROOM, _WRONG_STUDY, _NOT_UNDERSTOOD = 0x0110, 0xA700, 0xA900, 0xC000
"""Failure Reasons (table I.2-2)."""
_WARNING = 0xB000
_SOP_CLASS, _SOP, _STUDY = 0x00080016, 0x00080018, 0x0020000D
_DICOM = "application/dicom"


class Outcome(Protocol):
    """What became of an object."""

    @property
    def outcome(self) -> str:
        """``kept``, ``duplicate``, ``quarantined`` or ``refused``."""

    @property
    def code(self) -> str:
        """Code of the error where it was not kept."""


Take = Callable[[Data, str], Outcome]
"""Takes in the bytes of an object for a dataset; what it says is durable."""


@dataclass(frozen=True)
class Told:
    """An object in the answer.

    Attributes:
        sop_class: SOP Class UID as it was sent; empty where it could not be read.
        sop: SOP Instance UID as it was sent.
        failure: Failure Reason; 0 for what is here.
        warning: Warning Reason of what is here.
    """

    sop_class: str
    sop: str
    failure: int = 0
    warning: int = CHANGED


@dataclass(frozen=True)
class Stored:
    """The answer to a message.

    Attributes:
        objects: In the order in which they came.
    """

    objects: tuple[Told, ...]

    @property
    def status(self) -> int:
        """The HTTP status: 202 since what is kept was changed, 409 where nothing is here (table 10.5.3-1)."""
        return 202 if any(not one.failure for one in self.objects) else 409

    def to_json(self) -> dict[str, Any]:
        """The Store Instances Response Module in DICOM JSON (table I.1-1)."""
        kept = [
            {**_reference(one), "00081196": _us(one.warning), "00081190": {"vr": "UR"}}
            for one in self.objects
            if not one.failure
        ]
        failed = [{**_reference(one), "00081197": _us(one.failure)} for one in self.objects if one.failure and one.sop]
        other = [{"00081197": _us(one.failure)} for one in self.objects if one.failure and not one.sop]
        body: dict[str, Any] = {"00081190": {"vr": "UR"}}
        for tag, items in (("00081198", failed), ("00081199", kept), ("0008119A", other)):
            if items:
                body[tag] = {"vr": "SQ", "Value": items}
        return body


@dataclass(frozen=True)
class Inbox:
    """Where sent objects go.

    Attributes:
        take: Takes in one object.
        dataset: The dataset that they belong to.
        study: Study Instance UID that all of them must have, as sent; empty for any.
        room: Directory in which large objects lie while they come.
    """

    take: Take
    dataset: str
    study: str = ""
    room: Path | None = None

    async def receive(self, content_type: str, stream: AsyncIterable[bytes]) -> Stored:
        """Take in a message.

        Args:
            content_type: Its Content-Type.
            stream: Its bytes as they come.

        Raises:
            BadUpload: it is of another type.
            BadRequest: it holds nothing, or is cut short; what came before is taken in.
        """
        tasks: list[asyncio.Task[Told]] = []
        busy = _Busy()
        try:
            async for part in _parts(content_type, stream, self.room):
                await busy.room(_held(part.size))
                tasks.append(busy.start(run_in_threadpool(self._one, part), _held(part.size)))
        finally:
            told = await asyncio.gather(*tasks)
        if not told:
            raise BadRequest("The message holds no objects.")
        return Stored(tuple(told))

    def _one(self, part: Received) -> Told:
        if part.size > LARGEST_FILE:
            return Told("", "", reason_of("E603", _NOT_UNDERSTOOD))
        if part.media not in {"", _DICOM}:
            return Told("", "", _NOT_UNDERSTOOD)
        sop_class, sop, study = _named(part.content)
        if self.study and study != self.study:
            return Told(sop_class, sop, _WRONG_STUDY)
        try:
            taken = self.take(part.content, self.dataset)
        except OncommonsError as fault:
            log.warning("%s %s %s", fault.code, fault.message, fault.detail)
            return Told(sop_class, sop, _NO_ROOM if isinstance(fault, StorageFull) else _PROCESSING)
        except Exception:
            log.exception("unexpected")
            return Told(sop_class, sop, _PROCESSING)
        if taken.outcome == "refused":
            return Told(sop_class, sop, reason_of(taken.code, _NOT_UNDERSTOOD))
        waits = taken.outcome == "quarantined"  # it is here and accounted for; sending it again would change nothing
        return Told(sop_class, sop, warning=reason_of(taken.code, _WARNING) if waits else CHANGED)


def reason_of(code: str, kind: int) -> int:
    """The reason for an error: C6nn for a failure by E6nn, B6nn for a warning, in hexadecimal (PS3.18 I.2)."""
    return kind | int(code[1:], 16) if code[:1] == "E" and code[1:].isdecimal() else kind


async def _parts(content_type: str, stream: AsyncIterable[bytes], room: Path | None) -> AsyncIterable[Received]:
    kind = content_type.partition(";")[0].strip().lower()
    if kind == _DICOM:
        yield await _single(stream, room)
        return
    if kind != "multipart/related":
        raise BadUpload("Objects are sent as multipart/related; type=application/dicom.")
    parts = Parts(boundary_of(content_type), LARGEST_FILE, room)
    async for piece in stream:
        for part in parts.feed(piece):
            yield part
    if not parts.ended:
        raise BadRequest("The message ends before its last boundary.")


async def _single(stream: AsyncIterable[bytes], room: Path | None) -> Received:
    content, size = Spool(room), 0
    async for piece in stream:
        size += len(piece)
        if size <= LARGEST_FILE:
            content.write(piece)
        else:
            content = Spool(room)
    return Received(_DICOM, content.data(), size)


def _held(size: int) -> int:
    """Bytes of an object that are in memory while it is taken in."""
    return min(size, MOST_IN_MEMORY)


class _Busy:
    """What is being taken in, and how many bytes it has."""

    def __init__(self) -> None:
        self.going: dict[asyncio.Task[Told], int] = {}

    async def room(self, size: int) -> None:
        """Wait until one more of a size may be begun."""
        while self.going and (len(self.going) >= MOST_AT_ONCE or sum(self.going.values()) + size > MOST_WAITING):
            done, _ = await asyncio.wait(self.going, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                del self.going[task]

    def start(self, work: Any, size: int) -> asyncio.Task[Told]:
        """Begin to take one in."""
        task: asyncio.Task[Told] = asyncio.ensure_future(work)
        self.going[task] = size
        return task


def _named(raw: Data) -> tuple[str, str, str]:
    """SOP Class, SOP Instance and Study Instance UID as they were sent; empty where they cannot be read."""
    try:
        dataset = read_elements(open_file(raw[:MOST_IN_MEMORY]), _STUDY)
    except ImageError:
        return "", "", ""
    return dataset.text(_SOP_CLASS), dataset.text(_SOP), dataset.text(_STUDY)


def _reference(one: Told) -> dict[str, Any]:
    return {"00081150": _ui(one.sop_class), "00081155": _ui(one.sop)}


def _ui(value: str) -> dict[str, Any]:
    return {"vr": "UI", "Value": [value]} if value else {"vr": "UI"}


def _us(value: int) -> dict[str, Any]:
    return {"vr": "US", "Value": [value]}

"""Documents that are attached: one file each in the hub's directory, written as it comes and never carried out.

A file goes by an identifier of the hub; its name, kind and hash are in the database.  A copy of an application has
files of its own, so that what happens to the one does nothing to the other.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from math import inf
from pathlib import Path

from sqlalchemy import Connection, delete, func, insert, select
from starlette.concurrency import run_in_threadpool

from oncommons.hub.applications.book import locked, touch
from oncommons.hub.applications.kinds import kind_of, named_for
from oncommons.hub.applications.tables import DOCUMENT
from oncommons.hub.people.sealing import new_id
from oncommons.schema.application import Application, Attachment
from oncommons.schema.errors import NotFound
from oncommons.schema.errors_of_applications import ApplicationError, AttachmentRefused
from oncommons.storage.database import Database
from oncommons.storage.files import plain_file_errors, sync

MOST_BYTES = 20_000_000
"""Bytes of the largest document."""
MOST_DOCUMENTS = 40
"""Documents of one application."""
KEEP_SECONDS = 86_400.0
"""What a machine left that died is kept for so long, since it may still be under way."""
_ARRIVING, _GOING = "arriving-", "going-"
_TOO_LARGE = f"The document is larger than {MOST_BYTES // 1_000_000} MB."


@dataclass(frozen=True)
class Draft:
    """A document that has arrived and is not attached yet: where it lies, its size in bytes, its SHA-256."""

    path: Path
    size: int
    digest: str


class Documents:
    """The documents of a hub.

    Args:
        database: The hub's database.
        folder: Where the files lie; made if need be, readable by its owner only.
    """

    def __init__(self, database: Database, folder: Path) -> None:
        self.database, self.folder = database, folder

    @asynccontextmanager
    async def arriving(self, stream: AsyncIterator[bytes], announced: str) -> AsyncIterator[Draft]:
        """A document as it comes in, which is gone again after the block unless it was attached.

        Args:
            stream: Its content, piece by piece; it is read no further than the largest document.
            announced: Its size as the sender says; empty where nothing is said.

        Raises:
            AttachmentRefused: it is too large; nothing is kept of it.
            MachineError: the disk is full or broken.
        """
        if announced.isascii() and announced.isdecimal() and int(announced) > MOST_BYTES:
            raise AttachmentRefused(_TOO_LARGE)
        path, digest, size = await run_in_threadpool(self._new_file), hashlib.sha256(), 0
        try:
            with path.open("wb") as file:
                async for part in stream:
                    size += len(part)
                    if size > MOST_BYTES:
                        raise AttachmentRefused(_TOO_LARGE)
                    digest.update(part)
                    with plain_file_errors():
                        file.write(part)
                with plain_file_errors():
                    file.flush()
                    os.fsync(file.fileno())
            yield Draft(path, size, digest.hexdigest())
        finally:
            path.unlink(missing_ok=True)

    def attach(self, to: tuple[str, str], person: str, draft: Draft, name: str, now: float) -> Attachment:
        """Attach a document that has arrived.

        Args:
            to: Identifier of the application, and name of the paragraph.
            person: Who attaches it.
            draft: The document.
            name: Its file name as the sender has it.
            now: Seconds since the epoch.

        Raises:
            NotFound: there is no such application, or they do not write it.
            AttachmentRefused: it is of a kind that is not accepted.
            ApplicationError: the application cannot be written now, or has too many documents.
        """
        kind = kind_of(draft.path)
        found = Attachment(new_id(), to[1], named_for(name, kind), kind, draft.size, draft.digest, person, now)
        with self.database.write() as connection:
            locked(connection, to[0], person)
            _check_room(connection, to[0], 1)
            connection.execute(insert(DOCUMENT), {"application": to[0], **found.to_json()})
            touch(connection, to[0], now)
            with plain_file_errors():
                draft.path.rename(self.folder / found.id)
                sync(self.folder)
        return found

    def open(self, application: Application, document: str) -> tuple[Attachment, Path]:
        """A document of an application, and where it lies.

        Raises:
            NotFound: the application has no such document.
        """
        found = next((one for one in application.attachments if one.id == document), None)
        if found is None or not (self.folder / found.id).is_file():
            raise NotFound("The application has no such document.")
        return found, self.folder / found.id

    def remove(self, identifier: str, person: str, document: str, now: float) -> None:
        """Take a document away.

        Raises:
            NotFound: there is no such application or document, or they do not write it.
            ApplicationError: the application cannot be written now.
        """
        with self.database.write() as connection:
            found = locked(connection, identifier, person).application
            if all(one.id != document for one in found.attachments):
                raise NotFound("The application has no such document.")
            connection.execute(delete(DOCUMENT).where(DOCUMENT.c.id == document))
            touch(connection, identifier, now)
        self.forget([document])

    def copy(self, source: Application, target: str, person: str, now: float) -> None:
        """Give an application copies of all documents of another one.

        Raises:
            NotFound: a file is gone.
            MachineError: the disk is full or broken.
        """
        for one in source.attachments:
            _, path = self.open(source, one.id)
            new = new_id()
            with plain_file_errors():
                os.link(path, self.folder / new)  # never written again, so that two names of one file do
            row = one.to_json() | {"id": new, "application": target, "by": person, "at": now}
            with self.database.write() as connection:
                connection.execute(insert(DOCUMENT), row)

    def going(self, documents: Collection[str]) -> None:
        """Note that files go with a transaction that is under way, in case nobody is there to forget them afterwards.

        Raises:
            MachineError: the disk is full or broken.
        """
        with plain_file_errors():
            for one in documents:
                (self.folder / f"{_GOING}{one}").touch(0o600)
            if documents:
                sync(self.folder)

    def forget(self, documents: Collection[str]) -> None:
        """Delete the files of documents that no application has any more."""
        for one in documents:
            for path in (self.folder / one, self.folder / f"{_GOING}{one}"):
                with suppress(OSError):  # it opens nothing for anybody; a file that stays takes room and no more
                    path.unlink(missing_ok=True)

    def sweep(self, now: float) -> None:
        """Delete what a machine left that died in the midst of something, a day ago or before.

        These are documents that never arrived whole, and files that were to go with a transaction which was kept.  Other
        files stay, whatever the database says of them: it may be another one.

        Args:
            now: Seconds since the epoch.
        """
        old = [path.name for path in self.folder.glob("*-*") if _changed(path) <= now - KEEP_SECONDS]
        going = {name.removeprefix(_GOING) for name in old if name.startswith(_GOING)}
        with self.database.read() as connection:
            kept = set(connection.execute(select(DOCUMENT.c.id).where(DOCUMENT.c.id.in_(going))).scalars())
        self.forget(going - kept)
        self.forget([name for name in old if name.startswith(_ARRIVING)])
        self.forget([f"{_GOING}{one}" for one in kept])

    def _new_file(self) -> Path:
        with plain_file_errors():
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self.folder, prefix=_ARRIVING)
            os.close(handle)
        return Path(name)


def _changed(path: Path) -> float:
    """When a file was last changed or renamed, in seconds since the epoch; never, where it is gone."""
    try:
        return path.lstat().st_ctime
    except FileNotFoundError:
        return inf


def _check_room(connection: Connection, identifier: str, more: int) -> None:
    here = select(func.count()).select_from(DOCUMENT).where(DOCUMENT.c.application == identifier)
    if connection.execute(here).scalar_one() + more > MOST_DOCUMENTS:
        raise ApplicationError(f"An application has at most {MOST_DOCUMENTS} documents.")

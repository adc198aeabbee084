"""The hub's database: SQLite in write-ahead mode by default, PostgreSQL by its address.

Reads and writes are told apart: a write on SQLite takes its lock at the start, so two writers wait for
each other instead of failing half-way.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine, MetaData, Table, create_engine, event, inspect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, DisconnectionError, InterfaceError, OperationalError, SQLAlchemyError

from oncommons.schema.errors import BadRequest, MissingPackage, OncommonsError, StorageFailed, StorageFull
from oncommons.storage.owned import write_ahead

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    },
)
"""Where every slice of the hub registers its tables."""

_BUSY_SECONDS = 15
_PG8000 = "postgresql+pg8000:"
_CONNECTIONS = 30
"""Most connections of a process to a server; once opened, they stay."""
_NOT_A_TEXT = "22021"
"""What PostgreSQL says to a text with a zero octet (character_not_in_repertoire, appendix A)."""
_FULL = ("disk is full", "No space left", "could not extend file", "53100")
"""How SQLite and PostgreSQL say that the disk is full (53100: disk_full, PostgreSQL, appendix A)."""


class Database:
    """One database, opened.

    Args:
        url: As SQLAlchemy writes it: ``sqlite:///hub.sqlite`` or ``postgresql+pg8000://user@host/name``.

    Raises:
        MissingPackage: the driver for the address is not installed.
        StorageFailed: the address cannot be used.
    """

    def __init__(self, url: str) -> None:
        # SQLite lets one writer in and makes the others sleep; waiting for a turn here wakes them at once.
        self._turn: AbstractContextManager[object] = Lock() if url.startswith("sqlite") else nullcontext()
        try:
            self.engine = _engine(url)
        except ModuleNotFoundError as fault:
            raise MissingPackage("PostgreSQL needs its driver: pip install 'oncommons[postgres]'.") from fault
        except SQLAlchemyError as fault:
            raise StorageFailed("The database's address cannot be used.", detail=str(fault)) from fault

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for reading."""
        with plain_errors(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction: kept when the block ends, undone when it raises.

        Raises:
            StorageFull: the disk is full; nothing was kept.
            StorageFailed: the database cannot be used; nothing was kept.
        """
        with (
            plain_errors(),
            self._turn,
            self.engine.connect().execution_options(oncommons_write=True) as connection,
            connection.begin(),
        ):
            yield connection

    def upgrade(self) -> None:
        """Bring the tables to this version, step by step; where they are, it is only read."""
        if self._is_newest():
            return
        steps = importlib.import_module("oncommons.storage.upgrading")
        with self.write() as connection:
            steps.take_steps(connection)

    def _is_newest(self) -> bool:
        """Whether the last step of this version was the last that was taken."""
        with self.read() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return False
            return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalars().all() == [_newest()]

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


@cache
def _newest() -> str:
    """The number of the last step, as its file is named: ``v0016_analyses.py``."""
    steps = Path(__file__).parent.joinpath("migrations", "versions").glob("v*.py")
    return max(step.name for step in steps).partition("_")[0].removeprefix("v")


def insert_into(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """An insert that can say what is done with a row that is there already, as the connection's database writes it."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


def _engine(url: str) -> Engine:
    if not url.startswith("sqlite"):
        return _served(url)
    engine = create_engine(url, connect_args={"timeout": _BUSY_SECONDS, "check_same_thread": False})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _served(url: str) -> Engine:
    """A database with a server of its own."""
    # None above the size: such a connection is closed after one use, so that those who come in a rush would all wait
    # for new ones. The last one that was given back is taken first, so that what few need stays with few.
    kept = {"pool_size": _CONNECTIONS, "max_overflow": 0, "pool_use_lifo": True}
    engine = create_engine(url, **kept, pool_pre_ping=not url.startswith(_PG8000))
    if url.startswith(_PG8000):
        connection = importlib.import_module("oncommons.storage.postgres").Connection
        event.listen(engine, "do_connect", lambda _dialect, _record, words, named: connection(*words, **named))
        event.listen(engine, "checkout", look_at)
        engine.dialect.use_insertmanyvalues_wo_returning = True  # rows that are written together go together
    return engine


def look_at(connection: Any, _record: object, _proxy: object) -> None:
    """Have another connection opened in the place of one that the server has ended.

    Raises:
        DisconnectionError: it has, which tells the pool.
    """
    if connection.has_ended():
        raise DisconnectionError


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions are begun by us, below
    cursor = connection.cursor()
    write_ahead(connection, _BUSY_SECONDS)
    for pragma in ("synchronous = NORMAL", "foreign_keys = ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    write = connection.get_execution_options().get("oncommons_write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


@contextmanager
def plain_errors() -> Iterator[None]:
    """Tell a database's errors in our own words."""
    try:
        yield
    except OncommonsError:
        raise
    except DBAPIError as fault:
        text = str(fault)
        if _code_of(fault) == _NOT_A_TEXT:
            raise BadRequest("A text has a zero octet in it.") from fault
        if any(sign in text for sign in _FULL):
            raise StorageFull("The hub's disk is full. Nothing was changed.", detail=text) from fault
        now = isinstance(fault, OperationalError | InterfaceError)
        message = "The hub's database cannot be used now." if now else "The hub's database refused."
        raise StorageFailed(message, detail=text) from fault
    except SQLAlchemyError as fault:
        raise StorageFailed("The hub's database refused.", detail=str(fault)) from fault


def _code_of(fault: DBAPIError) -> str:
    """PostgreSQL's own code of an error; empty where there is none."""
    said = fault.orig.args[0] if fault.orig is not None and fault.orig.args else None
    return str(said.get("C", "")) if isinstance(said, dict) else ""

"""A database of OMOP, opened read-only: a DuckDB file, or PostgreSQL through pg8000.

Nothing is ever written to it, and its rows are read in portions.
"""

from __future__ import annotations

import importlib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

import duckdb

from oncommons.node.receive.lines import digest_of
from oncommons.schema.errors import MissingPackage
from oncommons.schema.errors_of_rows import NotOmop

_BATCH = 10_000
SCHEMES = ("postgresql", "postgres")


class Database(Protocol):
    """A database that can be read."""

    def columns(self, table: str) -> tuple[str, ...]:
        """The columns of a table in small letters; none where there is no such table."""

    def rows(self, table: str, columns: Sequence[str]) -> Iterator[tuple[str | None, ...]]:
        """The columns of every row, each as text, in an order that is the same each time."""

    def content(self, table: str) -> str:
        """Stands for all rows of a table, as long as the database is open."""


@dataclass
class DuckDatabase:
    """A DuckDB file.

    Attributes:
        path: The file.
        connection: It, opened.
        schema: Where its tables are.
    """

    path: Path
    connection: duckdb.DuckDBPyConnection
    schema: str

    @cached_property
    def _content(self) -> str:
        written = self.path.with_name(f"{self.path.name}.wal")  # what is not in the file yet
        return " ".join([self.schema, *(digest_of(part) for part in (self.path, written) if part.is_file())])

    def content(self, table: str) -> str:  # noqa: ARG002 - a file is read faster than its tables
        """Stands for all rows of all tables: digests of the bytes of the file."""
        return self._content

    def columns(self, table: str) -> tuple[str, ...]:
        """The columns of a table in small letters."""
        query = (
            "SELECT lower(column_name) FROM duckdb_columns() WHERE database_name = current_database() "
            "AND lower(schema_name) = lower($1) AND lower(table_name) = $2 ORDER BY column_index"
        )
        return tuple(name for (name,) in self.connection.execute(query, [self.schema, table]).fetchall())

    def rows(self, table: str, columns: Sequence[str]) -> Iterator[tuple[str | None, ...]]:
        """The columns of every row, each as text, in an order that is the same each time."""
        chosen = ", ".join(f'"{name}"::VARCHAR' for name in columns)
        texts = ", ".join(str(place) for place in range(1, len(columns) + 1))
        (here,) = self.connection.execute("SELECT current_database()").fetchall()[0]
        found = self.connection.cursor().execute(
            f'SELECT {chosen} FROM "{here}"."{self.schema}"."{table}" ORDER BY "{columns[0]}", {texts}'
        )
        while batch := found.fetchmany(_BATCH):
            yield from batch


@dataclass
class PostgresDatabase:
    """A PostgreSQL database; every statement runs in one transaction that may only read, and sees one state of it."""

    connection: Any
    schema: str

    def content(self, table: str) -> str:
        """Stands for all rows of a table: their number, and the sums of two hashes of 64 bits of each.

        The server makes it by reading the table once; another state of the table has the same in one of 2 to the power of
        128 cases, unless somebody means it to.
        """
        sums = ", ".join(f"coalesce(sum(hashtextextended(t::text, {seed})), 0)::text" for seed in (0, 1))
        found = self.connection.run(f'SELECT count(*)::text, {sums} FROM "{self.schema}"."{table}" AS t')
        return " ".join(("postgres", self.schema, *found[0]))

    def columns(self, table: str) -> tuple[str, ...]:
        """The columns of a table in small letters."""
        query = (
            "SELECT column_name FROM information_schema.columns WHERE table_schema = :place AND table_name = :name "
            "ORDER BY ordinal_position"
        )
        return tuple(name for (name,) in self.connection.run(query, place=self.schema, name=table))

    def rows(self, table: str, columns: Sequence[str]) -> Iterator[tuple[str | None, ...]]:
        """The columns of every row, each as text, in an order that is the same each time."""
        chosen = ", ".join(f'"{name}"::text' for name in columns)
        named, texts = f"rows_of_{table}", ", ".join(f'"{name}"::text COLLATE "C"' for name in columns)
        self.connection.run(
            f"DECLARE {named} NO SCROLL CURSOR FOR "
            f'SELECT {chosen} FROM "{self.schema}"."{table}" ORDER BY "{columns[0]}", {texts}'
        )
        while batch := self.connection.run(f"FETCH {_BATCH} FROM {named}"):
            yield from map(tuple, batch)
        self.connection.run(f"CLOSE {named}")


def is_address(text: str) -> bool:
    """Whether a source is the address of a PostgreSQL database."""
    return urlsplit(text).scheme.partition("+")[0] in SCHEMES


@contextmanager
def opened(place: str) -> Iterator[Database]:
    """Open a database for reading.

    Args:
        place: A DuckDB file, or ``postgresql://user:password@host:port/name?schema=cdm&sslmode=require``.

    Raises:
        NotOmop: it cannot be opened.
        MissingPackage: PostgreSQL without the extra ``postgres``.
    """
    if is_address(place):
        with _postgres(place) as database:
            yield database
        return
    path, _, schema = place.partition("?schema=")
    try:
        config: dict[str, str | bool | int | float | list[str]] = {"threads": 2, "enable_external_access": "false"}
        connection = duckdb.connect(path, read_only=True, config=config) if Path(path).is_file() else None
    except duckdb.Error as fault:
        raise NotOmop(
            f"{Path(path).name} is not a database of DuckDB that can be opened.", detail=str(fault)
        ) from fault
    if connection is None:
        raise NotOmop(f"There is no file {Path(path).name}.", detail=path)
    with connection:
        yield DuckDatabase(Path(path), connection, schema or "main")


@contextmanager
def _postgres(place: str) -> Iterator[Database]:
    try:
        driver = importlib.import_module("pg8000.native")
    except ModuleNotFoundError as fault:
        raise MissingPackage("PostgreSQL needs its driver: pip install 'oncommons[postgres]'.") from fault
    parts = urlsplit(place)
    asked = parse_qs(parts.query)
    encrypted = ssl.create_default_context() if asked.get("sslmode", [""])[0] in {"require", "verify-full"} else None
    try:
        connection = driver.Connection(
            unquote(parts.username or ""),
            host=parts.hostname or "localhost",
            port=parts.port or 5432,
            database=unquote(parts.path.lstrip("/")),
            password=unquote(parts.password) if parts.password else None,
            ssl_context=encrypted,
            unix_sock=asked.get("unix_sock", [None])[0],
        )
    except (driver.Error, OSError) as fault:
        raise NotOmop(f"The database at {parts.hostname} cannot be opened.", detail=str(fault)) from fault
    try:
        connection.run("START TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield PostgresDatabase(connection, asked.get("schema", ["public"])[0])
    finally:
        connection.close()

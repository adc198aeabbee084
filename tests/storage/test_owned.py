"""Files of a node's own: for its owner's eyes, durable, and closed where they turn out to be something else."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Barrier

import pytest

from oncommons.schema.errors import StorageFailed, StorageFull
from oncommons.storage.owned import alone, open_owned, plain_errors, write_ahead

TABLES = "CREATE TABLE IF NOT EXISTS t (n INTEGER NOT NULL)"


def test_what_is_written_stays_and_only_its_owner_may_read_it(tmp_path):
    for n in (1, 2):
        with closing(open_owned(tmp_path / "own.sqlite", TABLES)) as connection:
            connection.execute("INSERT INTO t VALUES (?)", [n])
            assert connection.execute("PRAGMA synchronous").fetchone() == (2,)  # full
            assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}
            assert connection.execute("SELECT count(*) FROM t").fetchone() == (n,)


def test_what_is_no_database_is_an_error_and_stays(tmp_path):
    (tmp_path / "own.sqlite").write_bytes(b"a letter" * 1000)
    with pytest.raises(sqlite3.DatabaseError):
        open_owned(tmp_path / "own.sqlite", TABLES)
    assert (tmp_path / "own.sqlite").read_bytes() == b"a letter" * 1000


def test_a_folder_that_is_not_there_is_not_made(tmp_path):
    with pytest.raises(sqlite3.OperationalError):
        open_owned(tmp_path / "none" / "own.sqlite", TABLES)
    assert list(tmp_path.iterdir()) == []


def test_several_who_open_a_new_file_at_once_all_get_in(tmp_path):
    for n in range(5):
        together = Barrier(4)

        def get_in(path=tmp_path / f"{n}.sqlite", together=together):
            together.wait()
            open_owned(path, TABLES).close()

        with ThreadPoolExecutor(4) as pool:
            for got_in in [pool.submit(get_in) for _ in range(4)]:
                got_in.result()


class Contested(sqlite3.Connection):
    """Refused twice without waiting, as SQLite does in about one of fifty such openings."""

    refusals = 2

    def execute(self, sql, *values):
        if self.refusals:
            self.refusals -= 1
            fault = sqlite3.OperationalError("database is locked")
            fault.sqlite_errorcode = sqlite3.SQLITE_BUSY
            raise fault
        return super().execute(sql, *values)


def test_who_is_refused_because_another_turns_the_same_file_tries_again(tmp_path):
    with closing(sqlite3.connect(tmp_path / "own.sqlite", factory=Contested)) as connection:
        write_ahead(connection, 15)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_file_that_another_never_lets_go_of_is_given_up(tmp_path):
    path = tmp_path / "own.sqlite"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute(TABLES)
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            open_owned(path, TABLES, patience=0.05)


def test_what_is_written_alone_is_there_as_a_whole_or_not_at_all(tmp_path):
    with closing(open_owned(tmp_path / "own.sqlite", TABLES)) as connection:
        with alone(connection):
            connection.execute("INSERT INTO t VALUES (1)")
        with pytest.raises(sqlite3.IntegrityError), alone(connection):
            connection.executemany("INSERT INTO t VALUES (?)", [[2], [None]])
        assert connection.execute("SELECT n FROM t").fetchall() == [(1,)]


def test_nobody_writes_beside_one_who_is_alone(tmp_path):
    path = tmp_path / "own.sqlite"
    with closing(open_owned(path, TABLES)) as one, closing(open_owned(path, TABLES, patience=0.01)) as other:
        with alone(one), pytest.raises(sqlite3.OperationalError, match="locked"), alone(other):
            pass
        with alone(other):
            pass


def test_errors_are_told_in_our_words():
    with pytest.raises(StorageFull, match="No room"), plain_errors("Broken.", "No room."):
        raise sqlite3.OperationalError("database or disk is full")
    with pytest.raises(StorageFailed, match="Broken"), plain_errors("Broken.", "No room."):
        raise sqlite3.OperationalError("disk I/O error")

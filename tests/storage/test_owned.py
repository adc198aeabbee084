"""Files of a node's own: for its owner's eyes, durable, and closed where they turn out to be something else."""

import sqlite3
from contextlib import closing

import pytest

from oncommons.storage.owned import open_owned

TABLES = "CREATE TABLE IF NOT EXISTS t (n INTEGER)"


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

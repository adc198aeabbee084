"""The driver says the same as pg8000's own, in fewer ways to the server; each test meets a PostgreSQL."""

import io
import socket
import struct
from contextlib import ExitStack, suppress

import pg8000
import pytest
from sqlalchemy import Column, Integer, MetaData, Table, event, literal, select, text
from tests.storage.conftest import opened

from oncommons.schema.errors import BadRequest, StorageFailed
from oncommons.storage.postgres import Connection

NUMBERS = Table("a", MetaData(), Column("n", Integer))


class Counted:
    """What a connection writes to, and how often it is sent."""

    def __init__(self, file):
        self.file, self.sent = file, 0

    def __getattr__(self, name):
        return getattr(self.file, name)

    def flush(self):
        self.sent += 1
        self.file.flush()


def place(postgres):
    return {"user": "postgres", "database": "postgres", "unix_sock": f"{postgres.folder}/.s.PGSQL.5432"}


@pytest.fixture(params=[pg8000.Connection, Connection], ids=["theirs", "ours"])
def either(request, postgres):
    made = request.param(**place(postgres))
    yield made
    made.close()


@pytest.fixture
def ours(postgres):
    made = Connection(**place(postgres))
    made._sock = Counted(made._sock)
    yield made
    with suppress(pg8000.InterfaceError):  # where it has ended
        made.close()


@pytest.mark.parametrize("asks", [{}, {"ssl_context": None}])
def test_nobody_asks_for_encryption_on_a_unix_socket_unless_told_to(postgres, asks):
    heard = []

    class Listening(socket.socket):
        """A socket that notes what is sent."""

        def sendall(self, what):
            heard.append(what)
            super().sendall(what)

    plain = socket.socket
    socket.socket = Listening
    try:
        Connection(**place(postgres), **asks).close()
        with pytest.raises(pg8000.InterfaceError, match="refuses SSL"):
            Connection(**place(postgres), ssl_context=True)
    finally:
        socket.socket = plain
    assert heard == [struct.pack("!ii", 8, 80877103)]  # the request for it (55.2.11), of who was told to


def told(connection, statement, values=()):
    return [list(row) for row in connection.cursor().execute(statement, values).fetchall()]


def test_a_transaction_is_as_many_ways_as_it_has_statements_and_one_for_its_end(ours):
    ours.cursor().execute("CREATE TEMPORARY TABLE a (n integer)")
    ours.cursor().execute("INSERT INTO a VALUES (%s)", (1,))
    assert told(ours, "SELECT n FROM a WHERE n = %s", (1,)) == [[1]]
    ours.commit()
    assert ours._sock.sent == 4


def test_a_transaction_that_does_nothing_is_not_begun(ours):
    ours.execute_simple("begin transaction")
    ours.commit()
    ours.execute_simple("begin transaction")
    ours.rollback()
    ours.rollback()
    assert ours._sock.sent == 0
    assert told(ours, "SELECT %s", ("x",)) == [["x"]]


def test_values_come_back_as_they_went(either):
    values = ['it\'s "so" \\ %s $1 ü', None, 2**40, -0.1, True, b"\x00\xff", ""]
    sorts = ("text", "text", "bigint", "float8", "boolean", "bytea", "text")
    asked = ", ".join(f"CAST(%s AS {sort})" for sort in sorts)
    assert told(either, f"SELECT {asked}", values) == [values]


def test_many_rows_and_none_come_back(either):
    assert len(told(either, "SELECT repeat('x', %s) FROM generate_series(1, 3000)", (1000,))) == 3000
    assert told(either, "SELECT 1 WHERE %s = 2", (1,)) == []


def test_rows_that_were_changed_are_counted(either):
    cursor = either.cursor()
    cursor.execute("CREATE TEMPORARY TABLE a (n integer)")
    cursor.executemany("INSERT INTO a VALUES (%s)", [(1,), (2,)])
    assert cursor.rowcount == 2
    assert cursor.execute("UPDATE a SET n = n + %s", (1,)).rowcount == 2


@pytest.mark.parametrize(("statement", "values"), [("SELECT 1 / %s", (0,)), ("SELECT nothing", ())])
def test_what_fails_undoes_the_transaction_and_the_next_one_works(either, statement, values):
    either.cursor().execute("CREATE TEMPORARY TABLE a (n integer)")
    either.commit()
    either.cursor().execute("INSERT INTO a VALUES (%s)", (1,))
    with pytest.raises(pg8000.ProgrammingError):
        told(either, statement, values)
    with pytest.raises(pg8000.Error):
        told(either, "SELECT %s", (1,))
    either.rollback()
    assert told(either, "SELECT count(*) FROM a") == [[0]]


def test_what_fails_first_of_all_ends_only_its_own_transaction(either):
    with pytest.raises(pg8000.IntegrityError):
        either.cursor().execute("DO $$ BEGIN RAISE unique_violation; END $$")
    either.rollback()
    either.cursor().execute("CREATE TEMPORARY TABLE a (n integer)")
    either.rollback()
    assert told(either, "SELECT to_regclass(%s)", ("pg_temp.a",)) == [[None]]


def test_what_is_copied_goes_to_its_stream(either):
    found = io.BytesIO()
    either.cursor().execute("COPY (SELECT 7) TO STDOUT", stream=found)
    assert found.getvalue() == b"7\n"


def test_a_connection_that_the_server_ended_is_seen_without_asking_it(ours, postgres):
    number = told(ours, "SELECT pg_backend_pid()")[0][0]
    ours.rollback()
    assert not ours.has_ended()
    before = ours._sock.sent
    postgres.run(f"SELECT pg_terminate_backend({number}, 10000)")
    assert (ours.has_ended(), ours._sock.sent) == (True, before)


def test_nobody_is_told_of_connections_that_ended_at_rest(postgres, postgres_url):
    name = postgres_url.partition("?")[0].rpartition("/")[2]
    with opened(postgres_url) as database:
        with database.read() as one, database.read() as other:
            assert isinstance(one.connection.dbapi_connection, Connection)
            assert one.exec_driver_sql("SELECT 1").scalar_one() == other.exec_driver_sql("SELECT 1").scalar_one()
        ended = f"SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = '{name}'"
        postgres.run(ended)
        with database.write() as one, database.read() as other:
            assert one.exec_driver_sql("SELECT 2").scalar_one() == other.exec_driver_sql("SELECT 2").scalar_one()


def test_rows_that_are_written_together_go_together(postgres_url):
    with opened(postgres_url) as database, database.write() as connection:
        counted = connection.connection.dbapi_connection
        NUMBERS.create(connection)
        connection.execute(NUMBERS.insert(), [{"n": 0}])
        counted._sock = Counted(counted._sock)
        connection.execute(NUMBERS.insert(), [{"n": n} for n in range(1, 100)])
        assert counted._sock.sent == 1
        assert connection.exec_driver_sql("SELECT count(*), sum(n) FROM a").one() == (100, 4950)


def test_connections_of_a_rush_stay_for_the_next_one(postgres_url):
    with opened(postgres_url) as database, ExitStack() as first, ExitStack() as second:
        made = []
        event.listen(database.engine, "connect", lambda *_: made.append(1))
        for _ in range(2):
            first.enter_context(database.read()).exec_driver_sql("SELECT 1")
        before = len(made)
        for _ in range(20):
            second.enter_context(database.read()).exec_driver_sql("SELECT 1")
        second.close()
        for _ in range(20):
            second.enter_context(database.read()).exec_driver_sql("SELECT 1")
        assert len(made) == before + 20


def test_a_text_that_postgresql_cannot_keep_is_a_fault_of_who_asks(postgres_url):
    with opened(postgres_url) as database:
        with pytest.raises(BadRequest, match="zero octet"), database.read() as connection:
            connection.execute(select(literal("a\0b")))
        with pytest.raises(StorageFailed) as told, database.read() as connection:
            connection.execute(text("SELECT 22021 / CAST(:n AS integer)"), {"n": 0})
        assert "22021" in told.value.detail
        with database.read() as connection:
            assert connection.execute(select(literal("22021"))).scalar_one() == "22021"

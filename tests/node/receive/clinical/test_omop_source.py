"""A database of OMOP, opened read-only."""

from contextlib import contextmanager

import duckdb
import pg8000.native
import pytest
from tests.node.omops import statements
from tests.storage.postgres import postgres_binaries, running_cluster

from oncommons.node.receive.clinical import omop, omop_source
from oncommons.node.receive.clinical.omop import OmopSource, receive_omop
from oncommons.node.receive.clinical.omop_source import DuckDatabase, is_address, opened
from oncommons.node.receive.clinical.records import Names
from oncommons.node.receive.clinical.resuming import Readings
from oncommons.schema.errors import MissingPackage
from oncommons.schema.errors_of_rows import NotOmop


@pytest.fixture(scope="module")
def places(tmp_path_factory):
    """The same rows in DuckDB and in PostgreSQL, each in a schema; read in portions of two."""
    folder = tmp_path_factory.mktemp("omop")
    with duckdb.connect(str(folder / "cdm.duckdb")) as base:
        base.execute("CREATE SCHEMA cdm.cdm")
        for text in statements("cdm.cdm"):
            base.execute(text)
    found = {"duckdb": f"{folder / 'cdm.duckdb'}?schema=cdm"}
    binaries = postgres_binaries()
    if binaries is None:
        yield found
        return
    with running_cluster(binaries) as cluster, cluster.database() as url:
        with pg8000.native.Connection(
            "postgres", database=url.partition("?")[0].rpartition("/")[2], unix_sock=url.rpartition("=")[2]
        ) as base:
            base.run("CREATE SCHEMA cdm")
            for text in statements("cdm"):
                base.run(text)
        yield found | {"postgres": f"{url}&schema=cdm"}


@pytest.mark.parametrize("kind", ["duckdb", "postgres"])
def test_columns_and_rows_are_read_in_portions(places, kind, monkeypatch):
    if kind not in places:
        pytest.skip("PostgreSQL is not here: apt-get install postgresql")
    monkeypatch.setattr(omop_source, "_BATCH", 2)
    with opened(places[kind]) as database:
        assert database.columns("death") == ("person_id", "death_date")
        assert database.columns("horse") == ()
        assert list(database.rows("person", ("person_id", "person_source_value"))) == [
            ("1", "4711"),
            ("2", "4712"),
            ("3", None),
        ]
        values = [v for _, v in database.rows("measurement", ("measurement_id", "value_as_number"))]
        assert [float(v) if v else v for v in values] == [4500.25, 4.0, None, 12345678.125]


@pytest.mark.parametrize("kind", ["duckdb", "postgres"])
def test_nothing_can_be_written(places, kind):
    if kind not in places:
        pytest.skip("PostgreSQL is not here: apt-get install postgresql")
    with opened(places[kind]) as database:
        run = getattr(database.connection, "run", None) or database.connection.execute
        with pytest.raises(Exception, match=r"read-only"):
            run("CREATE TABLE more (a INTEGER)")


@pytest.mark.parametrize("place", ["none.duckdb", "postgresql://nobody@127.0.0.1:1/none"])
def test_what_cannot_be_opened_is_told_without_its_password(place):
    with pytest.raises(NotOmop) as fault, opened(place.replace("nobody@", "nobody:secret@")):
        pass
    assert "secret" not in fault.value.message


def test_a_file_that_is_no_database_is_told(tmp_path):
    (tmp_path / "x.duckdb").write_bytes(b"no database" * 1000)
    with pytest.raises(NotOmop, match="DuckDB"), opened(str(tmp_path / "x.duckdb")):
        pass


def test_without_the_driver_its_package_is_named(monkeypatch):
    def missing(_name):
        raise ModuleNotFoundError

    monkeypatch.setattr(omop_source.importlib, "import_module", missing)
    with pytest.raises(MissingPackage, match="postgres"), opened("postgresql://x@y/z"):
        pass


def test_an_address_is_told_from_a_file():
    assert is_address("postgresql+pg8000://x@y/z")
    assert not is_address("cdm.duckdb")


def test_rows_come_in_the_same_order_each_time(tmp_path):
    path = str(tmp_path / "x.duckdb")
    with duckdb.connect(path) as base:
        base.execute("CREATE TABLE death AS SELECT 1 AS person_id, (n * 7919) % 5000 AS cause FROM range(5000) t(n)")
    with opened(path) as database:
        assert [int(cause or 0) for _, cause in database.rows("death", ("person_id", "cause"))] == sorted(
            range(5000), key=str
        )


def test_what_a_file_holds_is_known_by_its_bytes_and_by_those_not_yet_in_it(tmp_path):
    path, written = tmp_path / "x.duckdb", tmp_path / "x.duckdb.wal"

    def content():
        return DuckDatabase(path, duckdb.connect(), "main").content("person")

    path.write_bytes(b"one")
    found = [content(), content()]
    written.write_bytes(b"more")
    found.append(content())
    path.write_bytes(b"two")
    found.append(content())
    assert found[0] == found[1]
    assert len({*found}) == 3


@contextmanager
def server(places):
    """A connection that may write to the server."""
    if "postgres" not in places:
        pytest.skip("PostgreSQL is not here: apt-get install postgresql")
    url = places["postgres"].partition("&schema=")[0]
    name, socket = url.partition("?")[0].rpartition("/")[2], url.rpartition("=")[2]
    with pg8000.native.Connection("postgres", database=name, unix_sock=socket) as base:
        yield base


def contents(places):
    with opened(places["postgres"]) as database:
        return {table: database.content(table) for table in ("person", "measurement", "death")}


CHANGES = [
    ("UPDATE cdm.person SET year_of_birth = year_of_birth + 1 WHERE person_id = 2", {"person"}),
    (
        "DELETE FROM cdm.measurement WHERE measurement_id = (SELECT min(measurement_id) FROM cdm.measurement)",
        {"measurement"},
    ),
    ("INSERT INTO cdm.death SELECT * FROM cdm.death", {"death"}),
    ("UPDATE cdm.measurement SET value_as_number = 3.999 WHERE value_as_number = 4", {"measurement"}),
    ("UPDATE cdm.person SET person_source_value = NULL WHERE person_id = 1", {"person"}),
]


@pytest.mark.parametrize(("change", "tables"), CHANGES)
def test_a_server_tells_which_table_holds_something_else(places, change, tables):
    with server(places) as base:
        before = contents(places)
        base.run("CREATE TABLE kept AS SELECT * FROM cdm." + min(tables))
        base.run(change)
        after = contents(places)
        base.run(f"TRUNCATE cdm.{min(tables)}")
        base.run(f"INSERT INTO cdm.{min(tables)} SELECT * FROM kept ORDER BY random()")
        base.run("DROP TABLE kept")
    assert {name for name in before if after[name] != before[name]} == tables
    assert contents(places) == before


@pytest.mark.parametrize("kind", ["duckdb", "postgres"])
def test_an_import_that_was_stopped_goes_on_where_it_was(places, kind, tmp_path, monkeypatch):
    if kind not in places:
        pytest.skip("PostgreSQL is not here: apt-get install postgresql")
    source, converted, real = OmopSource(places[kind], "d"), [], omop._Reader.unit

    def take(folder, most=1_000):
        """Import, and stop behind so many rows that were converted; gives what was made, and how many rows it took."""

        def counted(self, table, columns, numbered):
            if len(converted) == most:
                raise KeyboardInterrupt
            converted.append(table)
            return real(self, table, columns, numbered)

        converted.clear()
        monkeypatch.setattr(omop._Reader, "unit", counted)
        with duckdb.connect() as base:
            told = receive_omop(base, source, Names("p{}".format, str), Readings(folder))
            rows = base.execute("SELECT * FROM clinical_measurement ORDER BY ALL").fetchall()
        return told, rows, len(converted)

    *whole, number = take(tmp_path / "whole")
    for most in (1, 5, number - 1):
        with pytest.raises(KeyboardInterrupt):
            take(tmp_path / str(most), most)
        assert take(tmp_path / str(most)) == (*whole, number - most)


def test_what_was_read_of_a_table_that_changed_since_is_read_again(places, tmp_path):
    source, folder = OmopSource(places.get("postgres", ""), "d"), tmp_path / "r"
    with server(places) as base:
        for _ in range(2):
            with duckdb.connect() as made:
                receive_omop(made, source, Names("p{}".format, str), Readings(folder))
                found = made.execute("SELECT max(value_as_number::DOUBLE) FROM clinical_measurement").fetchone()
            base.run("UPDATE cdm.measurement SET value_as_number = 2 * value_as_number")
        base.run("UPDATE cdm.measurement SET value_as_number = value_as_number / 4")
    assert found == (2 * 12345678.125,)

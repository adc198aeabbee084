"""A database of OMOP, opened read-only."""

import duckdb
import pg8000.native
import pytest
from tests.node.omops import statements
from tests.storage.postgres import postgres_binaries, running_cluster

from oncommons.node.receive.clinical import omop_source
from oncommons.node.receive.clinical.omop_source import content_of, is_address, opened
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
    path.write_bytes(b"one")
    found = [content_of(f"{path}?schema=cdm"), content_of(str(path))]
    written.write_bytes(b"more")
    found.append(content_of(str(path)))
    path.write_bytes(b"two")
    found.append(content_of(str(path)))
    assert found[0] == found[1]
    assert len({*found}) == 3


@pytest.mark.parametrize("place", ["postgresql://x@y/z", "none.duckdb"])
def test_a_server_does_not_tell_whether_it_holds_the_same(place):
    assert content_of(place) == ""

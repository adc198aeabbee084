"""A database of OMOP, opened read-only."""

import duckdb
import pg8000.native
import pytest
from tests.node.omops import statements
from tests.storage.postgres import postgres_binaries, running_cluster

from oncommons.node.receive.clinical import omop_source
from oncommons.node.receive.clinical.omop_source import is_address, opened
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

"""Transactions, errors in our own words, and migrations, on SQLite and on PostgreSQL."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect
from tests.storage.conftest import opened

import oncommons.hub.applications.tables
import oncommons.hub.audit.tables
import oncommons.hub.catalogue.tables
import oncommons.hub.decisions.tables
import oncommons.hub.labels.tables
import oncommons.hub.link.tables
import oncommons.hub.notices.tables
import oncommons.hub.people.tables
import oncommons.hub.providers.tables
import oncommons.hub.saved.tables
import oncommons.storage.turns
import oncommons.storage.worklist  # noqa: F401  (each registers its tables)
from oncommons.schema.errors import MissingPackage, NameTaken, StorageFailed, StorageFull
from oncommons.storage.database import METADATA, Database

ADD = "INSERT INTO invitation (digest, name, expires) VALUES ('{}', 'athens', 1)"


def add(database, *digests):
    with database.write() as connection:
        for digest in digests:
            connection.exec_driver_sql(ADD.format(digest))


def write_and(database, then, *arguments):
    with database.write() as connection:
        connection.exec_driver_sql(ADD.format("z"))
        then(connection, *arguments)


def raise_it(_connection, fault):
    raise fault


def fill(connection, number):
    connection.exec_driver_sql(f"INSERT INTO job VALUES ('q', '{'x' * number}', '', 1, 2)")


def fill_few_pages(connection):
    pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    fill(connection, 100_000)


def fill_big(connection):
    connection.exec_driver_sql("INSERT INTO big SELECT repeat('x', 1000) FROM generate_series(1, 9999)")


def digests(database):
    with database.read() as connection:
        return connection.exec_driver_sql("SELECT digest FROM invitation ORDER BY digest").scalars().all()


def test_what_was_written_is_kept_when_the_block_ends(database):
    add(database, "a", "b")
    assert digests(database) == ["a", "b"]


@pytest.mark.parametrize("fault", [ValueError, KeyboardInterrupt])
def test_what_was_written_is_undone_when_the_block_raises(database, fault):
    with pytest.raises(fault):
        write_and(database, raise_it, fault)
    assert digests(database) == []


def test_an_error_of_ours_passes_as_it_is(database):
    with pytest.raises(NameTaken, match="taken"), database.write():
        raise NameTaken("taken")


def test_what_the_database_refuses_is_undone_and_told(database):
    with pytest.raises(StorageFailed, match="refused") as told:
        add(database, "a", "b", "a")
    assert "invitation" in told.value.detail
    assert digests(database) == []


def test_a_database_that_refused_once_works_on(database):
    with pytest.raises(StorageFailed):
        add(database, "a", "a")
    add(database, "a")
    assert digests(database) == ["a"]


def test_reading_sees_nothing_of_a_write_that_has_not_ended(database):
    with database.write() as connection:
        connection.exec_driver_sql(ADD.format("a"))
        assert digests(database) == []
    assert digests(database) == ["a"]


def test_what_a_reading_block_writes_is_not_kept(database):
    with database.read() as connection:
        connection.exec_driver_sql(ADD.format("a"))
    assert digests(database) == []


def test_writers_that_read_first_wait_for_each_other_on_sqlite(sqlite_url):
    barrier = Barrier(4)

    def raise_by_one(database):
        barrier.wait(10)
        for _ in range(10):
            with database.write() as connection:
                number = connection.exec_driver_sql("SELECT expires FROM invitation").scalar_one()
                connection.exec_driver_sql("UPDATE invitation SET expires = ?", (number + 1,))

    with opened(sqlite_url) as database, ThreadPoolExecutor(4) as pool:
        add(database, "a")
        list(pool.map(raise_by_one, [database] * 4))
        with database.read() as connection:
            assert connection.exec_driver_sql("SELECT expires FROM invitation").scalar_one() == 41


def test_rows_that_depend_on_a_row_go_with_it(database):
    with database.write() as connection:
        connection.exec_driver_sql("INSERT INTO job VALUES ('q', '', '', 1, 2)")
        connection.exec_driver_sql("INSERT INTO work VALUES ('q', 'athens', 'waiting', 0, 0, '', NULL)")
        connection.exec_driver_sql("DELETE FROM job")
        assert connection.exec_driver_sql("SELECT count(*) FROM work").scalar_one() == 0


def test_a_database_that_may_not_grow_is_told_as_a_full_disk_on_sqlite(sqlite_url):
    with opened(sqlite_url) as database:
        with pytest.raises(StorageFull, match="Nothing was changed"):
            write_and(database, fill_few_pages)
        assert digests(database) == []


def test_a_full_disk_is_told_and_nothing_is_kept_on_sqlite(small_disk):
    with opened(f"sqlite:///{small_disk / 'hub.sqlite'}") as database:
        add(database, "a")
        with pytest.raises(StorageFull):
            write_and(database, fill, 3_000_000)
        assert digests(database) == ["a"]


def test_a_full_disk_is_told_and_nothing_is_kept_on_postgresql(postgres, postgres_url, small_disk):
    with opened(postgres_url) as database:
        add(database, "a")
        with postgres.table_space(small_disk) as space:
            with database.write() as connection:
                connection.exec_driver_sql(f"CREATE TABLE big (n text) TABLESPACE {space}")
            with pytest.raises(StorageFull) as told:
                write_and(database, fill_big)
            with database.write() as connection:
                connection.exec_driver_sql("DROP TABLE big")
        assert str(small_disk) not in told.value.message
        assert digests(database) == ["a"]


@pytest.mark.parametrize("url", ["", "nothing", "foo://bar", "sqlite:////no/such/folder/hub.sqlite"])
def test_an_address_that_cannot_be_used_is_told(url):
    with pytest.raises(StorageFailed) as told, Database(url).read() as connection:
        connection.exec_driver_sql("SELECT 1")
    assert told.value.detail
    assert "folder" not in told.value.message


def test_a_server_that_is_not_there_is_told(tmp_path):
    database = Database(f"postgresql+pg8000://postgres@/hub?unix_sock={tmp_path}/none")
    with pytest.raises(StorageFailed, match="cannot be used now"), database.read() as connection:
        connection.exec_driver_sql("SELECT 1")


def test_a_driver_that_is_not_installed_is_told_with_its_remedy():
    with pytest.raises(MissingPackage, match=r"pip install 'oncommons\[postgres\]'"):
        Database("postgresql+psycopg2cffi://hub@localhost/hub")


@pytest.mark.parametrize("keep", [0, 100], ids=["from its first byte", "after its header"])
def test_a_damaged_file_is_told(tmp_path, keep):
    file = tmp_path / "hub.sqlite"
    with opened(f"sqlite:///{file}") as database:
        add(database, "a")
    size = file.stat().st_size
    file.write_bytes(file.read_bytes()[:keep] + b"\xa5" * (size - keep))
    with pytest.raises(StorageFailed), opened(f"sqlite:///{file}") as database:
        digests(database)


def test_the_migrations_make_the_tables_that_the_code_names(database):
    with database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def test_the_migrations_name_keys_and_indexes_by_the_convention(database):
    with database.read() as connection:
        found = inspect(connection)
        for table in METADATA.tables.values():
            assert found.get_pk_constraint(table.name)["name"] == f"pk_{table.name}"
        assert [key["name"] for key in found.get_foreign_keys("work")] == ["fk_work_job_job"]


def test_upgrading_twice_is_harmless(database):
    add(database, "a")
    database.upgrade()
    assert digests(database) == ["a"]


def test_a_migration_that_cannot_be_finished_leaves_no_table(bare_url):
    database = Database(bare_url)
    with database.write() as connection:
        connection.exec_driver_sql("CREATE TABLE dataset (node text)")  # stands in the way of the last table
    with pytest.raises(StorageFailed):
        database.upgrade()
    with database.read() as connection:
        left = inspect(connection).get_table_names()
    database.close()
    assert left == ["dataset"]


def test_a_file_may_have_a_percent_sign_in_its_name(tmp_path):
    with opened(f"sqlite:///{tmp_path / '100%.sqlite'}") as database:
        assert digests(database) == []


UPGRADE = """
import sys
from oncommons.storage.database import Database
print("here", flush=True)
sys.stdin.readline()
Database(sys.argv[1]).upgrade()
"""


def test_processes_that_start_together_upgrade_one_after_the_other(bare_url):
    command = [sys.executable, "-c", UPGRADE, bare_url]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    started = [subprocess.Popen(command, text=True, **pipes) for _ in range(2)]
    for process in started:
        process.stdout.readline()
    for process in started:
        process.stdin.write("\n")
        process.stdin.flush()
    said = [process.communicate(timeout=60)[1] for process in started]
    assert [process.returncode for process in started] == [0, 0], said

"""Databases and small disks for tests."""

from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from tests import disks
from tests.storage.fakes import MemoryWorkList
from tests.storage.postgres import postgres_binaries, running_cluster

from oncommons.storage.database import Database
from oncommons.storage.worklist import SqlWorkList


@cache
def _with_tables():
    """A SQLite file that went through every step of the migrations, which takes long to do anew for each test."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "hub.sqlite"
        database = Database(f"sqlite:///{file}")
        database.upgrade()
        database.close()
        return file.read_bytes()


def lay_tables(url):
    """Where there is no SQLite file yet, put a copy of one with its tables."""
    kind, _, place = url.partition(":///")
    if kind == "sqlite" and not Path(place).exists():
        Path(place).write_bytes(_with_tables())


@contextmanager
def opened(url):
    """A database with its tables; closed when the block ends."""
    lay_tables(url)
    database = Database(url)
    try:
        database.upgrade()
        yield database
    finally:
        database.close()


@pytest.fixture(scope="session")
def postgres():
    """A PostgreSQL cluster of this process."""
    binaries = postgres_binaries()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    with running_cluster(binaries) as cluster:
        yield cluster


@pytest.fixture
def postgres_url(postgres):
    """Address of a new PostgreSQL database that has its tables."""
    with postgres.database(f"TEMPLATE {postgres.model}") as url:
        yield url


@pytest.fixture
def sqlite_url(tmp_path):
    """Address of a SQLite database that is not there yet."""
    return f"sqlite:///{tmp_path / 'hub.sqlite'}"


@pytest.fixture(params=["sqlite", "postgres"])
def url(request):
    """Address of a new database, of each kind in turn."""
    return request.getfixturevalue(f"{request.param}_url")


@pytest.fixture(params=["sqlite", "postgres"])
def bare_url(request, tmp_path):
    """Address of a new database without tables, of each kind in turn."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'bare.sqlite'}"
        return
    with request.getfixturevalue("postgres").database() as url:
        yield url


@pytest.fixture
def database(url):
    """A database with its tables, of each kind in turn."""
    with opened(url) as database:
        yield database


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def work(request):
    """A work list, of each implementation in turn."""
    if request.param == "memory":
        yield MemoryWorkList()
        return
    with opened(request.getfixturevalue(f"{request.param}_url")) as database:
        yield SqlWorkList(database)


@pytest.fixture
def small_disk():
    """A folder on a disk of 2 MiB, open to other users."""
    with disks.small_disk(2) as folder:
        folder.chmod(0o755)
        yield folder

"""Databases and small disks for tests."""

from contextlib import contextmanager

import pytest
from tests import disks
from tests.storage.fakes import MemoryWorkList
from tests.storage.postgres import postgres_binaries, running_cluster

from oncommons.storage.database import Database
from oncommons.storage.worklist import SqlWorkList


@contextmanager
def opened(url):
    """A database with its tables; closed when the block ends."""
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
    """Address of a new PostgreSQL database."""
    with postgres.database() as url:
        yield url


@pytest.fixture
def sqlite_url(tmp_path):
    """Address of a new SQLite database."""
    return f"sqlite:///{tmp_path / 'hub.sqlite'}"


@pytest.fixture(params=["sqlite", "postgres"])
def url(request):
    """Address of a new database, of each kind in turn."""
    return request.getfixturevalue(f"{request.param}_url")


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

"""Databases and small disks for tests."""

import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest
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
    """A folder on a disk of 2 MiB."""
    folder = Path(tempfile.mkdtemp(prefix="disk-"))  # pytest's own folders are closed to other users
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", folder], check=False, capture_output=True)
    if made.returncode:
        folder.rmdir()
        pytest.skip("a small disk can only be mounted by root")
    folder.chmod(0o755)
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)
    folder.rmdir()

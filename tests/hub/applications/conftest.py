"""A hub that takes applications, on each kind of database in turn, and people who write them."""

import pytest
from tests.hub.applications.writers import fill
from tests.hub.people.guests import guest, opened
from tests.storage.conftest import opened as opened_database


@pytest.fixture
def hub(tmp_path, url):
    """A hub of a test's own, on each kind of database in turn."""
    with opened(tmp_path, people="required", database=url) as hub:
        fill(hub)
        yield hub


@pytest.fixture
def plain(sqlite_url):
    """A database on SQLite, for what is the same on each kind."""
    with opened_database(sqlite_url) as database:
        yield database


@pytest.fixture(scope="package")
def small(tmp_path_factory):
    """A hub on SQLite for tests that write applications of their own, and change nothing else."""
    with opened(tmp_path_factory.mktemp("hub"), people="required") as hub:
        fill(hub)
        yield hub


@pytest.fixture(scope="package")
def ana(small):
    """Somebody at the small hub."""
    return guest(small)


@pytest.fixture(scope="package")
def bob(small):
    """Somebody else there."""
    return guest(small, "bob@berlin.example", organisation="Berlin")

"""A hub with quick passwords, on each kind of database in turn."""

import pytest
from tests.hub.people.guests import opened


@pytest.fixture
def hub(tmp_path, url):
    """A hub of a test's own, on each kind of database in turn."""
    with opened(tmp_path, database=url) as hub:
        yield hub


@pytest.fixture
def small(tmp_path):
    """A hub of a test's own on SQLite."""
    with opened(tmp_path) as hub:
        yield hub

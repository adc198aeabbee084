"""Fixtures of the hub: databases of each kind, and a hub to call."""

import pytest
from tests.hub.callers import calling
from tests.storage.conftest import (  # noqa: F401  fixtures
    database,
    postgres,
    postgres_url,
    sqlite_url,
    url,
)


@pytest.fixture
def hub(tmp_path):
    """A hub of a test's own, called in this process."""
    with calling(tmp_path) as caller:
        yield caller

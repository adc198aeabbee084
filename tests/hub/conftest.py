"""Fixtures of the hub: databases of each kind, and a hub to call."""

import pytest
from tests.hub.callers import calling
from tests.hub.federated import COLLECTIONS, federated
from tests.oracle import pooled
from tests.storage.conftest import (  # noqa: F401  fixtures
    bare_url,
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


@pytest.fixture(scope="session")
def real_hub(tmp_path_factory):
    """A hub whose two nodes answer from real collections; tests change nothing that another one sees."""
    with federated(tmp_path_factory.mktemp("federation")) as running:
        yield running


@pytest.fixture(scope="session")
def pool():
    """The same rows, for the oracle; nothing clinical is in them."""
    found = pooled.load(COLLECTIONS)
    return found.without((name, "condition") for name in found.datasets)

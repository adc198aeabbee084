"""A hub and a provider."""

import pytest
from tests.hub.providers.arriving import meeting


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """One hub and provider for all tests of a module."""
    with meeting(tmp_path_factory.mktemp("hub")) as met:
        yield met


@pytest.fixture
def met(shared):
    """The same, as if nobody had been there: the provider is honest, and everybody has another name."""
    shared.renew()
    yield shared
    shared.renew()

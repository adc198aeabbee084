"""A society for all tests of these files; each test has an application of its own."""

from itertools import count

import pytest
from tests.hub.decisions.cases import society

_NUMBERS = count(1)


@pytest.fixture(scope="session")
def everybody(tmp_path_factory):
    """Two hospitals, on SQLite."""
    with society(tmp_path_factory.mktemp("hub")) as found:
        yield found


@pytest.fixture
def here(everybody):
    """The society, at an application that nobody has written yet."""
    everybody.now = f"a{next(_NUMBERS)}"
    return everybody

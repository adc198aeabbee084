"""Fixtures of the pages."""

import pytest
from tests.web.browsing import ARGUMENTS, started


@pytest.fixture(scope="module")
def chromium():
    """A browser that asks nobody for anything by itself."""
    with started(*ARGUMENTS) as browser:
        yield browser

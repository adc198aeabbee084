"""One recogniser for all tests, since its networks take a second to load."""

import pytest

from oncommons.imaging.deid.pixels.loader import can_recognise
from oncommons.imaging.deid.pixels.networks import open_recogniser


@pytest.fixture(scope="session")
def recogniser():
    """The real one."""
    if not can_recognise():
        pytest.skip("text recognition is not installed: pip install 'oncommons[ocr]' (Python 3.11 and 3.12)")
    return open_recogniser()

"""Where the real data lie that are not part of the repository: the folder that ONCOMMONS_DATA names."""

import os
from pathlib import Path

import pytest

DATA = Path(os.environ.get("ONCOMMONS_DATA", Path(__file__).parents[2] / "shared" / "data"))


def data(name):
    """A folder of real data; the test is skipped where it is absent."""
    folder = DATA / name
    if not folder.is_dir():
        pytest.skip(f"the data {name} are not here; ONCOMMONS_DATA names the folder that holds them")
    return folder

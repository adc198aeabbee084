"""Fixtures of the stories."""

import shutil

import pytest
from tests.stories.federation import COLLECTIONS, Federation


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    """Directories of a hub and three nodes that have joined and imported; nothing runs."""
    made = Federation(tmp_path_factory.mktemp("template"))
    try:
        made.hub.start()
        for name in COLLECTIONS:
            made.add(name)
    finally:
        made.stop()
    return made


@pytest.fixture
def federation(template, tmp_path):
    """A hub and three nodes of a test's own, serving."""
    shutil.copytree(template.folder, tmp_path / "federation")
    made = Federation(tmp_path / "federation", port=template.port)
    try:
        made.hub.start()
        for name in COLLECTIONS:
            made.take_in(name).start()
        made.await_online()
        yield made
    finally:
        made.stop()

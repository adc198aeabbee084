"""Fixtures of the stories."""

import shutil
from contextlib import contextmanager

import pytest
from tests.stories.federation import COLLECTIONS, Federation, command


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


@contextmanager
def serving(template, folder, policy="open", people="open"):
    """A hub and three nodes, from a copy of the directories."""
    shutil.copytree(template.folder, folder)
    made = Federation(folder, ("--people", people), port=template.port)
    if policy != "open":
        for name in COLLECTIONS:
            command("node", "policy", policy, "--dir", str(folder / name))
    try:
        made.hub.start()
        for name in COLLECTIONS:
            made.take_in(name).start()
        made.await_online()
        yield made
    finally:
        made.stop()


@pytest.fixture
def federation(template, tmp_path):
    """A hub and three nodes of a test's own, serving."""
    with serving(template, tmp_path / "federation") as made:
        yield made


@pytest.fixture(scope="module")
def shared(template, tmp_path_factory):
    """A hub and three nodes for tests that leave them as they were; no test of such a module has others beside."""
    with serving(template, tmp_path_factory.mktemp("shared") / "federation") as made:
        yield made


@pytest.fixture(scope="module")
def private(template, tmp_path_factory):
    """As ``shared``, of nodes that count what each question takes."""
    with serving(template, tmp_path_factory.mktemp("private") / "federation", "private") as made:
        yield made

"""Images come in while the machine fails: a killed import is ended by the next, to the same bytes."""

import os
import shutil
import signal
import sqlite3
from contextlib import closing

import pydicom
import pytest
from tests.node.images import bytes_below, dicom, fill
from tests.stories.federation import command
from tests.stories.nursery import Copy

FILES = 150
SERIES = 5
MOMENTS = (0, 1, 60, 128, 140, FILES)
"""How many files have appeared among the kept images when the import is killed."""


@pytest.fixture(scope="session")
def source(tmp_path_factory):
    """A folder of small images in several series."""
    files = {f"{n % SERIES}/{n:03}.dcm": dicom(n, series=1 + n % SERIES) for n in range(FILES)}
    return fill(tmp_path_factory.mktemp("source"), files)


@pytest.fixture(scope="session")
def whole(source, tmp_path_factory):
    """A node that imported them undisturbed, and another before its import with the same secret."""
    folder = tmp_path_factory.mktemp("whole")
    command("node", "init", str(folder / "node"), "--policy", "open")
    secret = folder / "node" / "deid.key"
    secret.write_bytes(bytes(range(32)))
    shutil.copytree(folder / "node", folder / "fresh")
    told = importing(source, folder / "node")
    assert (told["kept"], told["series"], told["quarantined"]) == (FILES, SERIES, {})
    return folder


@pytest.fixture
def node(whole, tmp_path):
    """A node without images that gives the same identifiers."""
    return shutil.copytree(whole / "fresh", tmp_path / "node")


def words(source, node):
    return "node", "import", str(source), "--dataset", "x", "--dir", str(node)


def importing(source, node):
    return command(*words(source, node))


def killed(source, node, number):
    """Start an import and kill it when so many files have appeared; whether it was still running."""
    running = Copy([*words(source, node), "--json"], os.devnull)
    with running.stdout:
        while running.poll() is None and not _so_far(node, number):
            pass
        running.kill()
        return running.wait() == -signal.SIGKILL


def _so_far(node, number):
    images = node / "images"
    return images.is_dir() and sum(1 for _ in images.glob("*/*")) >= number


def named(node):
    """Where the files lie that the ledger names as kept."""
    with closing(sqlite3.connect(node / "ledger.sqlite")) as base:
        rows = base.execute("SELECT series, sop FROM file WHERE outcome = 'kept'").fetchall()
    return {f"{series}/{sop}.dcm" for series, sop in rows}


@pytest.mark.parametrize("number", MOMENTS)
def test_a_killed_import_is_ended_by_the_next_to_the_same_bytes(source, whole, node, number):
    assert killed(source, node, number) or number > FILES / 2  # a late kill may come too late
    if (node / "ledger.sqlite").exists():
        _names_only_whole_images(whole, node)
    told = importing(source, node)
    assert (told["kept"] + told["duplicate"], told["quarantined"], told["refused"]) == (FILES, {}, 0)
    assert told["series"] == SERIES
    _holds_the_same(whole, node)


def _names_only_whole_images(whole, node):
    there, right = bytes_below(node / "images"), bytes_below(whole / "node" / "images")
    with closing(sqlite3.connect(node / "ledger.sqlite")) as base:
        begun = base.execute("SELECT count(*) FROM sqlite_master WHERE name = 'file'").fetchone()[0]
    for path in named(node) if begun else ():
        assert there[path] == right[path]


def _holds_the_same(whole, node):
    kept = bytes_below(node / "images")
    assert kept == bytes_below(whole / "node" / "images")
    assert named(node) == kept.keys()
    for path in kept:
        assert pydicom.dcmread(node / "images" / path).Modality == "CT"
    assert command("node", "status", "--dir", str(node))["series"] == SERIES


def test_an_import_killed_again_and_again_is_ended_at_last(source, whole, node):
    for number in (20, 100, 149):
        killed(source, node, number)
    told = importing(source, node)
    assert told["kept"] + told["duplicate"] == FILES
    _holds_the_same(whole, node)
    assert importing(source, node)["duplicate"] == FILES

"""What becomes of odd files: each is accounted for, the good file beside it is kept, and nothing leaves the store."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from tests.odd.cases import CASES, counted

from oncommons.node.flow import import_images
from oncommons.node.home import make_home
from oncommons.node.receive.archive import arrivals_in
from oncommons.node.receive.table import About
from oncommons.policy.disclosure.counts import Policy


def entries_below(folder):
    """Every entry below a folder with its kind and size; links are not followed, and no path is too long."""
    found = set()
    for path, folders, files, at in os.fwalk(folder):
        told = {name: os.stat(name, dir_fd=at, follow_symlinks=False) for name in folders + files}
        found |= {(path, name, one.st_mode, one.st_size * (name in files)) for name, one in told.items()}
    return found


def outcome(case, folder):
    """What an import of a case tells, with all that is outside of the node compared before and after."""
    place, home = folder / "outside" / "in", make_home(folder / "node", Policy("open"))
    case.lay(place)
    before = entries_below(folder / "outside")
    report = import_images(home, arrivals_in(place), "lung", About("lung"), lambda *_: None).to_json()
    assert entries_below(folder / "outside") == before
    assert {path.name for path in folder.iterdir()} == {"outside", "node"}
    return counted(report), report["came"]


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_an_odd_file_has_its_outcome_and_its_neighbour_is_kept(case, tmp_path):
    if not case.possible:
        pytest.skip("root can read everything" if case.root is False else "only root can make it")
    assert outcome(case, tmp_path) == (case.outcome, case.came)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
@pytest.mark.parametrize("case", [case for case in CASES if case.root is False])
def test_what_may_not_be_read_has_its_outcome_for_another_user(case):
    folder = Path(tempfile.mkdtemp(prefix="odd-"))  # pytest's own folders are closed to others
    os.chown(folder, 65534, 65534)
    os.seteuid(65534)
    try:
        assert outcome(case, folder) == (case.outcome, case.came)
    finally:
        os.seteuid(0)
        shutil.rmtree(folder)

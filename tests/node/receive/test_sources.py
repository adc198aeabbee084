"""Sources that other packages bring: a real package on the path, whose entry point the import finds."""

import importlib
import json
import pickle
import sys

import pytest
from tests.node.images import bytes_below, dicom, fill

from oncommons.node.receive.sources import arrivals_from, installed, split
from oncommons.schema.errors import UnreadableSource

MODULE = '''
from dataclasses import dataclass
from pathlib import Path

from oncommons.node.receive.folder import FileArrival


@dataclass(frozen=True)
class Sent:
    name: str
    content: bytes = b"held"

    def read(self):
        raise ConnectionError("closed while it sent DOE^JANE")


def shelf(what, room):
    """The files of a folder that is called by a number."""
    for path in sorted((Path(__file__).parent / "rooms" / what).iterdir()):
        if path.name == "broken":
            raise RuntimeError("DOE^JANE")
        yield Sent(str(path)) if path.name == "closed" else FileArrival(path)
'''
POINTS = "[oncommons.sources]\nshelf = shelf_of_images:shelf\nlost = shelf_of_images:nowhere\n"


@pytest.fixture
def package(tmp_path):
    """A package with a source, its folder on the path of Python."""
    place = tmp_path / "site"
    files = {
        "shelf_of_images.py": MODULE.encode(),
        "shelf_of_images-1.0.dist-info/METADATA": b"Metadata-Version: 2.1\nName: shelf-of-images\nVersion: 1.0\n",
        "shelf_of_images-1.0.dist-info/entry_points.txt": POINTS.encode(),
    }
    for name, content in files.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(content)
    sys.path.insert(0, str(place))
    importlib.invalidate_caches()
    yield place
    sys.path.remove(str(place))
    sys.modules.pop("shelf_of_images", None)


def test_a_package_brings_a_way_in(oncommons, home, package):
    fill(package / "rooms" / "7", {"1": dicom(1), "2": dicom(2), "note.txt": b"nothing"})
    words = ("node", "import", "shelf:7", "--dataset", "lung", "--dir", home.folder, "--json")
    status, out, _ = oncommons(*words)
    assert status == 0
    assert json.loads(out) | {"faces": 0} == {
        "dataset": "lung",
        "came": 3,
        "kept": 2,
        "duplicate": 0,
        "quarantined": {},
        "refused": 1,
        "series": 1,
        "elsewhere": {},
        "faces": 0,
    }
    assert json.loads(oncommons(*words)[1])["duplicate"] == 2


def test_a_source_that_fails_loses_nothing(oncommons, home, package):
    fill(package / "rooms" / "7", {"1": dicom(1), "broken": b""})
    words = ("node", "import", "shelf:7", "--dataset", "lung", "--dir", home.folder)
    status, _, err = oncommons(*words)
    assert status != 0
    assert "'shelf' failed: RuntimeError. What was kept stays; repeat the command" in " ".join(err.split())
    (package / "rooms" / "7" / "broken").unlink()
    told = json.loads(oncommons(*words, "--json")[1])
    assert (told["came"], told["series"], told["kept"] + told["duplicate"]) == (1, 1, 1)
    assert b"DOE^JANE" not in bytes_below(home.folder)


def test_the_words_of_a_source_that_fails_are_for_this_node_only(tmp_path, package):
    fill(package / "rooms" / "7", {"broken": b""})
    with pytest.raises(UnreadableSource) as raised:
        list(arrivals_from("shelf:7", tmp_path))
    assert "DOE" not in str(raised.value)
    assert "DOE^JANE" in raised.value.detail


@pytest.mark.parametrize("processes", ["1", "2"])
def test_an_object_of_a_source_that_cannot_be_read_is_told_as_the_source_s_fault(oncommons, home, package, processes):
    fill(package / "rooms" / "7", {"1": dicom(1), "closed": b""})
    words = ("node", "import", "shelf:7", "--dataset", "lung", "--dir", home.folder, "--processes", processes)
    status, out, err = oncommons(*words)
    assert status == 30
    assert "'shelf' failed: ConnectionError. What was kept stays; repeat the command" in " ".join(err.split())
    assert "Traceback" not in out + err


def test_an_object_of_a_source_goes_to_other_processes_with_what_it_holds(tmp_path, package):
    fill(package / "rooms" / "7", {"closed": b""})
    (arrival,) = arrivals_from("shelf:7", tmp_path)
    there = pickle.loads(pickle.dumps(arrival))
    assert (there.name, there.content) == (arrival.name, b"held")
    with pytest.raises(UnreadableSource, match="ConnectionError") as raised:
        there.read()
    assert "DOE^JANE" in pickle.loads(pickle.dumps(raised.value)).detail


def test_a_source_needs_the_name_of_a_dataset(oncommons, home, package):
    status, _, err = oncommons("node", "import", "shelf:7", "--dir", home.folder)
    assert status != 0
    assert "--dataset NAME" in err


@pytest.mark.parametrize(("named", "said"), [("xnat:7", "installed: lost, shelf"), ("lost:7", "AttributeError")])
def test_a_source_that_is_not_there_is_told_with_those_that_are(tmp_path, package, named, said):
    with pytest.raises(UnreadableSource, match=said):
        arrivals_from(named, tmp_path)
    assert set(installed()) >= {"shelf", "lost"}


def test_a_path_stays_a_path_whatever_it_is_called(tmp_path, package):
    place = fill(tmp_path / "shelf:7", {"1": dicom(1)})
    assert split(str(place)) == ("", str(place))
    assert [arrival.name for arrival in arrivals_from(str(place), tmp_path)] == [str(place / "1")]
    assert split("shelf:7") == ("shelf", "7")
    assert split("C:7") == ("", "C:7")
    assert split("shelf:" + "7" * 300) == ("shelf", "7" * 300)
    assert split("shelf:7\0") == ("shelf", "7\0")


def test_what_a_source_is_to_find_may_be_called_as_a_table_is(oncommons, home, package):
    fill(package / "rooms" / "7.csv", {"1": dicom(1)})
    words = ("node", "import", "shelf:7.csv", "--dataset", "lung", "--dir", home.folder, "--json")
    assert json.loads(oncommons(*words)[1])["kept"] == 1

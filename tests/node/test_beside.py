"""What a node does beside answering: each part runs as long as the block, and ends with it."""

import json
import threading
from contextlib import closing
from pathlib import Path

import pytest
import requests
from tests.node.images import bytes_below, dicom, fill
from tests.peers import run_dcmtk

from oncommons.node.beside import Asked, beside, watch_on
from oncommons.node.desk import Desk
from oncommons.node.image_commands import Watching
from oncommons.schema.errors import MachineError, UnreadableSource
from oncommons.storage.ledger import Ledger


def run(home, **asked):
    return beside(home, Asked(**asked), lambda _: None, as_json=True)


def ours():
    """What runs beside a node, by name; a server that another test left running is no part of it."""
    parts = {"oncommons index", "oncommons folder", "oncommons receiver"}
    return {thread.name for thread in threading.enumerate()} & parts


def series(home):
    return Desk(home).answer({"count": "series"}).certain.at_least


def test_nothing_runs_where_nothing_is_asked(home):
    with run(home) as told:
        assert (told, ours()) == (({}, []), set())


def test_what_is_sent_is_kept_and_indexed_when_the_block_ends(home, tmp_path, capsys):
    place = fill(tmp_path / "out", {"1.dcm": dicom(1), "2.dcm": dicom(2)})
    with run(home, dataset="lung", receive=0, host="127.0.0.1", aet="ATHENS") as (body, lines):
        assert (body["receiving"], lines) == ("ATHENS", [f"ATHENS receives at port {body['port']}, for dataset lung."])
        assert run_dcmtk("storescu", "-v", "+sd", "127.0.0.1", body["port"], place).count("(Success)") == 2
    assert (series(home), ours()) == (1, set())
    assert "2 kept, de-identified" in capsys.readouterr().err


def test_what_is_put_into_the_folder_is_taken_in(home, tmp_path, capsys):
    place = fill(tmp_path / "in", {"1": dicom(1), "2": b"no image"})
    moved = threading.Event()

    def look():
        while not (place / "done" / "1").exists():
            moved.wait(0.02)

    with run(home, dataset="lung", watch=place, quiet=0, move=True) as (body, _):
        assert body == {"watching": str(place)}
        look()
    told = json.loads(capsys.readouterr().out)
    assert (told["kept"], told["refused"], told["dataset"]) == (1, 1, "lung")
    assert sorted(bytes_below(place)) == ["2", "done/1"]
    assert (series(home), ours()) == (1, set())


def test_the_console_is_served_as_long_as_the_block(home):
    with run(home, console=0, dicomweb=True) as (body, _), requests.Session() as browser:
        told = body["console"]
        browser.get(told["link"], timeout=30)
        assert browser.get(told["dicomweb"] + "/studies", timeout=30).status_code == 204
    with pytest.raises(requests.ConnectionError):
        requests.get(told["url"], timeout=30)
    assert ours() == set()


@pytest.mark.parametrize(
    "asked",
    [
        {"receive": 0},
        {"watch": Path()},
        {"watch": Path("none"), "dataset": "lung"},
    ],
)
def test_what_cannot_be_done_is_told_before_anything_begins(home, asked):
    with pytest.raises(UnreadableSource), run(home, **asked):
        pass
    assert ours() == set()


def test_a_part_that_cannot_begin_ends_the_others(home):
    with pytest.raises(MachineError), run(home, dataset="lung", receive=0, console=0, host="192.0.2.1"):
        pass
    with (
        pytest.raises(MachineError),
        run(home, dataset="lung", receive=0, console=0, host="127.0.0.1", certificate="none.pem"),
    ):
        pass
    assert ours() == set()


class Ends:
    """An event that is set after so many looks; tells how long each was to wait."""

    def __init__(self, looks, each=lambda: None):
        self.looks, self.waits, self.each = looks, [], each

    def is_set(self):
        return len(self.waits) >= self.looks

    def wait(self, seconds):
        self.waits.append(seconds)
        self.each()
        return self.is_set()


def test_a_folder_that_is_gone_is_looked_at_again_later(home, tmp_path, capsys):
    place = tmp_path / "share"
    ended = Ends(3, lambda: place.exists() or fill(place, {"1": dicom(1)}))
    watch_on(home, Watching(place, "lung", quiet=0), ended, as_json=True, pauses=(1, 60))
    assert ended.waits == [60, 1, 1]
    assert json.loads(capsys.readouterr().out)["kept"] == 1


def test_a_fault_of_ours_does_not_end_the_watch(home, tmp_path, monkeypatch):
    place = fill(tmp_path / "in", {"1": dicom(1)})
    monkeypatch.setattr("oncommons.node.image_commands.import_images", lambda *_: 1 / 0)
    ended = Ends(2)
    watch_on(home, Watching(place, "lung", quiet=0), ended, as_json=True, pauses=(1, 60))
    assert ended.waits == [60, 60]
    monkeypatch.undo()
    watch_on(home, Watching(place, "lung", quiet=0), Ends(1), as_json=True, pauses=(1, 60))
    with closing(Ledger(home.ledger_file)) as ledger:
        assert len(list(ledger.kept("lung"))) == 1

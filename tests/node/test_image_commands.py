"""Commands for images, run as the front door runs them."""

import hashlib
import json
import os
import pwd
import subprocess
import sys
from contextlib import closing
from itertools import count

import pydicom
import pytest
from tests.node.images import bytes_below, dicom, fill
from tests.odd.archives import MAKERS, zipped

from oncommons.node.desk import Desk
from oncommons.node.home import open_home
from oncommons.node.image_commands import Watching, keep_watch, this_person
from oncommons.storage.ledger import Ledger


@pytest.fixture
def images(tmp_path):
    """A folder of two images, one that may show text, and one file that is something else."""
    files = {"1": dicom(1), "2": dicom(2), "3": dicom(3, Modality="XC"), "letter.txt": b"dear sir or madam"}
    return fill(tmp_path / "images", files)


def test_import_takes_images_and_accounts_for_every_file(oncommons, home, images):
    status, out, _ = oncommons("node", "import", images, "--dir", home.folder)
    assert status == 0
    assert [line.split()[0] for line in out.splitlines()] == ["4", "2", "0", "1", "1", "1", "Next:"]
    assert "dataset images has 1 series now" in out
    assert "The image may show text (E604)" in out
    assert "oncommons node quarantine" in out


def test_import_of_images_tells_its_numbers_as_json(oncommons, home, images):
    words = ("node", "import", images, "--dataset", "lung", "--title", "Lung CT", "--dir", home.folder, "--json")
    numbers = {"dataset": "lung", "came": 4, "quarantined": {"E604": 1}, "refused": 1, "series": 1}
    numbers |= {"elsewhere": {}, "faces": 0}
    assert json.loads(oncommons(*words)[1]) == numbers | {"kept": 2, "duplicate": 0}
    assert json.loads(oncommons(*words)[1]) == numbers | {"kept": 0, "duplicate": 2}
    assert json.loads(oncommons("node", "status", "--dir", home.folder, "--json")[1])["series"] == 1
    assert [card.title for card in Desk(home).cards()] == ["Lung CT"]


def test_import_takes_a_single_image(oncommons, home, images):
    status, out, _ = oncommons("node", "import", images / "1", "--dataset", "lung", "--dir", home.folder, "--json")
    assert (status, json.loads(out)["kept"]) == (0, 1)


def test_import_says_which_files_are_in_another_dataset(oncommons, home, images):
    oncommons("node", "import", images, "--dataset", "lung", "--dir", home.folder)
    _, out, _ = oncommons("node", "import", images, "--dataset", "breast", "--dir", home.folder)
    lines = [line.split() for line in out.splitlines()]
    assert ["2", "were", "there", "already"] in lines
    assert ["2", "in", "dataset", "lung,", "where", "they", "stay"] in lines


def test_import_says_that_faces_could_be_rebuilt(oncommons, home, tmp_path):
    place = fill(tmp_path / "in", {"1": dicom(1, BodyPartExamined="HEAD", SliceThickness="1.0")})
    assert "From 1 of the series a face could be rebuilt" in oncommons("node", "import", place, "--dir", home.folder)[1]
    assert "face" not in oncommons("node", "import", place, "--dir", home.folder)[1]


@pytest.mark.parametrize("name", ["[bold]x", "[", "ü ¿", "a'b", "a\nb"])
def test_import_takes_a_folder_of_any_name(oncommons, home, tmp_path, name):
    place = fill(tmp_path / "in" / name, {"1": dicom(1)})
    status, out, _ = oncommons("node", "import", place, "--dir", home.folder, "--json")
    assert (status, json.loads(out)["dataset"]) == (0, name)


def test_import_takes_a_folder_whose_name_is_no_text(oncommons, home, tmp_path):
    place = fill(tmp_path / os.fsdecode(b"\xff\xfe"), {"1": dicom(1)})
    status, out, _ = oncommons("node", "import", place, "--dir", home.folder, "--json")
    assert (status, json.loads(out)["dataset"]) == (0, "\ufffd\ufffd")
    assert oncommons("node", "quarantine", "list", "--dir", home.folder)[0] == 0


def test_import_of_images_that_are_not_there_is_refused(oncommons, home, tmp_path):
    status, out, _ = oncommons("node", "import", tmp_path / "none", "--dir", home.folder, "--json")
    assert (status, json.loads(out)["error"]["code"]) == (30, "E304")
    assert str(tmp_path) not in out


def test_quarantine_tells_what_waits_and_why(oncommons, home, images):
    assert oncommons("node", "quarantine", "list", "--dir", home.folder)[1] == "Nothing is in quarantine.\n"
    oncommons("node", "import", images, "--dataset", "lung", "--dir", home.folder)
    raw = (images / "3").read_bytes()
    digest = hashlib.sha256(raw).hexdigest()
    status, out, _ = oncommons("node", "quarantine", "list", "--dir", home.folder)
    assert (status, out.split()[:2]) == (0, [digest[:16], "E604"])
    (told,) = json.loads(oncommons("node", "quarantine", "list", "--dir", home.folder, "--json")[1])["quarantine"]
    assert told.pop("reason")
    assert told == {"file": digest, "dataset": "lung", "code": "E604", "bytes": len(raw), "decisions": []}


def test_quarantine_of_a_damaged_ledger_is_told(oncommons, home):
    home.ledger_file.write_bytes(b"dear sir or madam, " * 500)
    status, out, _ = oncommons("node", "quarantine", "list", "--dir", home.folder, "--json")
    assert (status, json.loads(out)["error"]["code"]) == (40, "E403")


@pytest.fixture
def laid_aside(oncommons, home, images):
    """The digest of the image that waits."""
    oncommons("node", "import", images, "--dataset", "lung", "--title", "Lung CT", "--dir", home.folder)
    return hashlib.sha256((images / "3").read_bytes()).hexdigest()


def test_what_was_looked_at_is_released_and_can_be_asked_for(oncommons, home, laid_aside):
    words = ("node", "quarantine", "release", laid_aside[:12], "--dir", home.folder)
    assert oncommons(*words)[1] == f"{laid_aside[:16]}  kept\n"
    assert len(bytes_below(home.images)) == 3
    desk = Desk(home)
    assert [card.title for card in desk.cards()] == ["Lung CT"]
    assert desk.answer({"count": "series", "where": {"field": "modality", "in": ["XC"]}}).certain.at_least == 1
    status, out, _ = oncommons(*words, "--json")
    assert (status, json.loads(out)["error"]["code"]) == (40, "E404")


def test_what_cannot_be_released_stays_and_says_why(oncommons, home, tmp_path):
    place = fill(tmp_path / "waves", {"1": dicom(1, Modality="HC")})
    oncommons("node", "import", place, "--dir", home.folder)
    digest = hashlib.sha256((place / "1").read_bytes()).hexdigest()
    status, out, _ = oncommons("node", "quarantine", "release", digest, "--dir", home.folder, "--json")
    (told,) = json.loads(out)["released"]
    assert (status, told["outcome"], told["code"]) == (0, "quarantined", "E605")


def test_what_is_rejected_goes(oncommons, home, laid_aside, images):
    out = oncommons("node", "quarantine", "reject", laid_aside[:8], "--dir", home.folder)[1]
    assert out == f"{laid_aside[:16]}  rejected\n"
    assert bytes_below(home.quarantine) == {}
    body = json.loads(oncommons("node", "import", images, "--dataset", "lung", "--dir", home.folder, "--json")[1])
    assert (body["refused"], body["quarantined"]) == (2, {})


def decided(oncommons, home):
    return json.loads(oncommons("node", "quarantine", "list", "--decided", "--dir", home.folder, "--json")[1])[
        "decided"
    ]


def test_who_decided_is_told(oncommons, home, laid_aside):
    listed = ("node", "quarantine", "list", "--decided", "--dir", home.folder)
    assert oncommons(*listed)[1] == "Nothing was decided.\n"
    oncommons("node", "quarantine", "reject", laid_aside, "--dir", home.folder)
    (told,) = decided(oncommons, home)
    user = pwd.getpwuid(os.getuid()).pw_name
    assert (told["file"], told["decision"], told["by"], told["way"]) == (laid_aside, "reject", user, "command line")
    assert told["at"][:2] == "20"
    assert oncommons(*listed)[1].startswith(f"{laid_aside[:16]}  reject by {user} (command line) at 20")


def test_a_release_that_was_tried_is_told_beside_the_file_that_waits(oncommons, home, tmp_path):
    oncommons("node", "import", fill(tmp_path / "waves", {"1": dicom(1, Modality="HC")}), "--dir", home.folder)
    listed = ("node", "quarantine", "list", "--dir", home.folder)
    (told,) = json.loads(oncommons(*listed, "--json")[1])["quarantine"]
    oncommons("node", "quarantine", "release", told["file"], "--dir", home.folder)
    (told,) = json.loads(oncommons(*listed, "--json")[1])["quarantine"]
    assert [(one["decision"], one["became"]) for one in told["decisions"]] == [("release", "quarantined")]
    assert oncommons(*listed)[1].splitlines()[1].strip().startswith("release by ")


def test_behind_sudo_both_are_named(monkeypatch):
    monkeypatch.setenv("SUDO_USER", "anna")
    assert this_person().name == f"anna as {pwd.getpwuid(os.getuid()).pw_name}"


def test_a_user_without_a_name_is_told_by_number(monkeypatch):
    monkeypatch.delenv("SUDO_USER", raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 4_000_000_000)
    assert this_person().name == "user 4000000000"


@pytest.mark.parametrize("name", ["3f2a", "", "*" * 12, "0" * 64, "../../etc/passwd"])
def test_a_file_that_is_not_named_well_is_told_and_nothing_is_done(oncommons, home, laid_aside, name):
    status, out, _ = oncommons("node", "quarantine", "reject", laid_aside, name, "--dir", home.folder, "--json")
    assert (status, json.loads(out)["error"]["code"]) == (40, "E404")
    assert laid_aside in bytes_below(home.quarantine)


def test_a_kept_file_can_neither_be_released_nor_rejected(oncommons, home, laid_aside, images):
    kept = hashlib.sha256((images / "1").read_bytes()).hexdigest()
    for verb in ("release", "reject"):
        assert oncommons("node", "quarantine", verb, kept, "--dir", home.folder)[0] == 40
    assert len(bytes_below(home.images)) == 2


def test_a_folder_of_many_files_is_taken_in_whole(oncommons, home, tmp_path):
    place = fill(tmp_path / "many", {f"{n:03}": dicom(n) for n in range(1, 201)})
    status, out, _ = oncommons("node", "import", place, "--dir", home.folder, "--json")
    assert status == 0, out
    assert json.loads(out)["kept"] == 200


@pytest.mark.parametrize("name", ["export.zip", "export.tar.gz", "export"])
def test_import_takes_an_archive(oncommons, home, images, tmp_path, name):
    files = {path.name: path.read_bytes() for path in images.iterdir()}
    place = tmp_path / name
    place.write_bytes(zipped(files) if name != "export.tar.gz" else MAKERS["a.tar.gz"](files))
    words = ("node", "import", place, "--dataset", "lung", "--dir", home.folder, "--json")
    numbers = {"dataset": "lung", "came": 4, "quarantined": {"E604": 1}, "refused": 1, "series": 1}
    numbers |= {"elsewhere": {}, "faces": 0}
    assert json.loads(oncommons(*words)[1]) == numbers | {"kept": 2, "duplicate": 0}
    assert json.loads(oncommons(*words, "--processes", 2)[1]) == numbers | {"kept": 0, "duplicate": 2}


def test_import_looks_into_the_archives_of_a_folder(oncommons, home, images):
    (images / "more.ZIP").write_bytes(zipped({"4": dicom(4), "1": dicom(1)}))
    status, out, _ = oncommons("node", "import", images, "--dir", home.folder, "--json")
    assert status == 0, out
    assert {key: json.loads(out)[key] for key in ("came", "kept", "duplicate")} == {
        "came": 6,
        "kept": 3,
        "duplicate": 1,
    }


def watched(home, place, looks, **more):
    """Watches a folder for as many looks, ten seconds apart; before each of them something is done."""
    turns = iter(looks)

    def wait():
        look = next(turns, None)
        return look is None or bool(look())

    watching = Watching(place, "lung", quiet=10, **more)
    keep_watch(home, watching, count(0, 10).__next__, wait, as_json=True)


def test_a_watched_folder_is_taken_in_as_its_files_become_ready(home, images, capsys):
    def more():
        (images / "later.zip").write_bytes(zipped({"4": dicom(4), "5": dicom(5)}))

    watched(home, images, [lambda: None, more, lambda: None, lambda: None])
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(one["came"], one["kept"], one["series"]) for one in told] == [(4, 2, 1), (2, 2, 1)]
    assert {path.name for path in images.iterdir()} == {"1", "2", "3", "letter.txt", "later.zip"}


def test_what_is_kept_is_moved_and_the_rest_stays(home, images):
    (images / "whole.zip").write_bytes(zipped({"4": dicom(4), "1": dicom(1)}))
    (images / "mixed.zip").write_bytes(zipped({"5": dicom(5), "letter": b"dear sir or madam"}))
    watched(home, images, [lambda: None] * 3, move=True)
    assert {path.name for path in images.iterdir()} == {"3", "letter.txt", "mixed.zip", "done"}
    assert {path.name for path in (images / "done").iterdir()} == {"1", "2", "whole.zip"}


def test_what_a_watch_leaves_out_when_it_is_told_to_end_is_not_moved_and_comes_again(home, images, capsys):
    steps = iter([False, False, True, True, True, True])
    watching = Watching(images, "lung", quiet=0, move=True)
    before = bytes_below(images)
    keep_watch(home, watching, count().__next__, lambda: True, as_json=True, ended=lambda: next(steps))
    assert json.loads(capsys.readouterr().out)["came"] == 2
    assert bytes_below(images) == before
    keep_watch(home, watching, count().__next__, lambda: True, as_json=True)
    assert json.loads(capsys.readouterr().out)["came"] == len(before)


def test_watch_ends_when_it_is_told_to(home, images):
    words = ["node", "watch", images, "--dataset", "lung", "--quiet", "0", "--every", "0.05", "--dir", home.folder]
    command = [sys.executable, "-m", "oncommons", *map(str, words), "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        told = [json.loads(running.stdout.readline()) for _ in range(2)]
        running.terminate()
    assert told[0] == {"watching": str(images)}
    assert (told[1]["came"], told[1]["kept"]) == (4, 2)


def test_a_node_follows_its_own_profile_and_tells_one_that_cannot_be_applied(oncommons, home, images):
    home.profile_file.write_text('name = "athens 1"\n[attributes]\n"0018,0050" = "X"\n')
    oncommons("node", "import", images, "--dataset", "lung", "--dir", home.folder)
    kept = [pydicom.dcmread(path) for path in home.images.rglob("*.dcm")]
    assert {(one.DeidentificationMethod, "SliceThickness" in one) for one in kept} == {("athens 1", False)}
    home.profile_file.write_text('name = "athens 2"\n[attributes]\n"0010,0010" = "K"\n')
    status, out, _ = oncommons("node", "import", images, "--dataset", "lung", "--dir", home.folder, "--json")
    assert (status, json.loads(out)["error"]["code"]) == (30, "E308")


def test_images_of_a_node_may_lie_in_an_object_store(oncommons, tmp_path, images):
    folder = tmp_path / "bologna"
    store = f"memory://{tmp_path.name}/bologna"
    assert oncommons("node", "init", folder, "--policy", "open", "--images", store)[0] == 0
    status, out, _ = oncommons("node", "import", images, "--dataset", "lung", "--dir", folder, "--json")
    assert (status, json.loads(out)["kept"]) == (0, 2)
    assert not (folder / "images").exists()
    with closing(Ledger(folder / "ledger.sqlite")) as ledger:
        entry = ledger.entry(hashlib.sha256((images / "1").read_bytes()).hexdigest())
    with open_home(folder).blobs.open(f"{entry.series}/{entry.sop}.dcm") as file:
        assert pydicom.dcmread(file).SOPInstanceUID == entry.sop


def test_a_store_that_there_is_not_is_told_before_a_node_is_made(oncommons, tmp_path):
    status, out, _ = oncommons("node", "init", tmp_path / "x", "--images", "pigeon://x", "--json")
    assert (status, json.loads(out)["error"]["code"], (tmp_path / "x").exists()) == (40, "E403", False)

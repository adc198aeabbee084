"""Files of a folder: each entry is named once, and only regular files of a bearable size are read."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from tests.odd.places import too_deep

from oncommons.node.receive.folder import LARGEST_FILE, files_in, read_file, whole
from oncommons.schema.errors import DamagedImage, ImageTooLarge, NotDicom, UnreadableSource

AS_ANOTHER_USER = """
import os, sys
from pathlib import Path
from oncommons.node.receive.folder import files_in, read_file
from oncommons.schema.errors import OncommonsError
os.setuid(65534)
for place in sys.argv[1:]:
    try:
        print([read_file(path) for path in files_in(Path(place))])
    except OncommonsError as fault:
        print(fault.code)
"""


def found(place):
    return [str(path.relative_to(place)) for path in files_in(place)]


def test_an_empty_folder_has_no_files(tmp_path):
    assert found(tmp_path) == []


def test_files_of_sub_folders_come_too_always_in_the_same_order(tmp_path):
    for name in ("b/2", "b/1", "a/c/1", "z", "y"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "empty").mkdir()
    assert found(tmp_path) == ["y", "z", "a/c/1", "b/1", "b/2"]


def test_a_file_may_be_named_itself(tmp_path):
    (tmp_path / "one").write_bytes(b"x")
    assert list(files_in(tmp_path / "one")) == [tmp_path / "one"]


@pytest.mark.parametrize("name", ["none", "one/two"])
def test_a_place_that_is_not_there_is_told(tmp_path, name):
    (tmp_path / "one").write_bytes(b"x")
    with pytest.raises(UnreadableSource) as told:
        list(files_in(tmp_path / name))
    assert str(tmp_path) not in told.value.message


@pytest.mark.parametrize("name", [b"a\nb", b"\xff\xfe\x80", b"-rf", b" ", b"*", "ü".encode(), b"x" * 255])
def test_files_of_any_name_are_read(tmp_path, name):
    path = tmp_path / os.fsdecode(name)
    path.write_bytes(b"content")
    assert list(files_in(tmp_path)) == [path]
    assert read_file(path) == b"content"


def test_a_deep_folder_is_read_to_its_ground(tmp_path):
    deep = tmp_path.joinpath(*["d"] * 200)
    deep.mkdir(parents=True)
    (deep / "one").write_bytes(b"x")
    assert [path.name for path in files_in(tmp_path)] == ["one"]


def test_links_are_named_and_not_followed(tmp_path):
    elsewhere, place = tmp_path / "elsewhere", tmp_path / "place"
    elsewhere.mkdir()
    place.mkdir()
    (elsewhere / "one").write_bytes(b"x")
    (place / "file").symlink_to(elsewhere / "one")
    (place / "folder").symlink_to(elsewhere)
    (place / "loop").symlink_to("loop")
    (place / "nowhere").symlink_to("none")
    (place / "up").symlink_to(place)
    assert found(place) == ["file", "folder", "loop", "nowhere", "up"]
    for path in files_in(place):
        with pytest.raises(NotDicom):
            read_file(path)


def test_a_pipe_is_refused_without_waiting_for_a_writer(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert found(tmp_path) == ["pipe"]
    with pytest.raises(NotDicom):
        read_file(tmp_path / "pipe")


def test_a_socket_and_a_device_and_a_folder_are_refused(tmp_path):
    with socket.socket(socket.AF_UNIX) as listening:
        here = os.open(tmp_path, os.O_RDONLY)  # paths of sockets must be short
        listening.bind(f"/proc/self/fd/{here}/socket")
        os.close(here)
    for path in (tmp_path / "socket", Path(os.devnull), tmp_path):
        with pytest.raises(NotDicom):
            read_file(path)


def test_a_file_that_has_gone_is_damaged_or_no_file(tmp_path):
    with pytest.raises((DamagedImage, NotDicom)):
        read_file(tmp_path / "gone")


def test_a_file_larger_than_the_limit_is_not_read(tmp_path):
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(LARGEST_FILE + 1)
    with pytest.raises(ImageTooLarge):
        read_file(path)


def test_an_empty_file_is_read(tmp_path):
    (tmp_path / "empty").touch()
    assert read_file(tmp_path / "empty") == b""


@pytest.fixture
def open_folder():
    """A folder that every user may enter; pytest's own are closed to others."""
    folder = Path(tempfile.mkdtemp(prefix="folder-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_what_may_not_be_read_is_told(open_folder):
    for name in ("may", "may_not", "not_listed", "not_entered"):
        (open_folder / name).mkdir()
        (open_folder / name / "one").write_bytes(b"x")
    (open_folder / "above" / "closed").mkdir(parents=True)
    (open_folder / "above" / "closed").chmod(0o700)
    (open_folder / "may_not" / "one").chmod(0o000)
    (open_folder / "not_listed").chmod(0o711)
    (open_folder / "not_entered").chmod(0o744)
    places = ["may", "may_not", "may_not/one", "not_listed", "not_entered", "not_entered/one", "above"]
    done = subprocess.run(
        [sys.executable, "-c", AS_ANOTHER_USER, *(open_folder / place for place in places)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split("\n") == ["[b'x']", "E602", "E602", "E304", "E602", "E304", "E602", ""]


class Changing:
    """A file that something happens to while it is read."""

    def __init__(self, path, happens):
        self.path, self.happens, self.file = path, happens, path.open("rb")

    def read(self, _handle, size):
        content = self.file.read(size)
        self.happens(self.path)
        return content


def longer(path):
    with path.open("ab") as file:
        file.write(b"more")


def rewritten(path):
    path.write_bytes(b"other content")
    os.utime(path, ns=(1, 1))


@pytest.mark.parametrize("happens", [longer, rewritten, lambda path: os.truncate(path, 3)])
def test_a_file_that_changes_while_it_is_read_is_damaged(tmp_path, happens):
    path = tmp_path / "one"
    path.write_bytes(b"same size now")
    changing = Changing(path, happens)
    with changing.file, pytest.raises(DamagedImage):
        whole(changing.file.fileno(), changing.read)


def test_a_file_that_is_taken_away_while_it_is_read_is_read(tmp_path):
    path = tmp_path / "one"
    path.write_bytes(b"content")
    changing = Changing(path, Path.unlink)
    with changing.file:
        assert whole(changing.file.fileno(), changing.read) == b"content"


def test_a_folder_that_is_too_deep_to_be_listed_is_told_and_the_others_are_read(tmp_path):
    too_deep(tmp_path)
    (tmp_path / "e").mkdir()
    (tmp_path / "e" / "one").write_bytes(b"x")
    deep, one = files_in(tmp_path)
    assert one == tmp_path / "e" / "one"
    with pytest.raises(DamagedImage):
        read_file(deep)

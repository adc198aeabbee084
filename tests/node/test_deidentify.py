"""The node's secret: made once, for its owner only, the same for all who come at once."""

import os
import subprocess
import sys
import threading

import pytest

from oncommons.imaging.deid.keys import SECRET_BYTES
from oncommons.imaging.deid.rules import CANCER_RESEARCH
from oncommons.node.deidentify import node_keys, node_profile
from oncommons.schema.errors import BadProfile, StorageFailed

MANY = """
import sys
from pathlib import Path
from oncommons.imaging.deid.rules import CANCER_RESEARCH
from oncommons.node.deidentify import node_keys, node_profile
print("ready", flush=True)
sys.stdin.readline()
print(node_keys(Path(sys.argv[1])).patient(b"p").decode())
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "deid.key"


def sample(keys):
    return keys.patient(b"p"), keys.uid(b"1.2.3"), keys.days(b"p")


def test_the_secret_is_made_once(path):
    first = sample(node_keys(path))
    secret = path.read_bytes()
    assert (sample(node_keys(path)), path.read_bytes(), len(secret)) == (first, secret, SECRET_BYTES)


def test_nothing_else_is_left_in_the_folder(path):
    node_keys(path)
    node_keys(path)
    assert list(path.parent.iterdir()) == [path]


def test_the_secret_is_for_its_owner_only_whatever_the_umask(path):
    before = os.umask(0)
    try:
        node_keys(path)
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o600


def test_every_node_has_another_secret(path, tmp_path):
    assert sample(node_keys(path)) != sample(node_keys(tmp_path / "other.key"))


@pytest.mark.parametrize("content", [b"", b"short", b"x" * (SECRET_BYTES + 1)])
def test_a_damaged_secret_is_told_and_left_as_it_is(path, content):
    path.write_bytes(content)
    with pytest.raises(StorageFailed) as told:
        node_keys(path)
    assert str(path.parent) not in told.value.message
    assert path.read_bytes() == content


def test_a_secret_that_cannot_be_read_or_made_is_told(path, tmp_path):
    path.mkdir()
    for place in (path, tmp_path / "none" / "deid.key"):
        with pytest.raises(StorageFailed):
            node_keys(place)


def test_a_link_to_nowhere_in_its_place_is_told(path):
    path.symlink_to("none")
    with pytest.raises(StorageFailed):
        node_keys(path)


def test_threads_at_once_get_the_same_secret(path):
    found, start = [], threading.Barrier(8)

    def ask():
        start.wait()
        found.append(sample(node_keys(path)))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [sample(node_keys(path))] * 8


def test_processes_at_once_get_the_same_secret(path):
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    several = [subprocess.Popen([sys.executable, "-c", MANY, str(path)], **pipes) for _ in range(3)]
    for one in several:
        assert one.stdout.readline() == "ready\n"
    for one in several:
        one.stdin.write("\n")
        one.stdin.flush()
    told = {one.communicate(timeout=60)[0].strip() for one in several}
    assert told == {node_keys(path).patient(b"p").decode()}


def test_a_node_without_a_profile_of_its_own_has_the_default(tmp_path):
    assert node_profile(tmp_path / "profile.toml") is CANCER_RESEARCH


def test_a_node_has_the_profile_that_its_file_says(tmp_path):
    (tmp_path / "profile.toml").write_text('name = "athens 1"\n')
    assert node_profile(tmp_path / "profile.toml").name == "athens 1"


@pytest.mark.parametrize("raw", [b"name = ", b"\xff\xfe", b"options = []"])
def test_a_profile_that_cannot_be_applied_is_told(tmp_path, raw):
    (tmp_path / "profile.toml").write_bytes(raw)
    with pytest.raises(BadProfile):
        node_profile(tmp_path / "profile.toml")

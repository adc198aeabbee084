"""One suite for every place of large files: what was put is whole, what was not is not there."""

import os
import uuid
from pathlib import Path

import pytest

from oncommons.schema.errors import MissingPackage, NotFound, StorageFailed
from oncommons.storage import blobs
from oncommons.storage.blobs import Folder, Store, blobs_at


@pytest.fixture(scope="session")
def s3():
    """Address of a bucket of an S3 server of this process."""
    server = pytest.importorskip("moto.server", reason="moto is not installed").ThreadedMotoServer(port=0)
    server.start()
    host, port = server.get_host_and_port()
    before = dict(os.environ)
    os.environ |= {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "y",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    blobs_at("s3://images").files.mkdir("images")
    yield "s3://images"
    os.environ.clear()
    os.environ |= before
    server.stop()


@pytest.fixture(params=["folder", "memory", "s3"])
def place(request, tmp_path):
    """A new place, of each kind in turn."""
    if request.param == "folder":
        return blobs_at(str(tmp_path / "images"))
    above = "memory://" if request.param == "memory" else request.getfixturevalue("s3")
    return blobs_at(f"{above}/{uuid.uuid4()}")


@pytest.fixture
def draft(tmp_path):
    """Writes a draft."""

    def write(content):
        path = tmp_path / str(uuid.uuid4())
        path.write_bytes(content)
        return path

    return write


def read(place, name):
    with place.open(name) as file:
        return file.read()


def test_what_was_put_is_read_and_its_drafts_are_gone(place, draft):
    drafts = {"a/1.dcm": draft(b"one"), "a/2.dcm": draft(b"two"), "b/1.dcm": draft(b"")}
    place.put(drafts)
    assert [read(place, name) for name in drafts] == [b"one", b"two", b""]
    assert not any(path.exists() for path in drafts.values())


def test_the_middle_of_a_file_is_read_without_the_rest(place, draft):
    place.put({"a/1.dcm": draft(bytes(range(256)) * 64)})
    with place.open("a/1.dcm") as file:
        file.seek(256 * 10 + 7)
        assert file.read(3) == b"\7\10\11"


def test_the_same_name_again_has_the_new_content(place, draft):
    place.put({"a/1.dcm": draft(b"one")})
    place.put({"a/1.dcm": draft(b"two")})
    assert read(place, "a/1.dcm") == b"two"


def test_nothing_is_put_without_drafts(place):
    place.put({})
    with pytest.raises(NotFound):
        place.open("a/1.dcm")


def test_what_was_not_put_is_not_there(place, draft):
    place.put({"a/1.dcm": draft(b"one")})
    with pytest.raises(NotFound):
        place.open("a/2.dcm")


def test_a_draft_that_is_not_there_is_told(place, tmp_path):
    with pytest.raises(StorageFailed):
        place.put({"a/1.dcm": tmp_path / "none"})
    with pytest.raises(NotFound):
        place.open("a/1.dcm")


def test_files_of_a_folder_are_for_their_owner_only(tmp_path, draft):
    before = os.umask(0)
    try:
        Folder(tmp_path / "images").put({"a/1.dcm": draft(b"one")})
    finally:
        os.umask(before)
    assert {p.stat().st_mode & 0o077 for p in (tmp_path / "images", tmp_path / "images" / "a")} == {0}


def test_a_store_that_does_not_answer_is_told(draft):
    class Silent:
        def put_file(self, *_):
            raise TimeoutError("no answer from 10.0.0.7")

    with pytest.raises(StorageFailed) as told:
        Store(Silent(), "images").put({"a": draft(b"one")})
    assert "10.0.0.7" not in told.value.message


def test_a_kind_of_store_that_there_is_not_is_told():
    with pytest.raises(StorageFailed):
        blobs_at("carrier-pigeon://images")


def test_a_store_whose_package_is_missing_names_it(monkeypatch):
    def missing(name):
        raise ImportError(name)

    monkeypatch.setattr(blobs.importlib, "import_module", missing)
    with pytest.raises(MissingPackage, match=r"oncommons\[s3\]"):
        blobs_at("s3://images")
    assert blobs_at("images") == Folder(Path("images"))


def test_files_are_durable_before_they_have_their_names_and_their_folders_after(tmp_path, draft, monkeypatch):
    drafts = {name: draft(name.encode()) for name in ("one/a", "one/b", "two/c")}
    files = {path.stat().st_ino for path in drafts.values()}
    order, rename = [], os.rename
    monkeypatch.setattr(os, "fsync", lambda handle: order.append(os.fstat(handle).st_ino in files))
    monkeypatch.setattr(os, "rename", lambda one, other: order.append("named") or rename(one, other))
    Folder(tmp_path / "images").put(drafts)
    assert order[:6] == [True] * 3 + ["named"] * 3
    assert set(order[6:]) == {False}

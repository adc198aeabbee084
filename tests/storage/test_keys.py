"""Private keys on disk."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from joserfc import jws
from joserfc.jwk import ECKey, OKPKey

from oncommons.schema.errors import StorageFailed
from oncommons.storage.keys import load_key, new_key, public_part


@pytest.fixture
def path(tmp_path):
    return tmp_path / "hub-key.pem"


def test_a_key_comes_back_as_it_was_made(path):
    assert new_key(path).as_dict(private=True) == load_key(path).as_dict(private=True)


def test_every_new_key_is_another(path, tmp_path):
    assert new_key(path).thumbprint() != new_key(tmp_path / "other.pem").thumbprint()


def test_a_key_is_for_its_owner_only_whatever_the_umask(path):
    before = os.umask(0)
    try:
        new_key(path)
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_key_is_an_ed25519_key_in_pkcs_8(path):
    new_key(path)
    assert path.read_text("ascii").startswith("-----BEGIN PRIVATE KEY-----\n")
    assert load_key(path).as_dict()["crv"] == "Ed25519"


def test_a_key_is_known_by_its_thumbprint(path):
    key = new_key(path)
    assert key.kid == key.thumbprint() == load_key(path).kid


@pytest.mark.parametrize("content", ["", "something"])
def test_a_file_that_is_there_is_never_overwritten(path, content):
    path.write_text(content)
    with pytest.raises(FileExistsError):
        new_key(path)
    assert path.read_text() == content


def test_a_link_that_leads_nowhere_is_not_followed(path, tmp_path):
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FileExistsError):
        new_key(path)
    assert not (tmp_path / "elsewhere").exists()


def test_a_key_in_a_folder_that_is_not_there_is_not_made(tmp_path):
    with pytest.raises(FileNotFoundError):
        new_key(tmp_path / "no" / "hub-key.pem")


def test_a_key_that_could_not_be_written_can_be_made_again(small_disk):
    path, filler = small_disk / "hub-key.pem", small_disk / "filler"
    subprocess.run(["dd", "if=/dev/zero", f"of={filler}", "bs=4096"], check=False, stderr=subprocess.DEVNULL)
    with pytest.raises(OSError, match="No space"):
        new_key(path)
    filler.unlink()
    assert not path.exists()


def pem_of(kind, curve):
    return kind.generate_key(curve).as_pem(private=True)


DAMAGED = {
    "empty": b"",
    "not PEM": b"hello",
    "not text": b"\xff\x00" * 50,
    "cut": b"-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEI",
    "of another kind": pem_of(ECKey, "P-256"),
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
def test_a_file_that_holds_no_key_is_told_by_its_name_only(path, content):
    path.write_bytes(content)
    with pytest.raises(StorageFailed, match=r"The key hub-key\.pem cannot be read") as told:
        load_key(path)
    assert str(path.parent) not in told.value.message
    assert str(path) in told.value.detail


@pytest.mark.parametrize("curve", ["X25519", "Ed448"])
def test_a_key_on_another_curve_is_no_key_of_ours(path, curve):
    path.write_bytes(pem_of(OKPKey, curve))
    with pytest.raises(StorageFailed):
        load_key(path)


def test_a_public_half_alone_is_no_key_of_ours(path):
    path.write_bytes(OKPKey.generate_key("Ed25519").as_pem(private=False))
    with pytest.raises(StorageFailed):
        load_key(path)


def test_a_key_that_is_missing_is_told(path):
    with pytest.raises(StorageFailed):
        load_key(path)


def test_a_folder_in_the_place_of_a_key_is_told(path):
    Path(path).mkdir()
    with pytest.raises(StorageFailed):
        load_key(path)


def test_a_fault_in_a_key_tells_nothing_of_what_is_in_the_file(path):
    path.write_bytes(b"-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n")
    with pytest.raises(StorageFailed) as told:
        load_key(path)
    assert "c2VjcmV0" not in told.value.message + told.value.detail


def test_the_public_half_verifies_what_the_key_signed_and_holds_nothing_private(path):
    key = new_key(path)
    half = json.loads(json.dumps(public_part(key)))
    signed = jws.serialize_compact({"alg": "Ed25519"}, b"word", key, algorithms=["Ed25519"])
    assert jws.deserialize_compact(signed, OKPKey.import_key(half), algorithms=["Ed25519"]).payload == b"word"
    assert set(half) == {"kty", "crv", "x", "kid", "alg", "use"}
    assert half["kid"] == key.thumbprint()

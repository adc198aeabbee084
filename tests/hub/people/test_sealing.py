"""Passwords, digests and seals."""

import hashlib

import argon2
import pytest
from joserfc.jwk import OKPKey

from oncommons.hub.people.sealing import Passwords, Seal, digest_of, new_id, new_secret
from oncommons.schema.errors import StorageFailed

QUICK = Passwords(memory=8, passes=1)


def test_a_password_is_kept_as_argon2id_with_the_parameters_of_owasp():
    passwords = Passwords()
    found = argon2.extract_parameters(passwords.hash("long grey winter"))
    assert (found.type, found.memory_cost, found.time_cost, found.parallelism) == (argon2.Type.ID, 19_456, 2, 1)
    assert found.salt_len == 16


def test_another_implementation_accepts_the_hash():
    kept = QUICK.hash("long grey winter")
    assert argon2.low_level.verify_secret(kept.encode(), b"long grey winter", argon2.Type.ID)


def test_only_the_password_is_right():
    kept = QUICK.hash("long grey winter")
    assert QUICK.is_right(kept, "long grey winter")
    assert not QUICK.is_right(kept, "long grey winteR")
    assert QUICK.hash("long grey winter") != kept


@pytest.mark.parametrize("kept", [None, "", "x", "$argon2id$broken", "$2b$12$abcdefghijklmnopqrstuv"])
def test_nobody_has_a_right_password(kept):
    assert not QUICK.is_right(kept, "")
    assert not QUICK.is_right(kept, "x")


def test_comparing_with_nobodys_takes_the_work_of_a_hash():
    for passwords in (QUICK, Passwords()):
        nobody = passwords._nobody
        assert argon2.extract_parameters(nobody) == argon2.extract_parameters(passwords.hash("x"))
        with pytest.raises(
            argon2.exceptions.VerifyMismatchError
        ):  # what cannot be read is refused at once, as another error
            argon2.low_level.verify_secret(nobody.encode(), b"x", argon2.Type.ID)


def test_any_text_can_be_a_password():
    assert QUICK.is_right(QUICK.hash("\ud800 naïve 密码"), "\ud800 naïve 密码")


def test_a_hash_of_other_parameters_is_old():
    assert Passwords(memory=16, passes=1).is_old(QUICK.hash("x"))
    assert not QUICK.is_old(QUICK.hash("x"))


def test_a_sealed_secret_opens_for_its_owner_and_key_only():
    key = OKPKey.generate_key("Ed25519")
    sealed = Seal(key).close(b"secret", "ana")
    assert Seal(key).open(sealed, "ana") == b"secret"
    for seal, text, owner in (
        (Seal(key), sealed, "eva"),
        (Seal(OKPKey.generate_key("Ed25519")), sealed, "ana"),
        (Seal(key), sealed[:-8] + "AAAAAAA=", "ana"),
        (Seal(key), "", "ana"),
        (Seal(key), "no base 64", "ana"),
    ):
        with pytest.raises(StorageFailed):
            seal.open(text, owner)


def test_the_same_secret_is_never_sealed_alike():
    seal = Seal(OKPKey.generate_key("Ed25519"))
    assert seal.close(b"secret", "ana") != seal.close(b"secret", "ana")


def test_secrets_are_long_and_digests_are_sha_256():
    assert len(new_secret("onc_")) == 4 + 43
    assert len({new_secret() for _ in range(100)} | {new_id() for _ in range(100)}) == 200
    assert digest_of("x") == hashlib.sha256(b"x").hexdigest()

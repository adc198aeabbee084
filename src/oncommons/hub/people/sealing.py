"""What opens an account, made unreadable: passwords as argon2id, random secrets as digests, the rest sealed.

Sources: RFC 9106 (Argon2), OWASP Cheat Sheet Series, Password Storage (19 MiB, two passes, one lane);
NIST SP 800-38D (AES-GCM); RFC 5869 (HKDF).
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import ARGON2_VERSION
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from joserfc.jwk import OKPKey

from oncommons.schema.errors import StorageFailed

MOST_AT_ONCE = 4
"""Passwords that are looked at at the same time: each takes 19 MiB."""
_NONCE_BYTES = 12


def new_secret(prefix: str = "") -> str:
    """A secret of 256 random bits as text."""
    return prefix + secrets.token_urlsafe(32)


def new_id() -> str:
    """An identifier that nobody can guess and that tells nothing."""
    return secrets.token_hex(12)


def digest_of(secret: str) -> str:
    """What is kept of a random secret: SHA-256, in hexadecimal digits; no salt, since nobody can guess the secret."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


class Passwords:
    """Turns passwords into argon2id hashes and compares them; an unknown account takes as long as a known one.

    Args:
        memory: KiB for each.
        passes: Over that memory.
    """

    def __init__(self, memory: int = 19_456, passes: int = 2) -> None:
        self._hasher = PasswordHasher(time_cost=passes, memory_cost=memory, parallelism=1)
        self._turn = BoundedSemaphore(MOST_AT_ONCE)
        self._nobody = _of_nobody(self._hasher)

    def hash(self, password: str) -> str:
        """A password as it is kept, with its salt and parameters."""
        with self._turn:
            return self._hasher.hash(_bytes(password))

    def is_right(self, kept: str | None, password: str) -> bool:
        """Whether a password is the one that is kept; for nobody's, as much work is done and the answer is no."""
        with self._turn:
            try:
                self._hasher.verify(kept or self._nobody, _bytes(password))
            except (VerificationError, InvalidHashError):
                return False
        return bool(kept)

    def is_old(self, kept: str) -> bool:
        """Whether a hash was made with other parameters and should be made anew."""
        return self._hasher.check_needs_rehash(kept)


class Seal:
    """Seals small secrets with a key that follows from the hub's, so that the database alone tells none.

    Args:
        key: The hub's key.
    """

    def __init__(self, key: OKPKey) -> None:
        private = base64.urlsafe_b64decode(f"{key.as_dict(private=True)['d']}==")
        derived = HKDF(SHA256(), 32, None, b"oncommons second factor").derive(private)
        self._cipher = AESGCM(derived)

    def close(self, secret: bytes, owner: str) -> str:
        """A secret, sealed; it opens for the same owner only."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return base64.b64encode(nonce + self._cipher.encrypt(nonce, secret, owner.encode())).decode()

    def open(self, sealed: str, owner: str) -> bytes:
        """A secret that was sealed for an owner.

        Raises:
            StorageFailed: it was sealed with another key or for somebody else, or was changed.
        """
        try:
            raw = base64.b64decode(sealed, validate=True)
            return self._cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], owner.encode())
        except (InvalidTag, ValueError) as fault:
            raise StorageFailed("The second factor cannot be read; was the hub's key changed?") from fault


def _of_nobody(hasher: PasswordHasher) -> str:
    """A hash of no password, in the form of RFC 9106's reference: comparing with it takes as long as with any other."""
    cost = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    parts = (secrets.token_bytes(size) for size in (hasher.salt_len, hasher.hash_len))
    salt, digest = (base64.b64encode(part).decode().rstrip("=") for part in parts)
    return f"$argon2id$v={ARGON2_VERSION}${cost}${salt}${digest}"


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")

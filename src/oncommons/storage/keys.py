"""Private keys on disk: Ed25519 (RFC 8032), PKCS 8 in PEM, readable by their owner only."""

from __future__ import annotations

from pathlib import Path

from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from oncommons.schema.errors import StorageFailed
from oncommons.storage.files import write_once


def new_key(path: Path) -> OKPKey:
    """Make a key and write it; a file that is there already is never overwritten.

    Raises:
        OSError: the file exists or cannot be written.
    """
    key = OKPKey.generate_key("Ed25519")
    write_once(path, key.as_pem(private=True))
    return load_key(path)


def load_key(path: Path) -> OKPKey:
    """Read a key; its ``kid`` is its thumbprint (RFC 7638).

    Raises:
        StorageFailed: the file is missing or holds no such key.
    """
    try:
        key = OKPKey.import_key(path.read_bytes())
        if key.as_dict()["crv"] != "Ed25519":
            raise StorageFailed(f"The key {path.name} is not an Ed25519 key.")
        return OKPKey.import_key(key.as_dict(private=True) | {"kid": key.thumbprint()})
    except (OSError, ValueError, JoseError) as fault:
        raise StorageFailed(f"The key {path.name} cannot be read.", detail=f"{path}: {fault!r}") from fault


def public_part(key: OKPKey) -> dict[str, object]:
    """The public half as a JWK (RFC 7517) with its ``kid``."""
    return {**key.as_dict(private=False), "kid": key.thumbprint(), "alg": "Ed25519", "use": "sig"}

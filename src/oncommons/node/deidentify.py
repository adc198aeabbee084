"""The node's secret for de-identification: made once, never shown, never sent."""

from __future__ import annotations

import os
import secrets
import tempfile
from pathlib import Path

from oncommons.imaging.deid.keys import SECRET_BYTES, Keys, keys_of
from oncommons.schema.errors import StorageFailed
from oncommons.storage.generations import storage_error


def node_keys(path: Path) -> Keys:
    """The keys of a node; at the first call its secret is made, readable by its owner only.

    Args:
        path: The file of the secret.

    Raises:
        StorageFailed: the secret cannot be read, or is not one.
    """
    try:
        if not path.exists():
            _make(path)
        secret = path.read_bytes()
    except OSError as fault:
        raise storage_error(fault) from fault
    if len(secret) != SECRET_BYTES:
        raise StorageFailed(f"{path.name} is damaged; restore it from a backup.", detail=str(path))
    return keys_of(secret)


def _make(path: Path) -> None:
    """Write a secret whole or not at all; of two who do so at once, the first wins."""
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(SECRET_BYTES))
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        Path(draft).unlink()

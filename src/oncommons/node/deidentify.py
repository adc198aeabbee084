"""The node's secret for de-identification: made once, never shown, never sent."""

from __future__ import annotations

import secrets
from contextlib import suppress
from pathlib import Path

from oncommons.imaging.deid.keys import SECRET_BYTES, Keys, keys_of
from oncommons.schema.errors import StorageFailed
from oncommons.storage.files import plain_file_errors, write_once


def node_keys(path: Path) -> Keys:
    """The keys of a node; at the first call its secret is made, readable by its owner only.

    Args:
        path: The file of the secret.

    Raises:
        StorageFailed: the secret cannot be read, or is not one.
    """
    with plain_file_errors():
        if not path.exists():
            with suppress(FileExistsError):  # of two who make it at once, the first wins
                write_once(path, secrets.token_bytes(SECRET_BYTES))
        secret = path.read_bytes()
    if len(secret) != SECRET_BYTES:
        raise StorageFailed(f"{path.name} is damaged; restore it from a backup.", detail=str(path))
    return keys_of(secret)

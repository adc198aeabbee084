"""What a node de-identifies with: its secret, made once, never shown, never sent; and its profile."""

from __future__ import annotations

import secrets
from contextlib import suppress
from importlib import import_module
from pathlib import Path

from oncommons.imaging.deid.keys import SECRET_BYTES, Keys, keys_of
from oncommons.imaging.deid.rules import CANCER_RESEARCH, Profile
from oncommons.schema.errors import BadProfile, StorageFailed
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


def node_profile(path: Path) -> Profile:
    """The profile of a node: its own where it has one, else the default.

    Args:
        path: The file of its own profile.

    Raises:
        BadProfile: the profile cannot be applied.
        StorageFailed: the file cannot be read.
    """
    with plain_file_errors():
        if not path.exists():
            return CANCER_RESEARCH
        raw = path.read_bytes()
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as fault:
        raise BadProfile(f"{path.name} is not text in UTF-8.", detail=str(path)) from fault
    own: Profile = import_module("oncommons.imaging.deid.own").read_profile(text)  # most nodes have none
    return own

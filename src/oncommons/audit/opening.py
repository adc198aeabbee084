"""The audit logs of a node's and of a hub's directory, opened to be read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from oncommons.schema.errors_of_protocols import NoAuditLog
from oncommons.service.settings import read_settings
from oncommons.storage.audit import AUDIT, KEY, open_audit
from oncommons.storage.chain import Entry, Head
from oncommons.storage.keys import load_key, public_part


@dataclass(frozen=True)
class Opened:
    """A log that can be read.

    Attributes:
        name: What to call it.
        jwk: The public key of its owner.
        lines: Gives its entries as they are kept, the first one first.
        head: Tells how far it goes, as its store notes.
    """

    name: str
    jwk: Mapping[str, Any]
    lines: Callable[[], Iterator[str]]
    head: Callable[[], Head]


@contextmanager
def open_node(folder: Path) -> Iterator[Opened]:
    """The log of a node.

    Raises:
        NoAuditLog: the directory has none.
        StorageFailed: it, or the node's key, cannot be read.
    """
    with closing(open_audit(folder / AUDIT)) as log:
        name = folder.resolve().name
        yield Opened(name, public_part(load_key(folder / KEY)), log.lines, log.head)


@contextmanager
def open_hub(folder: Path, database: str = "") -> Iterator[Opened]:
    """The log of a hub; nothing is changed, neither key nor tables are made.

    Args:
        folder: The hub's directory.
        database: Address of its database where the directory does not say it.

    Raises:
        NoAuditLog: the directory is none of a hub, or the database has no log.
        MachineError: the database or the key cannot be read.
    """
    settings = read_settings(folder, database=database)
    if not settings.key_file.is_file():
        raise NoAuditLog(f"{folder.name or 'The directory'} is not a hub.", detail=str(folder))
    stored = import_module("oncommons.storage.database").Database(
        settings.database
    )  # nodes need no database of this kind
    try:
        log = import_module("oncommons.storage.audit_hub").open_hub_log(stored)
        yield Opened(folder.resolve().name, public_part(load_key(settings.key_file)), log.lines, log.head)
    finally:
        stored.close()


def entries_of(log: Opened) -> Iterator[Entry]:
    """The entries of a log that can be read, for people to look through; nothing is proven."""
    for line in log.lines():
        try:
            yield Entry.from_line(line)
        except ValueError:
            continue


def fits(entry: Entry, kind: str, since: str, words: str) -> bool:
    """Whether an entry is one that somebody looks for.

    Args:
        entry: The entry.
        kind: Its kind; empty for any.
        since: The earliest time (ISO 8601, or the beginning of one); empty for any.
        words: Words that all occur in its body, in small or large letters.
    """
    if (kind and entry.kind != kind) or entry.time < since:
        return False
    if not words:
        return True
    text = json.dumps(entry.body, ensure_ascii=False).casefold()
    return all(word in text for word in words.casefold().split())

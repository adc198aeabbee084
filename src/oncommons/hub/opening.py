"""Opening a hub's directory and database, as the application and the operator's commands do; nothing of HTTP is loaded."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass

from joserfc.jwk import OKPKey

from oncommons.hub.link.registry import Registry
from oncommons.hub.people.register import Register
from oncommons.hub.permits.book import PermitBook
from oncommons.schema.federation import pin_of
from oncommons.service.identity import Issuer
from oncommons.service.settings import HubSettings
from oncommons.storage.audit_hub import HubLog
from oncommons.storage.chain import Event
from oncommons.storage.database import Database
from oncommons.storage.keys import load_key, new_key


@dataclass(frozen=True)
class Hub:
    """A hub's parts, opened: what the application and the operator's commands share."""

    settings: HubSettings
    database: Database
    key: OKPKey
    registry: Registry

    @property
    def pin(self) -> str:
        """The part of the key's thumbprint that invitations carry."""
        return pin_of(self.key.thumbprint())


def open_hub(settings: HubSettings) -> Hub:
    """Open a hub's directory and database; the first time, make its key and its tables.

    Raises:
        MachineError: the directory or the database cannot be used.
    """
    settings.folder.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        new_key(settings.key_file)
    database = Database(settings.database)
    database.upgrade()
    key = load_key(settings.key_file)
    HubLog(database).begin(Event("begun", {"log": key.thumbprint(), "side": "hub"}, time.time()))
    return Hub(settings, database, key, Registry(database))


def open_permits(hub: Hub) -> PermitBook:
    """The permits of a hub."""
    return PermitBook(hub.settings.folder, Issuer(hub.key), HubLog(hub.database), Register(hub.database).has_left)

"""A hub's directory and database, opened."""

import pytest
from sqlalchemy import inspect

from oncommons.hub import commands
from oncommons.hub.opening import open_hub
from oncommons.schema.errors import StorageFailed
from oncommons.service.settings import HubSettings
from oncommons.storage.database import METADATA

assert commands  # of all slices, so that the tables of each are known here


def settings(folder, database=""):
    return HubSettings(folder, "", database or f"sqlite:///{folder / 'hub.sqlite'}", "test")


def test_opening_makes_the_tables_of_every_slice(tmp_path, bare_url):
    hub = open_hub(settings(tmp_path / "new" / "hub", bare_url))
    there = set(inspect(hub.database.engine).get_table_names())
    hub.database.close()
    assert there == set(METADATA.tables) | {"alembic_version"}


def test_a_hub_keeps_its_key(tmp_path):
    pins = []
    for _ in range(2):
        hub = open_hub(settings(tmp_path))
        pins.append(hub.pin)
        hub.database.close()
    assert pins[0] == pins[1]
    assert len(pins[0]) == 16


def test_the_key_is_for_its_owner_only(tmp_path):
    hub = open_hub(settings(tmp_path))
    hub.database.close()
    assert hub.settings.key_file.stat().st_mode & 0o077 == 0


def test_a_database_that_cannot_be_opened_is_told(tmp_path):
    with pytest.raises(StorageFailed):
        open_hub(settings(tmp_path, f"sqlite:///{tmp_path}/no/such/folder/hub.sqlite"))

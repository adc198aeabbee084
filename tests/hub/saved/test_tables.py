"""The tables of saved questions are those that the migrations make."""

import pytest
from sqlalchemy import inspect

from oncommons.hub.saved.tables import HEARD, SAVED, SIGHTING, WATCH


@pytest.mark.parametrize("table", [SAVED, WATCH, HEARD, SIGHTING], ids=lambda t: t.name)
def test_the_table_has_the_columns_that_the_migrations_make(database, table):
    there = {column["name"]: column["nullable"] for column in inspect(database.engine).get_columns(table.name)}
    assert there == {column.name: column.nullable for column in table.columns}

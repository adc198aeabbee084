"""The tables of applications are those that the migrations make."""

import pytest
from sqlalchemy import inspect

from oncommons.hub.applications.tables import ALL


@pytest.mark.parametrize("table", ALL, ids=lambda t: t.name)
def test_the_table_has_the_columns_that_the_migrations_make(database, table):
    there = {column["name"]: column["nullable"] for column in inspect(database.engine).get_columns(table.name)}
    assert there == {column.name: column.nullable for column in table.columns}

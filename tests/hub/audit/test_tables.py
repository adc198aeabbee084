"""The table of marks is the one that the migrations make."""

from sqlalchemy import inspect

from oncommons.hub.audit.tables import MARK


def test_the_table_is_the_one_that_the_migrations_make(database):
    there = {column["name"]: column["nullable"] for column in inspect(database.engine).get_columns(MARK.name)}
    assert there == {column.name: column.nullable for column in MARK.columns}

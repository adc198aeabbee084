"""The tables of applications are those that the migrations make."""

from sqlalchemy import inspect

from oncommons.hub.applications.tables import ALL


def test_the_tables_have_the_columns_that_the_migrations_make(plain):
    for table in ALL:
        there = {column["name"]: column["nullable"] for column in inspect(plain.engine).get_columns(table.name)}
        assert there == {column.name: column.nullable for column in table.columns}

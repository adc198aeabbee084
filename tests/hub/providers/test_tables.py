"""The table of sign-ins that are under way is the one that the migrations make."""

from sqlalchemy import inspect

from oncommons.hub.providers.tables import ALL


def test_the_table_is_that_of_the_migrations(database):
    seen = inspect(database.engine)
    for table in ALL:
        there = {column["name"]: column["nullable"] for column in seen.get_columns(table.name)}
        assert there == {column.name: column.nullable for column in table.columns}
        indexed = {tuple(one["column_names"]) for one in seen.get_indexes(table.name)}
        assert indexed == {(column.name,) for column in table.columns if column.index}

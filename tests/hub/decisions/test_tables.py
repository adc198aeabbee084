"""The tables of decisions are those that the migrations make."""

from sqlalchemy import inspect

from oncommons.hub.decisions.tables import ALL


def test_the_tables_are_those_that_the_migrations_make(database):
    seen = inspect(database.engine)
    for table in ALL:
        there = {column["name"]: column["nullable"] for column in seen.get_columns(table.name)}
        assert there == {column.name: column.nullable for column in table.columns}
        keys = {(k["constrained_columns"][0], k["referred_table"]) for k in seen.get_foreign_keys(table.name)}
        assert keys == {(k.column_keys[0], k.referred_table.name) for k in table.foreign_key_constraints}
        assert {i["name"] for i in seen.get_indexes(table.name)} == {i.name for i in table.indexes}

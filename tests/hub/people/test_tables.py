"""The tables of people are those that the migrations make."""

from sqlalchemy import inspect

from oncommons.hub.people.tables import ALL


def test_the_tables_are_those_that_the_migrations_make(database):
    seen = inspect(database.engine)
    for table in ALL:
        there = {column["name"]: column["nullable"] for column in seen.get_columns(table.name)}
        assert there == {column.name: column.nullable for column in table.columns}
        unique = {tuple(one["column_names"]) for one in seen.get_unique_constraints(table.name)}
        assert unique >= {(column.name,) for column in table.columns if column.unique}
        keys = {(k["constrained_columns"][0], k["referred_table"]) for k in seen.get_foreign_keys(table.name)}
        assert keys == {(k.column_keys[0], k.referred_table.name) for k in table.foreign_key_constraints}

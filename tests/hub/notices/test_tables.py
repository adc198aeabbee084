"""The tables of notices are those that the migrations make."""

from sqlalchemy import inspect

from oncommons.hub.notices.tables import ALL


def test_the_tables_are_those_that_the_migrations_make(database):
    seen = inspect(database.engine)
    for table in ALL:
        there = {column["name"]: column["nullable"] for column in seen.get_columns(table.name)}
        assert there == {column.name: column.nullable for column in table.columns}


def test_a_person_is_told_once_as_the_database_itself_sees_to(database):
    unique = inspect(database.engine).get_unique_constraints("notice")
    assert [one["column_names"] for one in unique] == [["person", "once"]]

"""The table of runs is the one that the migrations make."""

from sqlalchemy import inspect

from oncommons.hub.dispatch.tables import RUN


def test_the_table_has_the_columns_that_the_migrations_make(database):
    there = {column["name"]: column["nullable"] for column in inspect(database.engine).get_columns("run")}
    assert there == {column.name: column.nullable for column in RUN.columns}


def test_the_table_has_the_constraints_that_the_migrations_make(database):
    found = inspect(database.engine)
    assert [one["column_names"] for one in found.get_unique_constraints("run")] == [["permit", "person", "id"]]
    assert {one["name"] for one in found.get_indexes("run") if not one["unique"]} == {"ix_run_person", "ix_run_state"}

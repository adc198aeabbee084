"""The tables of the link are the ones that the migrations make."""

from sqlalchemy import inspect

from oncommons.hub.link.tables import ASSERTION, INVITATION, NODE


def test_the_tables_have_the_columns_that_the_migrations_make(database):
    found = inspect(database.engine)
    for table in (NODE, INVITATION, ASSERTION):
        there = {column["name"]: column["nullable"] for column in found.get_columns(table.name)}
        assert there == {column.name: column.nullable for column in table.columns}


def test_no_table_keeps_the_secret_of_an_invitation():
    assert "secret" not in {column.name for column in INVITATION.columns}

"""The tables of decisions are those that the migrations make."""

from importlib.resources import files

from alembic import command
from alembic.config import Config
from sqlalchemy import insert, inspect, select, text

from oncommons.hub.decisions.tables import ALL, DECISION, SUBMISSION
from oncommons.storage.database import Database


def test_the_tables_are_those_that_the_migrations_make(database):
    seen = inspect(database.engine)
    for table in ALL:
        there = {column["name"]: column["nullable"] for column in seen.get_columns(table.name)}
        assert there == {column.name: column.nullable for column in table.columns}
        keys = {(k["constrained_columns"][0], k["referred_table"]) for k in seen.get_foreign_keys(table.name)}
        assert keys == {(k.column_keys[0], k.referred_table.name) for k in table.foreign_key_constraints}
        assert {i["name"] for i in seen.get_indexes(table.name)} == {i.name for i in table.indexes}


def test_what_was_handed_in_stays_when_its_own_hash_goes(sqlite_url):
    database = Database(sqlite_url)
    with database.write() as connection:
        stepped(connection, "0010")
        row = {"application": "a1", "title": "", "blank": "", "clocks": "", "size": 1, "state": "check", "made": 1.0}
        connection.execute(insert(DECISION), row | {"due": None, "moved": 1.0, "settled": 0})
        connection.execute(text("INSERT INTO decision_submission VALUES ('a1', 1, 'ff', '{}')"))
    database.upgrade()
    with database.read() as connection:
        assert connection.execute(select(SUBMISSION)).all() == [("a1", 1, "{}")]
    database.close()


def stepped(connection, revision):
    config = Config()
    config.set_main_option("script_location", str(files("oncommons.storage") / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)

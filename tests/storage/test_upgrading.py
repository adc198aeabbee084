"""The steps of a database: how many there are, and that they are taken once."""

import subprocess
import sys
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from oncommons.storage import database, upgrading
from oncommons.storage.database import Database

STEPS = Path(database.__file__).parent / "migrations"
TWICE = """
import sys
from oncommons.storage.database import Database
Database(sys.argv[1]).upgrade()
print("alembic" in sys.modules, "mako" in sys.modules)
"""


def test_the_newest_step_is_the_last_that_alembic_finds():
    config = Config()
    config.set_main_option("script_location", str(STEPS))
    assert ScriptDirectory.from_config(config).get_heads() == [database._newest()]


def test_every_step_is_taken_from_nothing_and_none_twice(bare_url):
    new = Database(bare_url)
    for _ in range(2):
        with new.write() as connection:
            upgrading.take_steps(connection)
    with new.read() as connection:
        tables = inspect(connection).get_table_names()
        taken = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalars().all()
    new.close()
    assert {"alembic_version", "node", "work"} <= set(tables)
    assert taken == [database._newest()]


def test_a_database_some_steps_behind_is_brought_forward(bare_url):
    old = Database(bare_url)
    old.upgrade()
    with old.write() as connection:
        connection.exec_driver_sql("ALTER TABLE node DROP COLUMN analyses")  # what the last step added
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0015'")
    old.upgrade()
    with old.read() as connection:
        assert "analyses" in {column["name"] for column in inspect(connection).get_columns("node")}
    old.close()


def test_where_no_step_is_left_the_program_of_the_steps_is_not_loaded(sqlite_url):
    said = [
        subprocess.run(
            [sys.executable, "-c", TWICE, sqlite_url], capture_output=True, text=True, check=True, timeout=60
        )
        for _ in range(2)
    ]
    assert [one.stdout.split() for one in said] == [["True", "True"], ["False", "False"]]

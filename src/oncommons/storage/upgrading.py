"""The steps that bring a database's tables to this version, taken by Alembic.

It is imported where there is a step to take: it brings templates and more with it, and a database that is as it should be
needs none of them.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection


def take_steps(connection: Connection) -> None:
    """Take every step that the database has not taken yet, in the transaction of the connection."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(727100)")  # two hubs may start together
    config.attributes["connection"] = connection
    command.upgrade(config, "head")

"""A PostgreSQL cluster of one's own, for the tests of one process."""

import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from functools import cached_property
from itertools import count
from pathlib import Path

import pg8000.dbapi

from oncommons.storage.database import Database

_OPTIONS = "-c listen_addresses= -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c autovacuum=off -c max_connections=60"


def postgres_binaries():
    """The folder of Debian's newest PostgreSQL, or ``None``."""
    return max((p.parent for p in Path("/usr/lib/postgresql").glob("*/bin/initdb")), default=None)


class Cluster:
    """A running cluster that listens on a Unix socket in its own folder."""

    def __init__(self, folder):
        self.folder = folder
        self.numbers = count(1)

    def url(self, name):
        """The SQLAlchemy address of a database."""
        return f"postgresql+pg8000://postgres@/{name}?unix_sock={self.folder}/.s.PGSQL.5432"

    def run(self, *statements):
        """Run statements outside of a transaction."""
        place = f"{self.folder}/.s.PGSQL.5432"
        connection = pg8000.dbapi.connect("postgres", database="postgres", unix_sock=place, ssl_context=False)
        connection.autocommit = True
        try:
            for statement in statements:
                connection.cursor().execute(statement)
        finally:
            connection.close()

    @cached_property
    def model(self):
        """The name of a database that went through every step of the migrations, to make others from (TEMPLATE)."""
        name = "with_tables"
        self.run(f"CREATE DATABASE {name}")
        database = Database(self.url(name))
        database.upgrade()
        database.close()
        return name

    @contextmanager
    def database(self, options=""):
        """A new database, by its address; gone when the block ends."""
        name = f"test_{next(self.numbers)}"
        self.run(f"CREATE DATABASE {name} {options}")
        try:
            yield self.url(name)
        finally:
            self.run(f"DROP DATABASE {name} WITH (FORCE)")

    @contextmanager
    def table_space(self, folder):
        """A table space in a folder, by its name; gone, empty, when the block ends."""
        name = f"space_{next(self.numbers)}"
        (folder / name).mkdir()
        if os.geteuid() == 0:
            shutil.chown(folder / name, "postgres")
        self.run(f"CREATE TABLESPACE {name} LOCATION '{folder / name}'")
        try:
            yield name
        finally:
            self.run(f"DROP TABLESPACE {name}")


@contextmanager
def running_cluster(binaries):
    """Make a cluster, start it, and stop it when the block ends; initdb refuses root, so root lends it a user."""
    folder = Path(tempfile.mkdtemp(prefix="pg-"))  # pytest's own folders are closed to other users
    data, log = folder / "data", folder / "log"
    is_root = os.geteuid() == 0
    if is_root:
        shutil.chown(folder, "postgres", "postgres")

    def as_owner(program, *arguments):
        lent = ["runuser", "-u", "postgres", "--"] if is_root else []
        command = [*lent, str(binaries / program), *map(str, arguments)]
        subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL, timeout=60)

    try:
        as_owner("initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        as_owner("pg_ctl", "-D", data, "-l", log, "-w", "-o", f"-k {folder} {_OPTIONS}", "start")
        try:
            yield Cluster(folder)
        finally:
            as_owner("pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)

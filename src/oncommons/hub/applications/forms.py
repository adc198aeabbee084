"""The form of applications at this hub, at all its versions; the first is ours, the others the operator's."""

from __future__ import annotations

import tomllib
from importlib.resources import files

import orjson
from sqlalchemy import Connection, func, insert, select

from oncommons.hub.applications.rules import check_next
from oncommons.hub.applications.tables import FORM
from oncommons.schema.application_form import Form, parse_form
from oncommons.schema.errors import NotFound
from oncommons.schema.errors_of_applications import BadForm
from oncommons.storage.database import Database, insert_into

MOST_BYTES = 500_000
"""Longest file of a form."""
_HIGHEST = 2_147_483_647


def default_source() -> str:
    """The form that comes with oncommons, as TOML."""
    return files("oncommons.hub.applications").joinpath("default_form.toml").read_text("utf-8")


def read_form(source: str) -> Form:
    """A form from TOML or JSON.

    Raises:
        BadForm: it is neither, or not a form.
    """
    if len(source) > MOST_BYTES:
        raise BadForm(f"A form has at most {MOST_BYTES:,} characters.")
    try:
        body = orjson.loads(source) if source.lstrip().startswith("{") else tomllib.loads(source)
    except ValueError as fault:
        raise BadForm(f"The form is neither TOML nor JSON: {fault}.") from None
    return parse_form(body)


class Forms:
    """The versions of the form in the hub's database.

    Args:
        database: The hub's database.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self._read: dict[int, Form] = {}  # a version never changes

    def newest(self) -> Form:
        """The form that new applications are written with."""
        return self.at(self._newest())

    def at(self, version: int) -> Form:
        """The form at a version.

        Raises:
            NotFound: there is none.
        """
        if version not in self._read:
            self._read[version] = read_form(self.source(version)).at(version)
        return self._read[version]

    def source(self, version: int = 0) -> str:
        """The form as it was written; 0 is the newest.

        Raises:
            NotFound: there is none of the version.
        """
        version = version or self._newest()
        if not 0 < version <= _HIGHEST:
            raise NotFound("There is no such version of the form.")
        with self.database.read() as connection:
            found = connection.execute(select(FORM.c.source).where(FORM.c.version == version)).scalar()
        if found is None:
            raise NotFound(f"There is no version {version} of the form.")
        return str(found)

    def check(self, source: str) -> tuple[Form, tuple[str, ...]]:
        """A form as it would become the next version, and the paragraphs that it does not have any more.

        Raises:
            BadForm: it is not a form, or would lose answers.
        """
        old, new = self.newest(), read_form(source)
        return new.at(old.version + 1), check_next(old, new)

    def put(self, source: str, now: float) -> Form:
        """Make a form the next version, for new applications; others keep theirs until their authors take it.

        Raises:
            BadForm: it is not a form, or would lose answers.
        """
        form, _ = self.check(source)
        with self.database.write() as connection:
            version = _highest(connection) + 1
            connection.execute(insert(FORM), {"version": version, "source": source, "made": now})
        return form.at(version)

    def _newest(self) -> int:
        with self.database.read() as connection:
            version = _highest(connection)
        if version:
            return version
        with self.database.write() as connection:
            row = {"version": 1, "source": default_source(), "made": 0.0}
            connection.execute(insert_into(connection, FORM).on_conflict_do_nothing(), row)
            return _highest(connection)


def _highest(connection: Connection) -> int:
    return int(connection.execute(select(func.coalesce(func.max(FORM.c.version), 0))).scalar_one())

"""People at a hub's database, to be told something."""

import pytest
from tests.hub.callers import START

from oncommons.hub.people.register import new_person


@pytest.fixture
def people(database):
    """Identifiers of three people, on each kind of database in turn."""
    with database.write() as connection:
        made = [new_person(connection, f"{name}@athens.example", name, "-", START) for name in ("ana", "ben", "eva")]
    return tuple(made)

"""Imports that are broken off at a step, and what a node's tables say apart from the numbers of their rows."""

from contextlib import contextmanager

from oncommons.node.report.harmonised import coverage
from oncommons.storage.generations import Generations

SAID = {
    "dataset": "SELECT name, title, licence, source, about FROM dataset",
    "person": "SELECT d.name, p.id, c.code, p.age FROM person p JOIN dataset d ON d.key = p.dataset "
    "LEFT JOIN code c ON c.vocabulary = 'sex' AND c.number = p.sex",
    "study": "SELECT d.name, p.id, t.id, age_at_study, study_year FROM study t JOIN person p ON p.key = t.person "
    "JOIN dataset d ON d.key = t.dataset AND d.key = p.dataset",
    "series": "SELECT d.name, p.id, t.id, s.id, m.code, s.model, s.instances, r.raw, r.code, r.rule FROM series s "
    "JOIN dataset d ON d.key = s.dataset JOIN person p ON p.key = s.person JOIN study t ON t.key = s.study "
    "LEFT JOIN code m ON m.vocabulary = 'modality' AND m.number = s.modality "
    "LEFT JOIN reading r ON r.key = s.sex_reading",
    "field": "SELECT d.name, entity, field, known, lacking FROM field f JOIN dataset d ON d.key = f.dataset",
}


def contents(tables):
    """What the current tables of images say, sorted, whatever keys their rows have."""
    with tables.open() as connection:
        found = {name: sorted(connection.execute(query).fetchall(), key=repr) for name, query in SAID.items()}
        return found | {"coverage": repr(coverage(connection))}


class Stepping:
    """A connection that does something before a step: a statement of that number, or the first one with a text.

    Args:
        connection: Any connection.
        step: The number, from 1, or the text.
        act: What it does.
    """

    def __init__(self, connection, step, act):
        self.connection, self.step, self.act = connection, step, act
        self.steps = 0

    def execute(self, query, *values):
        self.steps += 1
        if self.step == self.steps or (isinstance(self.step, str) and self.step in query):
            self.act()
        return self.connection.execute(query, *values)

    def __getattr__(self, name):
        return getattr(self.connection, name)


class Breaking(Generations):
    """Tables of which the writing is broken off at a step."""

    def __init__(self, folder, step, act):
        super().__init__(folder)
        self.step, self.act = step, act
        self.steps = 0

    @contextmanager
    def fresh(self, *, little=False):
        with super().fresh(little=little) as connection:
            stepping = Stepping(connection, self.step, self.act)
            try:
                yield stepping
            finally:
                self.steps = stepping.steps

"""A question put to the node's tables: true numbers, for the node's own eyes only.

What comes out of here has not been released; :mod:`oncommons.node.share` applies the policy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import duckdb

from oncommons.node.holdings import DatasetState, FieldState, Tally
from oncommons.node.index.compiling import Holdings, compile_question
from oncommons.policy.disclosure import Cell
from oncommons.schema.dictionary import ENTITIES, FIELDS
from oncommons.schema.question import Question


class Index:
    """The node's tables, open for questions.

    Args:
        connection: A database as :func:`oncommons.node.index.build.build` writes it.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self.datasets = _states(connection)
        self.holdings = Holdings(
            entities={
                entity: keys
                for entity in ENTITIES
                if (keys := frozenset(k for k, d in self.datasets.items() if entity in d.records))
            },
            datasets=frozenset(self.datasets),
        )

    def ask(self, question: Question) -> tuple[Tally, ...]:
        """True numbers of every dataset, in order of name; a dataset without a match has no cells."""
        query = compile_question(question, self.holdings)
        cells: dict[int, list[Cell]] = {key: [] for key in self.datasets}
        for key, *codes, certain, possible in self.connection.execute(query.sql, dict(query.parameters)).fetchall():
            cells[key].append(Cell(tuple(codes), certain, possible))
        return tuple(
            Tally(state, tuple(cells[key]))
            for key, state in sorted(self.datasets.items(), key=lambda item: item[1].name)
        )

    def people_by_code(self) -> Mapping[str, Mapping[str, Mapping[str, int]]]:
        """Coded field to dataset to code to number of people who have some row with that code."""
        coded = [f for f in FIELDS if f.type == "code" and f.entity in self.holdings.entities]
        return {f.name: self._people(f.entity, f.name) for f in coded}

    def _people(self, entity: str, field: str) -> dict[str, dict[str, int]]:
        owner = "key" if entity == "person" else "person"
        rows = self.connection.execute(
            f"SELECT dataset, {field}, count(DISTINCT {owner}) FROM {entity} "
            f"WHERE {field} IS NOT NULL GROUP BY ALL ORDER BY 1, 2",
        ).fetchall()
        return _nested(rows, {key: state.name for key, state in self.datasets.items()})

    def close(self) -> None:
        """Close the tables."""
        self.connection.close()


def _nested(rows: Sequence[tuple[int, str, int]], names: Mapping[int, str]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for key, code, people in rows:
        found.setdefault(names[key], {})[code] = people
    return found


def _states(connection: duckdb.DuckDBPyConnection) -> dict[int, DatasetState]:
    records: dict[int, dict[str, int]] = {}
    fields: dict[int, dict[str, FieldState]] = {}
    for dataset, entity, number in connection.execute("SELECT dataset, entity, records FROM entity").fetchall():
        records.setdefault(dataset, {})[entity] = number
    query = "SELECT dataset, entity, field, known, lacking FROM field"
    for dataset, entity, name, known, lacking in connection.execute(query).fetchall():
        fields.setdefault(dataset, {})[f"{entity}.{name}"] = FieldState(known, lacking)
    query = "SELECT key, name, title, licence, source, about FROM dataset"
    return {
        key: DatasetState(
            name,
            {"title": title, "licence": licence, "source": source, "about": about},
            records.get(key, {}),
            fields.get(key, {}),
        )
        for key, name, title, licence, source, about in connection.execute(query).fetchall()
    }

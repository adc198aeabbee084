"""A question put to the node's tables: true numbers, for the node's own eyes only.

What comes out of here has not been released; :mod:`oncommons.node.share` applies the policy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from functools import lru_cache
from typing import Any

import duckdb

from oncommons.node.holdings import DatasetState, FieldState, Tally
from oncommons.node.index.compiling import Holdings, Query, compile_question, compile_run
from oncommons.node.index.deriving import TOLD
from oncommons.node.index.hiding import hide_few, sourced
from oncommons.node.index.numbering import number_for_reading
from oncommons.node.index.people import (
    INCLUDED,
    Few,
    crowd_of,
    everybody_of,
    people_of_codes,
    people_of_rows,
    with_people,
)
from oncommons.policy.disclosure.counts import Behind, Cell
from oncommons.policy.disclosure.crowd import Crowd
from oncommons.policy.disclosure.telling import Place
from oncommons.schema.clinical import CLINICAL
from oncommons.schema.dictionary import ENTITIES, FIELDS, Field
from oncommons.schema.question import Question
from oncommons.schema.run import Run
from oncommons.storage.generations import plan_lightly

_OPTIMISERS = frozenset(
    {
        "build_side_probe_side",
        "column_lifetime",
        "cte_inlining",
        "filter_pushdown",
        "in_clause",
        "statistics_propagation",
        "unused_columns",
    },
)
"""DuckDB's optimisers that our SQL gains from; the others only lengthen planning, which takes most of a question."""
MOST_KEPT = 1_000_000
"""Values of a run that are kept between its rounds, some 60 MB; what a larger one is made of is read anew for each."""


class Index:
    """The node's tables, open for questions.

    Args:
        connection: A database as :func:`oncommons.node.index.build.build` writes it.
        few: Judges whether so few people have something that it must be hidden; nothing is hidden without it.
        behind: Whether it is told how many people are behind each number of rows.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, few: Few | None = None, *, behind: bool = False) -> None:
        self.behind = behind
        self.connection = connection
        plan_lightly(connection, _OPTIMISERS)
        self._parsed = lru_cache(maxsize=32)(lambda sql: connection.extract_statements(sql)[0])
        self.datasets = _states(connection)
        highest = number_for_reading(connection)
        columns = _columns(connection)
        _see_told(connection, columns)
        if few is not None:
            self.datasets = hide_few(connection, self.datasets, highest, few)
        if behind:
            self.datasets = people_of_rows(connection, self.datasets)
        self.holdings = Holdings(
            entities={
                entity: keys
                for entity in ENTITIES
                if (keys := frozenset(k for k, d in self.datasets.items() if entity in d.records))
            },
            datasets=frozenset(self.datasets),
            numbers=_numbers(connection),
            highest=highest,
            partly=_partly(connection),
            absent=frozenset(f"{f.entity}.{f.name}" for f in FIELDS) - columns,
        )
        self._everybody: dict[tuple[str, Few], dict[int, Place]] = {}
        self._rows: tuple[Query, list[tuple[Any, ...]]] | None = None
        self._codes = {v: {n: c for c, n in codes.items()} for v, codes in self.holdings.numbers.items()}

    def ask(self, question: Question, *, few: Few | None = None) -> tuple[Tally, ...]:
        """True numbers of every dataset, in order of name; a dataset without a match has no cells.

        Args:
            question: The question.
            few: Where the people behind each number are wanted too, judges whether they are few; see :meth:`places`.
        """
        behind = self.behind and few is None and question.count != "person"
        query = compile_question(question, self.holdings, people=few is not None, behind=behind)
        cells: dict[int, list[Cell]] = {key: [] for key in self.datasets}
        rows = self.connection.execute(self._parsed(query.sql), dict(query.parameters)).fetchall()
        places = self.places(question.count, few) if few is not None else {}
        for key, *row in rows:
            by, found = row[: len(question.by)], row[len(question.by) :]
            codes = tuple(self._code(f.vocabulary, value) for f, value in zip(question.by, by, strict=True))
            if few is not None:
                cells[key].append(with_people(codes, found, places[key].unit))
            else:
                certain, possible, *of = found
                cells[key].append(Cell(codes, certain, possible, behind=Behind(*of) if behind else None))
        return tuple(
            Tally(state, tuple(sorted(cells[key], key=_place)), places.get(key))
            for key, state in sorted(self.datasets.items(), key=lambda item: item[1].name)
        )

    def rows(self, run: Run) -> list[tuple[Any, ...]]:
        """What an analysis is made of: a row for each person for whom the cohort is certain.

        A row has the name of the dataset, the number of the person, and each variable as a number; ``None`` where it is
        missing.  Those of the last run are kept for its next round, since the tables behind an index never change: after
        an import, or when somebody has opted out, there is another index.

        Args:
            run: Whose rows, and which variables.
        """
        query = compile_run(run, self.holdings)
        if self._rows is not None and self._rows[0] == query:
            return list(self._rows[1])
        self._rows = None
        found = self.connection.execute(query.sql, dict(query.parameters)).fetchall()
        rows = [(self.datasets[key].name, *row) for key, *row in found]
        if len(rows) * (len(run.variables) + 2) <= MOST_KEPT:
            self._rows = (query, rows)
        return list(rows)

    def names(self) -> dict[tuple[str, int], str]:
        """How the source names people: dataset and number of each to its name there, which never leaves the node."""
        found = self.connection.execute("SELECT dataset, roll, id FROM person").fetchall()
        return {(self.datasets[key].name, number): name for key, number, name in found}

    def places(self, entity: str, few: Few) -> Mapping[int, Place]:
        """Key of a dataset to everybody in it who has a row of the entity.

        Args:
            entity: Which entity.
            few: Of each person only so many rows count that few people have more.
        """
        if (entity, few) not in self._everybody:
            query = compile_question(Question(entity, None), self.holdings, people=True)
            found = {key: with_people((), row) for key, *row in self.connection.execute(query.sql).fetchall()}
            self._everybody[entity, few] = {
                key: everybody_of(state.name, entity, found.get(key), few) for key, state in self.datasets.items()
            }
        return self._everybody[entity, few]

    def people_by_code(self) -> Mapping[str, Mapping[str, Mapping[str, int]]]:
        """Coded field to dataset to code to number of people who have some row with that code, or one that it includes."""
        coded = [f for f in FIELDS if f.type == "code" and self.holdings.has(f)]
        return {f.name: self._people(f) for f in coded}

    def _people(self, field: Field) -> dict[str, dict[str, int]]:
        owner = "key" if field.entity == "person" else "person"
        included = self._included(field)
        join = f"JOIN {INCLUDED} ON above.stored_value = {field.name}" if included else ""
        rows = self.connection.execute(
            f"SELECT dataset, {'above.told_code' if included else field.name}, count(DISTINCT {owner}) FROM {field.entity} "
            f"{join} WHERE {field.name} IS NOT NULL GROUP BY ALL",
            included,
        ).fetchall()
        coded = sorted((key, str(self._code(field.vocabulary, value)), people) for key, value, people in rows)
        return _nested(coded, {key: state.name for key, state in self.datasets.items()})

    def crowds_by_code(self) -> Mapping[str, Mapping[str, Mapping[str, Crowd]]]:
        """Coded field to dataset to code to the people who have some row with that code, or one that it includes."""
        names = {key: state.name for key, state in self.datasets.items()}
        found: dict[str, dict[str, dict[str, Crowd]]] = {}
        for field in (f for f in FIELDS if f.type == "code" and self.holdings.has(f)):
            found[field.name] = {}
            included = self._included(field)
            query = people_of_codes(field, self.holdings.highest, included=bool(included))
            for key, value, bits in self.connection.execute(query, included).fetchall():
                code = str(self._code(field.vocabulary, value))
                found[field.name].setdefault(names[key], {})[code] = crowd_of(bits)
        return found

    def _included(self, field: Field) -> dict[str, list[Any]]:
        """Parameters of :data:`INCLUDED` for the values that occur; none where no code includes another."""
        if not field.codes.includes:
            return {}
        query = f"SELECT DISTINCT {field.name} FROM {field.entity} WHERE {field.name} IS NOT NULL"
        stored = [value for (value,) in self.connection.execute(query).fetchall()]
        coded = [(value, str(self._code(field.vocabulary, value))) for value in stored]
        pairs = [(value, one) for value, code in coded for one in (code, *field.codes.above(code))]
        return {"stored": [value for value, _ in pairs], "codes": [code for _, code in pairs]} if pairs else {}

    def _code(self, vocabulary: str, value: str | int | None) -> str | None:
        """The code that a value of a column stands for."""
        if value is None or isinstance(value, str):
            return value
        return self._codes[vocabulary][value]

    def close(self) -> None:
        """Close the tables."""
        self.connection.close()


def _place(cell: Cell) -> tuple[tuple[bool, str], ...]:
    """Where a cell stands in the answer: by its codes, missing ones last."""
    return tuple((code is None, code or "") for code in cell.key)


def _nested(rows: Sequence[tuple[int, str, int]], names: Mapping[int, str]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for key, code, people in rows:
        found.setdefault(names[key], {})[code] = people
    return found


def _numbers(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for vocabulary, number, code in connection.execute("SELECT vocabulary, number, code FROM code").fetchall():
        found.setdefault(vocabulary, {})[code] = number
    return found


def _columns(connection: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """Columns of the tables of entities; what DuckDB tells of all tables takes it ten times as long."""
    found: set[str] = set()
    for entity in ENTITIES:
        with suppress(duckdb.CatalogException):  # tables of before there was such an entity
            said = connection.execute(f"SELECT * FROM {entity} LIMIT 0").description or ()
            found |= {f"{entity}.{column}" for column, *_ in said}
    return frozenset(found)


def _see_told(connection: duckdb.DuckDBPyConnection, columns: AbstractSet[str]) -> None:
    """See that it is said of everybody what sources hold of them; in tables of before it was, that nobody knows."""
    lacking = sorted({f"person.{name}" for name in TOLD} - columns)
    if lacking:
        unknown = ", ".join(f"CAST(NULL AS BOOLEAN) AS {name.removeprefix('person.')}" for name in lacking)
        connection.execute(f"CREATE OR REPLACE TEMP TABLE person AS SELECT *, {unknown} FROM person")


def _partly(connection: duckdb.DuckDBPyConnection) -> dict[str, frozenset[int]]:
    """Clinical entity to the datasets with clinical sources, of which some do not hold it or do not speak of somebody."""
    keys = sourced(connection)
    if not keys:
        return {}
    counted = ", ".join(f"count(*) FILTER (WHERE {name}) = count(*)" for name in TOLD)
    query = f"SELECT dataset, {counted} FROM person WHERE dataset IN ({', '.join(map(str, keys))}) GROUP BY dataset"
    rows = connection.execute(query).fetchall()
    return {e: frozenset(key for key, *whole in rows if not whole[i]) for i, e in enumerate(CLINICAL)}


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
            _every_field(records.get(key, {}), fields.get(key, {})),
        )
        for key, name, title, licence, source, about in connection.execute(query).fetchall()
    }


def _every_field(records: Mapping[str, int], fields: Mapping[str, FieldState]) -> dict[str, FieldState]:
    """The state of every field; one that came into the dictionary after the tables were written is not known."""
    names = {f"{f.entity}.{f.name}": records[f.entity] for f in FIELDS if f.entity in records}
    return {name: fields.get(name, FieldState(known=False, lacking=number)) for name, number in names.items()}

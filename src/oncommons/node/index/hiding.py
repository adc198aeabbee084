"""What too few people have is treated like what nobody has: entities and fields of datasets with clinical sources.

Which of them a source holds depends on what occurs in it.  So that one patient's only procedure does not show in a card,
or in what an answer says to be known, rows and values that too few have are hidden from questions altogether.

=================== ================================================= =================================================
hidden              where                                             then
=================== ================================================= =================================================
an entity           too few people of the dataset have a row          the dataset does not have the entity
a field             too few have a value of it (fields of people and  the dataset does not have the field
                    of clinical entities)
what a source says  a source holds an entity by its rows alone, and   of people without a row who are in no other source
                    too few people of it have one                     that holds it, it is unknown whether they had one
=================== ================================================= =================================================

Images of a dataset without clinical sources are of all its people, and their fields are those of their source; nothing
of them is hidden.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import duckdb

from oncommons.node.holdings import DatasetState, FieldState
from oncommons.node.index.deriving import holders, rows_held
from oncommons.node.index.people import Few, crowd_of
from oncommons.policy.disclosure.crowd import NOBODY, Crowd
from oncommons.schema.clinical import CLINICAL
from oncommons.schema.dictionary import ENTITIES, FIELDS

States = Mapping[int, DatasetState]
_Crowds = dict[int, tuple[Crowd, dict[str, Crowd]]]
"""Key of a dataset to the people who have a row, and by field those who have a value."""


def hide_few(connection: duckdb.DuckDBPyConnection, states: States, highest: int, few: Few) -> dict[int, DatasetState]:
    """Hide what too few people have from whoever reads the tables by this connection; returns what is left to see.

    Args:
        connection: The node's tables.
        states: What its datasets have, by key.
        highest: The largest number that a person has.
        few: Judges people.
    """
    found = dict(states)
    keyed = sourced(connection)
    for entity in ENTITIES:
        if keys := [key for key in keyed if entity in found[key].records]:
            _hide(connection, entity, _crowds(connection, entity, keys, highest), found, few)
    for entity in CLINICAL:
        if keys := [key for key in keyed if entity in found[key].records]:
            silence(connection, entity, keys, highest, few)
    return found


def _hide(
    connection: duckdb.DuckDBPyConnection, entity: str, crowds: _Crowds, found: dict[int, DatasetState], few: Few
) -> None:
    """Hide an entity, or fields of it, in the datasets of which the people are told; ``found`` is what is left to see."""
    gone: list[int] = []
    empty: dict[str, list[int]] = {}
    for key, (everybody, having) in crowds.items():
        name = found[key].name
        if entity != "person" and few(name, everybody):
            gone.append(key)
            found[key] = _without(found[key], entity)
            continue
        lost = [field for field, crowd in having.items() if few(name, crowd)]
        found[key] = _unknown(found[key], entity, lost)
        for field in lost:
            empty.setdefault(field, []).append(key)
    _cover(connection, entity, gone, empty)


def sourced(connection: duckdb.DuckDBPyConnection) -> list[int]:
    """Keys of the datasets with clinical sources.

    Args:
        connection: The node's tables.
    """
    query = "SELECT DISTINCT d.key FROM dataset d JOIN omop.source s ON s.dataset = d.name ORDER BY 1"
    try:
        return [key for (key,) in connection.execute(query).fetchall()]
    except duckdb.CatalogException:  # there has never been one; to look through the names of all tables takes longer
        return []


def _judged(connection: duckdb.DuckDBPyConnection, entity: str) -> list[str]:
    """The fields of an entity that may be hidden, and have a column."""
    if entity not in {"person", *CLINICAL}:
        return []
    there = {name for name, *_ in connection.execute(f"DESCRIBE {entity}").fetchall()}
    return [f.name for f in FIELDS if f.entity == entity and f.name in there]


def _crowds(connection: duckdb.DuckDBPyConnection, entity: str, keys: Sequence[int], highest: int) -> _Crowds:
    """The people of each dataset who have a row of an entity, and those who have a value of each field."""
    names = _judged(connection, entity)
    bits = f"bitstring_agg({highest} - p.roll, 0, {highest})"
    having = "".join(f", CAST({bits} FILTER (WHERE e.{name} IS NOT NULL) AS BLOB)" for name in names)
    owner = "key" if entity == "person" else "person"
    rows = connection.execute(
        f"SELECT e.dataset, CAST({bits} AS BLOB){having} FROM {entity} e JOIN person p ON p.key = e.{owner} "
        f"WHERE e.dataset IN ({', '.join(map(str, keys))}) GROUP BY e.dataset"
    ).fetchall()
    nobody: _Crowds = {key: (NOBODY, dict.fromkeys(names, NOBODY)) for key in keys}
    told: _Crowds = {
        key: (crowd_of(first), {n: crowd_of(b) for n, b in zip(names, rest, strict=True)}) for key, first, *rest in rows
    }
    return {**nobody, **told}


def _without(state: DatasetState, entity: str) -> DatasetState:
    records = {name: number for name, number in state.records.items() if name != entity}
    fields = {name: field for name, field in state.fields.items() if not name.startswith(f"{entity}.")}
    return replace(state, records=records, fields=fields)


def _unknown(state: DatasetState, entity: str, names: Sequence[str]) -> DatasetState:
    nothing = FieldState(known=False, lacking=state.records[entity])
    return replace(state, fields={**state.fields, **{f"{entity}.{name}": nothing for name in names}})


def _cover(
    connection: duckdb.DuckDBPyConnection, entity: str, gone: Sequence[int], empty: Mapping[str, Sequence[int]]
) -> None:
    """Lay a view over a table in which rows of some datasets, and values of some fields of others, are not there."""
    if not gone and not empty:
        return
    values = ", ".join(
        f"CASE WHEN dataset NOT IN ({', '.join(map(str, keys))}) THEN {name} END AS {name}"
        for name, keys in empty.items()
    )
    where = f" WHERE dataset NOT IN ({', '.join(map(str, gone))})" if gone else ""
    seen = f"* REPLACE ({values})" if values else "*"
    if entity == "person":  # covered before, perhaps, and small
        connection.execute(f"CREATE OR REPLACE TEMP TABLE person AS SELECT {seen} FROM person{where}")
        return
    ((base,),) = connection.execute("SELECT current_database()").fetchall()
    connection.execute(f'CREATE OR REPLACE TEMP VIEW {entity} AS SELECT {seen} FROM "{base}".main.{entity}{where}')


def silence(connection: duckdb.DuckDBPyConnection, entity: str, keys: Sequence[int], highest: int, few: Few) -> None:
    """Let sources in which too few have a row of an entity not speak of it.

    Args:
        connection: The node's tables.
        entity: A clinical entity.
        keys: Of which datasets.
        highest: The largest number that a person has.
        few: Judges people.
    """
    told = f"told_{entity}"
    if not keys or told not in {name for name, *_ in connection.execute("DESCRIBE person").fetchall()}:
        return
    chosen = ", ".join(map(str, keys))
    holding = connection.execute(
        f"SELECT h.dataset, h.source, h.named, CAST(bitstring_agg({highest} - p.roll, 0, {highest}) "
        "FILTER (WHERE r.person_id IS NOT NULL) AS BLOB) "
        f"FROM ({holders(entity)}) h JOIN dataset d ON d.name = h.dataset "
        "JOIN omop.person o ON o.dataset = h.dataset AND o.source = h.source "
        "JOIN person p ON p.dataset = d.key AND p.id = o.person_source_value "
        f"LEFT JOIN (SELECT DISTINCT dataset, source, person_id FROM ({rows_held(entity)})) r "
        "ON r.dataset = h.dataset AND r.source = h.source AND r.person_id = o.person_id "
        f"WHERE d.key IN ({chosen}) GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    silent = [(d, s) for d, s, named, bits in holding if not named and few(d, crowd_of(bits))]
    if not silent:
        return
    speaking = [(d, s) for d, s, *_ in holding if (d, s) not in silent]
    names, sources = [d for d, _ in speaking], [s for _, s in speaking]
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE person AS SELECT p.* REPLACE (CASE WHEN p.dataset IN ({chosen}) THEN EXISTS ("
        "SELECT 1 FROM dataset d JOIN omop.person o ON o.dataset = d.name "
        "JOIN (SELECT unnest($1) AS name, unnest($2) AS source) s ON s.name = o.dataset AND s.source = o.source "
        f"WHERE d.key = p.dataset AND o.person_source_value = p.id) ELSE p.{told} END AS {told}) FROM person p",
        [names, sources],
    )

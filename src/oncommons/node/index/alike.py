"""Under the rule ``private`` the tables look alike whoever is in them: what is said of one person depends on them alone.

What a dataset with clinical sources has follows from what occurs in it (see :mod:`oncommons.node.index.hiding`), so one
person could decide what is known of the others.  Here nothing is hidden, and nothing is decided by what occurs:

==================== ================================================================================================
what                 is
==================== ================================================================================================
entities and fields  all there, in every dataset with clinical sources; nobody may have one
who had no diagnosis certain of somebody in a table of which the hospital named the column; of others it is unknown
who had no image     certain of somebody with another image; of others in such a dataset it is unknown
==================== ================================================================================================

Other datasets have the fields that their source was said to have.
Which datasets there are, and of what kind their sources are, is no secret.
"""

from __future__ import annotations

from dataclasses import replace

from oncommons.node.holdings import DatasetState, FieldState
from oncommons.node.index.asking import Index
from oncommons.node.index.hiding import silence, sourced
from oncommons.schema.clinical import CLINICAL
from oncommons.schema.dictionary import ENTITIES, FIELDS


def see_alike(index: Index) -> Index:
    """Let an index in which nothing is hidden say nothing that follows from what occurs; returns it.

    Args:
        index: The node's tables, opened without a judge of what is few.
    """
    keys = sourced(index.connection)
    if not keys:
        return index
    tables = {name for (name,) in index.connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    there = [entity for entity in ENTITIES if entity != "person" and entity in tables]
    for entity in (e for e in CLINICAL if e in there):
        silence(index.connection, entity, keys, index.holdings.highest, lambda *_: True)
    images = [entity for entity in there if entity not in CLINICAL]
    marks = ", ".join(f"key IN (SELECT person FROM {entity}) AS told_{entity}" for entity in images)
    index.connection.execute(f"CREATE OR REPLACE TEMP TABLE person AS SELECT *, {marks} FROM person")
    index.datasets = {key: _with_all(s, there) if key in keys else s for key, s in index.datasets.items()}
    found = index.holdings.entities
    index.holdings = replace(
        index.holdings,
        entities={**found, **{entity: found.get(entity, frozenset()) | frozenset(keys) for entity in there}},
        partly=dict.fromkeys(there, frozenset(keys)),
    )
    return index


def _with_all(state: DatasetState, entities: list[str]) -> DatasetState:
    """A dataset that has every field of these entities; how many rows there are is not said."""
    names = [f"{f.entity}.{f.name}" for f in FIELDS if f.entity in {"person", *entities}]
    return replace(
        state,
        records=dict.fromkeys(["person", *entities], 0),
        fields={name: FieldState(known=True, lacking=0) for name in names},
    )

"""What was made of each raw value: the raw string, the code, the rule that gave it and how sure it is.

Every different raw value is read once, into a temporary table ``received_reading``::

    received_reading (key, field, raw, context, code, rule, confidence)

``raw`` is the value as it stood in the headers, ``context`` the modality where the rule looked at it, ``code`` is NULL where
no rule read the value.  The table ``row`` that :func:`read_all` works on has one row a series, with a text column ``c_<name>``
for each column that the source has; afterwards the tables ``read_<field>`` say which reading each raw value got.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType

import duckdb

from oncommons.node.receive.classify import (
    FEW,
    NO_AGENT,
    RULES,
    normal,
    number_of,
    series_flags,
    study_flags,
    timing,
)
from oncommons.node.receive.harmonise import EXPRESSIONS
from oncommons.node.receive.rules import CONFIDENCE, NOTHING

HINTS = (
    "series_description",
    "study_description",
    "sop_class",
    "image_type",
    "contrast_agent",
    "side",
    "repetition_time",
    "echo_time",
    "inversion_time",
    "scanning_sequence",
)
"""Columns of a source that the rules look at, and that are no fields themselves."""
DECIDED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "series_class": ("series_description", "image_type", "sop_class"),
        "laterality": ("side", "series_description"),
        "contrast": ("contrast_agent", "series_description", "study_description"),
    }
)
"""Fields that rules decide from several columns, and the columns of which a source must have one."""
KEPT = ("sex", "age", "modality", "body_part", "manufacturer", "model")
"""Fields of one column whose readings are kept; dates and numbers of images are not."""
PROVEN = (*KEPT, *DECIDED)
"""Fields whose readings are kept."""
_READ_FROM = {
    "series_class": "coalesce(nullif(trim(series_description), ''), modality)",
    "contrast": "CASE WHEN agent != '' THEN agent ELSE series_description END",
    "laterality": "CASE WHEN side != '' THEN side ELSE series_description END",
}
"""Decided field to SQL for the raw value that is told."""
_STATED = {"series_class": "TRUE", "contrast": "agent != ''", "laterality": "side != ''"}
"""Decided field to SQL for whether a header is there that should have decided it."""


def read_all(connection: duckdb.DuckDBPyConnection, present: Collection[str]) -> dict[str, int]:
    """Read every raw value of the table ``row``; returns per field in how many rows no rule could read it.

    Args:
        connection: Holds the tables; a table ``accepted`` may hold the mappings that the node's people accepted.
        present: Names of the columns that the source has.
    """
    connection.execute(
        "CREATE TEMP TABLE IF NOT EXISTS accepted (field VARCHAR, raw VARCHAR, context VARCHAR, code VARCHAR)"
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE received_reading (key INTEGER, field VARCHAR, raw VARCHAR, "
        "context VARCHAR, code VARCHAR, rule VARCHAR, confidence DOUBLE)"
    )
    lost = {name: _read_one(connection, name) for name in EXPRESSIONS if name in present}
    decided = [name for name, columns in DECIDED.items() if any(column in present for column in columns)]
    if decided:
        _describe(connection, present)
        for name in decided:
            lost[name] = _decide(connection, name)
    return lost


def joins(present: Collection[str]) -> tuple[list[str], list[str]]:
    """SQL columns of the values and of the keys of their readings, and the joins that bring them, over ``row r``.

    Args:
        present: Names of the columns that the source has.
    """
    values, tables = [], []
    for name in EXPRESSIONS:
        there = name in present
        values.append(f"{f'read_{name}.value' if there else 'NULL'} AS {name}")
        if name in KEPT:
            values.append(f"{f'read_{name}.key' if there else 'NULL::INTEGER'} AS {name}_reading")
        if there:
            tables.append(f"LEFT JOIN read_{name} ON read_{name}.raw = r.c_{name}")
    described = any(column in present for columns in DECIDED.values() for column in columns)
    for name, columns in DECIDED.items():
        there = any(column in present for column in columns)
        values.append(f"{f'described.{name}' if there else 'NULL::VARCHAR'} AS {name}")
        values.append(f"{f'described.{name}_reading' if there else 'NULL::INTEGER'} AS {name}_reading")
    if described:
        tables.append("LEFT JOIN described ON described.told = r.told AND described.also = r.also")
    return values, tables


def told(present: Collection[str]) -> str:
    """SQL for two columns, ``told`` and ``also``, that stand for all that the rules look at.

    They are hashes of it, 64 bits each and one of them over the columns in reverse order: that two of a million series
    agree in both by chance has a probability of about 1e-27.

    Args:
        present: Names of the columns that the source has.
    """
    parts = [f"coalesce(c_{name}, '')" for name in ("modality", "body_part", *HINTS) if name in present]
    parts = [*parts, _many(present)]
    return f"hash({', '.join(parts)}) AS told, hash({', '.join(reversed(parts))}, 0) AS also"


def _column(name: str, present: Collection[str]) -> str:
    return f"c_{name}" if name in present else "''"


def _many(present: Collection[str]) -> str:
    return f"coalesce(TRY_CAST(c_instances AS BIGINT) > {FEW}, TRUE)" if "instances" in present else "TRUE"


def _read_one(connection: duckdb.DuckDBPyConnection, name: str) -> int:
    """Read each different value of a column once."""
    value = EXPRESSIONS[name]("text")
    kept = name in KEPT
    nothing = ", ".join(f"'{word}'" for word in NOTHING)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE read_{name} AS WITH one AS ("
        f"  SELECT c_{name} AS raw, c_{name} AS text, count(*) AS number FROM row "
        f"  WHERE upper(trim(c_{name})) NOT IN ({nothing}) GROUP BY ALL"
        f"), given AS (SELECT one.*, a.code AS accepted, {value} AS ruled FROM one LEFT JOIN accepted a "
        f"  ON a.field = '{name}' AND a.context = '' AND a.raw = lower(trim(one.text))) "
        f"SELECT {_next_key(connection)} + row_number() OVER () AS key, raw, number, accepted IS NOT NULL AS taken, "
        f"{'coalesce(accepted, ruled)' if kept and name != 'age' else 'ruled'} AS value FROM given"
    )
    if kept:
        term = f"upper(trim(raw)) = CAST(value AS VARCHAR) OR '{name}' IN ('age', 'model')"
        how = (
            f"CASE WHEN value IS NULL THEN NULL WHEN taken THEN 'accepted' WHEN {term} THEN 'term' ELSE 'spelling' END"
        )
        sure = " ".join(f"WHEN '{kind}' THEN {number}" for kind, number in CONFIDENCE.items())
        connection.execute(
            f"INSERT INTO received_reading SELECT key, '{name}', raw, '', CAST(value AS VARCHAR), '{name}.' || how, "
            f"CASE how {sure} END FROM (SELECT *, {how} AS how FROM read_{name})"
        )
    lost = connection.execute(f"SELECT coalesce(sum(number), 0) FROM read_{name} WHERE value IS NULL").fetchall()
    return int(lost[0][0])


def _describe(connection: duckdb.DuckDBPyConnection, present: Collection[str]) -> None:
    """Every different combination of what the rules look at, and what the descriptions in it say."""
    columns = ", ".join(
        f"coalesce(any_value({_column(name, present)}), '') AS {name}" for name in (*HINTS, "body_part")
    )
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE combination AS SELECT told, also, count(*) AS number, {columns}, "
        f"upper(trim(coalesce(any_value({_column('modality', present)}), ''))) AS modality, "
        f"any_value({_many(present)}) AS many FROM row GROUP BY told, also"
    )
    for table, column, flags in (
        ("says", "series_description", series_flags("text")),
        ("studied", "study_description", study_flags("text")),
    ):
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT {column}, {flags} FROM "
            f"(SELECT DISTINCT {column}, {normal(column)} AS text FROM combination)"
        )
    times = timing("repetition_time", "echo_time", "inversion_time", "scanning_sequence")
    agent = "trim(contrast_agent)"
    numbers = ", ".join(f"{number_of(name)} AS {name}_rule" for name in RULES)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE described AS SELECT *, {numbers} FROM (SELECT * REPLACE ("
        f"upper(image_type) AS image_type, trim(sop_class) AS sop_class, {_side()} AS side), {agent} AS agent, "
        f"regexp_full_match(lower({agent}), '{NO_AGENT}') AS no_agent, {times} AS timing "
        "FROM combination JOIN says USING (series_description) JOIN studied USING (study_description))"
    )
    connection.execute("DROP TABLE combination")


def _side() -> str:
    """SQL for the side as its attribute or the body part states it."""
    return (
        "CASE WHEN trim(side) != '' THEN upper(trim(side)) WHEN starts_with(upper(trim(body_part)), 'LEFT ') THEN 'L' "
        "WHEN starts_with(upper(trim(body_part)), 'RIGHT ') THEN 'R' ELSE '' END"
    )


def _decide(connection: duckdb.DuckDBPyConnection, name: str) -> int:
    """Add the code and the reading of a decided field to ``described``."""
    rules = ", ".join(f"({n}, '{r.id}', '{r.code}', {r.confidence})" for n, r in enumerate(RULES[name], 1))
    raw = _READ_FROM[name]
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE decided AS SELECT d.told, d.also, d.number, {raw} AS raw, d.modality AS context, "
        "coalesce(special.code, general.code, rule.code) AS code, "
        "CASE WHEN special.code IS NULL AND general.code IS NULL THEN rule.id "
        f"ELSE '{name}.accepted' END AS rule, "
        f"CASE WHEN special.code IS NULL AND general.code IS NULL THEN rule.confidence "
        f"ELSE {CONFIDENCE['accepted']} END AS confidence, ({_STATED[name]}) AS stated "
        f"FROM described d LEFT JOIN (VALUES {rules}) AS rule (number, id, code, confidence) "
        f"ON rule.number = d.{name}_rule "
        f"LEFT JOIN accepted special ON special.field = '{name}' AND special.context = d.modality "
        f"AND special.context != '' AND special.raw = lower(trim({raw})) "
        f"LEFT JOIN accepted general ON general.field = '{name}' AND general.context = '' "
        f"AND general.raw = lower(trim({raw}))"
    )
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE decided AS SELECT *, {_next_key(connection)} + dense_rank() OVER "
        "(ORDER BY raw, context, code, rule) AS key FROM decided WHERE code IS NOT NULL OR stated"
    )
    connection.execute(
        f"INSERT INTO received_reading SELECT DISTINCT key, '{name}', raw, context, code, rule, confidence FROM decided"
    )
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE described AS SELECT d.*, x.code AS {name}, x.key AS {name}_reading "
        "FROM described d LEFT JOIN decided x ON x.told = d.told AND x.also = d.also"
    )
    lost = connection.execute("SELECT coalesce(sum(number), 0) FROM decided WHERE code IS NULL").fetchall()
    connection.execute("DROP TABLE decided")
    return int(lost[0][0])


def _next_key(connection: duckdb.DuckDBPyConnection) -> int:
    """The number below the first free key."""
    return int(connection.execute("SELECT coalesce(max(key), 0) FROM received_reading").fetchall()[0][0])

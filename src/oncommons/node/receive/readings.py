"""What was made of each raw value: the raw string, the code, the rule that gave it and how sure it is.

Every different raw value is read once, into a temporary table ``received_reading``::

    received_reading (key, field, raw, context, code, rule, confidence)

``raw`` is the value as it stood in the headers, ``context`` the modality where the rule looked at it, ``code`` is NULL where
no rule read the value.  The table ``row`` that :func:`read_all` works on has one row a series, with a text column ``c_<name>``
for each column that the source has.  On the way there are the temporary tables::

    combination (c_..., many, number)   every different combination of names and of what the rules look at
    described   (c_..., many, ...)      the same, with the number of the rule that decides each decided field
    read        (key, field, raw, ...)  the values of each field of one column, read
    decided     (key, field, raw, ...)  the values of each decided field, with context and rule

It is written as few large statements, because to plan one takes longer than to read a small hospital's day.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

import duckdb

from oncommons.node.receive.class_rules import Rule
from oncommons.node.receive.classify import (
    FEW,
    NO_AGENT,
    normal,
    number_of,
    series_flags,
    study_flags,
    that_apply,
    timing,
)
from oncommons.node.receive.harmonise import EXPRESSIONS
from oncommons.node.receive.rules import CONFIDENCE, NOTHING
from oncommons.schema.image_fields import READ

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
KEPT = tuple(name for name in READ if name not in DECIDED)
"""Fields of one column whose readings are kept; dates and numbers of images are not."""
_READ_FROM = {
    "series_class": "coalesce(nullif(trim(series_description), ''), modality)",
    "contrast": "CASE WHEN agent != '' THEN agent ELSE series_description END",
    "laterality": "CASE WHEN side != '' THEN side ELSE series_description END",
}
"""Decided field to SQL for the raw value that is told."""
_STATED = {"series_class": "TRUE", "contrast": "agent != ''", "laterality": "side != ''"}
"""Decided field to SQL for whether a header is there that should have decided it."""


_NUMBERS = ("age", "study_year", "instances")
"""Fields that are whole numbers: each has many values, and no rule of another field looks at it."""
_NAMES = tuple(name for name in EXPRESSIONS if name not in _NUMBERS)
"""The other fields of one column."""


def read_all(connection: duckdb.DuckDBPyConnection, present: Collection[str]) -> dict[str, int]:
    """Read every raw value of the table ``row``; returns per field in how many rows no rule could read it.

    Args:
        connection: Holds the tables; a table ``accepted`` may hold the mappings that the node's people accepted.
        present: Names of the columns that the source has.
    """
    connection.execute(
        "CREATE TEMP TABLE IF NOT EXISTS accepted (field VARCHAR, raw VARCHAR, context VARCHAR, code VARCHAR)"
    )
    single, decided = _fields(present)
    _combine(connection, present)
    _read(connection, single)
    if decided:
        modalities = connection.execute("SELECT DISTINCT modality FROM combination").fetchall()
        rules = {name: that_apply(name, [modality for (modality,) in modalities]) for name in decided}
        _describe(connection, rules, present)
        _decide(connection, rules)
    sure = " ".join(f"WHEN '{how}' THEN {number}" for how, number in CONFIDENCE.items())
    lost = "SELECT field, sum(number) FROM read WHERE value IS NULL GROUP BY field"
    kept = (
        "SELECT CAST(key AS INTEGER) AS key, field, raw, '' AS context, value AS code, field || '.' || how AS rule, "
        f"CAST(CASE how {sure} END AS DOUBLE) AS confidence FROM read WHERE field IN ({_texts(KEPT)})"
    )
    if decided:
        lost += " UNION ALL SELECT field, sum(number) FROM decided WHERE code IS NULL GROUP BY field"
        kept += " UNION ALL SELECT DISTINCT key, field, raw, context, code, rule, confidence FROM decided"
    connection.execute(f"CREATE OR REPLACE TEMP TABLE received_reading AS {kept}")
    found = dict(connection.execute(lost).fetchall())
    return {name: int(found.get(name, 0)) for name in (*single, *decided)}


def joins(present: Collection[str]) -> tuple[list[str], str]:
    """SQL columns of the values and of the keys of their readings, and the joins that bring them, over ``row r``.

    Args:
        present: Names of the columns that the source has.
    """
    single, decided = _fields(present)
    same = _combined(present)
    values, inner, tables, within = [], ["c.many", *(f"c.{column}" for column in same)], [], []
    for name in (*EXPRESSIONS, *DECIDED):
        value, key = ("code" if name in DECIDED else "value"), f", {name}_reading" * (name in READ)
        if name not in (*single, *decided):
            values.append(f"NULL::{'INTEGER' if name in _NUMBERS else 'VARCHAR'} AS {name}")
            values += [f"NULL::INTEGER AS {name}_reading"] * bool(key)
        elif name in _NUMBERS:
            values.append(f"n_{name}.whole AS {name}")
            values += [f"CAST(n_{name}.key AS INTEGER) AS {name}_reading"] * bool(key)
            tables.append(f"LEFT JOIN read n_{name} ON n_{name}.field = '{name}' AND n_{name}.raw = r.c_{name}")
        else:
            values.append(f"{name}{key}")
            inner.append(f"n_{name}.{value} AS {name}")
            inner += [f"CAST(n_{name}.key AS INTEGER) AS {name}_reading"] * bool(key)
            within.append(_join(name))
    source = f"{'described' if decided else 'combination'} c {' '.join(within)}"
    on = " AND ".join(
        [f"d.many = {_many(present)}", *(f"d.{column} IS NOT DISTINCT FROM r.{column}" for column in same)]
    )
    return values, f"JOIN (SELECT {', '.join(inner)} FROM {source}) d ON {on} {' '.join(tables)}"


def _join(name: str) -> str:
    """The join that brings the reading of a name or decided field to a combination ``c``."""
    if name not in DECIDED:
        return f"LEFT JOIN read n_{name} ON n_{name}.field = '{name}' AND n_{name}.raw = c.c_{name}"
    return (
        f"LEFT JOIN decided n_{name} ON n_{name}.field = '{name}' AND n_{name}.raw = {_READ_FROM[name]} "
        f"AND n_{name}.context = c.modality AND n_{name}.number_of_rule = c.{name}_rule AND n_{name}.stated = ({_STATED[name]})"
    )


def _fields(present: Collection[str]) -> tuple[list[str], list[str]]:
    """The fields that a source has: those of one column, and those that are decided from several."""
    single = [name for name in EXPRESSIONS if name in present]
    return single, [name for name, columns in DECIDED.items() if any(column in present for column in columns)]


def _many(present: Collection[str]) -> str:
    return f"coalesce(TRY_CAST(c_instances AS BIGINT) > {FEW}, TRUE)" if "instances" in present else "TRUE"


def _texts(words: Sequence[str]) -> str:
    return ", ".join(f"'{word}'" for word in words)


def _combined(present: Collection[str]) -> list[str]:
    """Columns of ``row`` that make a combination."""
    return [f"c_{name}" for name in (*_NAMES, *HINTS) if name in present]


def _combine(connection: duckdb.DuckDBPyConnection, present: Collection[str]) -> None:
    """Every different combination of names and of what the rules look at.

    By the values themselves: DuckDB's hash gives like texts of 30 letters the same number too often to stand for them.
    """
    modality = "coalesce(c_modality, '')" if "modality" in present else "''"
    columns = ", ".join([*_combined(present), f"{_many(present)} AS many"])
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE combination AS SELECT *, upper(trim({modality})) AS modality FROM "
        f"(SELECT {columns}, count(*) AS number FROM row GROUP BY ALL)"
    )


def _read(connection: duckdb.DuckDBPyConnection, names: Sequence[str]) -> None:
    """Read each different value of the columns of one field once."""
    found = [
        f"SELECT '{name}' AS field, c_{name} AS raw, {'count(*)' if name in _NUMBERS else 'sum(number)'} AS number "
        f"FROM {'row' if name in _NUMBERS else 'combination'} GROUP BY c_{name}"
        for name in names
    ] or ["SELECT '' AS field, '' AS raw, 0 AS number WHERE FALSE"]
    rules = [f"WHEN '{name}' THEN CAST({EXPRESSIONS[name]('one.raw')} AS VARCHAR)" for name in names]
    value = f"CASE one.field {' '.join(rules)} END" if rules else "NULL"
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE read AS WITH one AS ({' UNION ALL '.join(found)}), given AS ("
        "  SELECT one.*, a.code AS accepted, upper(trim(one.raw)) AS term, "
        f"  {value} AS ruled FROM one LEFT JOIN accepted a "
        "  ON a.field = one.field AND a.context = '' AND a.raw = lower(trim(one.raw)) "
        f"  AND one.field IN ({_texts(KEPT)}) AND one.field != 'age'"
        "), numbered AS ("  # its numbering keeps the filter below from being applied to every row of the source
        "  SELECT *, coalesce(accepted, ruled) AS value, row_number() OVER (ORDER BY field, raw) AS key FROM given"
        ") SELECT key, field, raw, number, value, TRY_CAST(value AS INTEGER) AS whole, "
        "CASE WHEN value IS NULL THEN NULL WHEN accepted IS NOT NULL THEN 'accepted' "
        "WHEN term = value OR field IN ('age', 'model') THEN 'term' ELSE 'spelling' END AS how "
        f"FROM numbered WHERE term NOT IN ({_texts(NOTHING)})"
    )


def _describe(
    connection: duckdb.DuckDBPyConnection, rules: Mapping[str, Mapping[int, Rule]], present: Collection[str]
) -> None:
    """What the descriptions in each combination say, and the first rule of each field that applies."""
    every = [rule for of in rules.values() for rule in of.values()]
    hints = {name: f"coalesce(c_{name}, '')" if name in present else "''" for name in (*HINTS, "body_part")}
    shaped = {"image_type": "upper({})", "sop_class": "trim({})", "contrast_agent": "trim({})"}
    columns = [f"{shaped.get(name, '{}').format(text)} AS {name}" for name, text in hints.items() if name != "side"]
    times = "''"
    if any(rule.timing for rule in every):
        times = timing("repetition_time", "echo_time", "inversion_time", "scanning_sequence")
    kept = [*_combined(present), "many", "number", "series_description", "modality", "agent", "side"]
    numbers = [f"{number_of(of)} AS {name}_rule" for name, of in rules.items()]
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE described AS WITH hinted AS ("
        f"  SELECT *, {', '.join(columns)}, {_side(hints)} AS side, contrast_agent AS agent FROM combination"
        "), says AS ("
        f"  SELECT series_description, modality{series_flags(every, 'text', 'modality')} FROM "
        f"  (SELECT DISTINCT series_description, modality, {normal('series_description')} AS text FROM hinted)"
        f"), studied AS (SELECT study_description{study_flags(every, 'text')} FROM "
        f"  (SELECT DISTINCT study_description, {normal('study_description')} AS text FROM hinted)"
        f") SELECT {', '.join([*kept, *numbers])} FROM (SELECT *, "
        f"regexp_full_match(lower(agent), '{NO_AGENT}') AS no_agent, {times} AS timing "
        "FROM hinted JOIN says USING (series_description, modality) JOIN studied USING (study_description))"
    )


def _side(hints: Mapping[str, str]) -> str:
    """SQL for the side as its attribute or the body part states it."""
    side, part = (f"upper(trim({hints[name]}))" for name in ("side", "body_part"))
    return (
        f"CASE WHEN {side} != '' THEN {side} WHEN starts_with({part}, 'LEFT ') THEN 'L' "
        f"WHEN starts_with({part}, 'RIGHT ') THEN 'R' ELSE '' END"
    )


def _decide(connection: duckdb.DuckDBPyConnection, rules: Mapping[str, Mapping[int, Rule]]) -> None:
    """Read each different value of the decided fields once, where it has a code or should have one."""
    found = " UNION ALL ".join(
        f"SELECT '{name}' AS field, {_READ_FROM[name]} AS raw, modality AS context, {name}_rule AS number_of_rule, "
        f"({_STATED[name]}) AS stated, sum(number) AS number FROM described GROUP BY ALL"
        for name in rules
    )
    rows = [
        f"('{name}', {n}, '{r.id}', '{r.code}', {r.confidence})" for name, of in rules.items() for n, r in of.items()
    ]
    accepted = "special.code IS NOT NULL OR general.code IS NOT NULL"
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE decided AS WITH one AS ({found}), given AS (SELECT one.*, "
        "  coalesce(special.code, general.code, rule.code) AS code, "
        f"  CASE WHEN {accepted} THEN one.field || '.accepted' ELSE rule.id END AS rule, "
        f"  CAST(CASE WHEN {accepted} THEN {CONFIDENCE['accepted']} ELSE rule.confidence END AS DOUBLE) AS confidence "
        f"  FROM one LEFT JOIN (VALUES {', '.join(rows)}) AS rule (field, number, id, code, confidence) "
        "  ON rule.field = one.field AND rule.number = one.number_of_rule "
        "  LEFT JOIN accepted special ON special.field = one.field AND special.context = one.context "
        "  AND special.context != '' AND special.raw = lower(trim(one.raw)) "
        "  LEFT JOIN accepted general ON general.field = one.field AND general.context = '' "
        "  AND general.raw = lower(trim(one.raw))"
        ") SELECT *, CAST((SELECT coalesce(max(key), 0) FROM read) + dense_rank() OVER "
        "(ORDER BY field, raw, context, code, rule) AS INTEGER) AS key FROM given WHERE code IS NOT NULL OR stated"
    )

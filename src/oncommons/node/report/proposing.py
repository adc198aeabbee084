"""Proposals for strings that no rule reads: the same string mapped elsewhere, or the closest known spelling.

A proposal is never applied by itself: a person decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import duckdb

from oncommons.node.report.harmonised import Unmapped
from oncommons.schema.vocabulary import VOCABULARIES

NEAR = 0.9
"""Jaro-Winkler similarity (Winkler 1990) from which a spelling counts as near."""
SHORT = 5
"""Strings of fewer letters are near to too much: they are proposed where they are the same only."""
MOST_KNOWN = 3000
"""Known strings of a field that are compared, those of most series first."""
_PLAIN = "regexp_replace(lower(strip_accents({})), '[^a-z0-9]+', '', 'g')"
Spellings = Mapping[str, Mapping[str, str]]


def propose(
    connection: duckdb.DuckDBPyConnection, lost: Iterable[Unmapped], spellings: Spellings
) -> tuple[Unmapped, ...]:
    """The same strings with what they might mean.

    Args:
        connection: The node's tables; another import may have mapped the string, or one that looks like it.
        lost: Strings that no rule reads.
        spellings: Field to spelling to code, from the tables of rules.
    """
    waiting = list(lost)
    told = {}
    for field in {one.field for one in waiting}:
        if field in VOCABULARIES and not VOCABULARIES[field].pattern:
            mine = [one for one in waiting if one.field == field]
            told.update(_near(connection, field, mine, spellings.get(field, {})))
    return tuple(told.get(one, one) for one in waiting)


def _near(
    connection: duckdb.DuckDBPyConnection, field: str, lost: Sequence[Unmapped], spellings: Mapping[str, str]
) -> dict[Unmapped, Unmapped]:
    codes = VOCABULARIES[field].codes
    given = {**spellings, **{label: code for code, label in codes.items()}, **{code: code for code in codes}}
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE known AS SELECT unnest($raw) AS raw, unnest($code) AS code, '' AS context, 1 AS weight",
        {"raw": list(given), "code": list(given.values())},
    )
    connection.execute(
        f"INSERT INTO known SELECT any_value(r.raw), r.code, r.context, count(*) FROM series s "
        f"JOIN reading r ON r.key = s.{field}_reading WHERE r.code IS NOT NULL "
        "GROUP BY lower(trim(r.raw)), r.code, r.context ORDER BY count(*) DESC LIMIT $most",
        {"most": MOST_KNOWN},
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE lost AS SELECT unnest($raw) AS raw, unnest($context) AS context, "
        "unnest(range(len($raw))) AS place",
        {"raw": [one.raw for one in lost], "context": [one.context for one in lost]},
    )
    like, mine, theirs = "jaro_winkler_similarity(mine, theirs)", _PLAIN.format("l.raw"), _PLAIN.format("k.raw")
    rows = connection.execute(
        f"SELECT place, arg_max(raw, (score, weight)), arg_max(code, (score, weight)), max(score) FROM ("
        f"  SELECT place, raw, code, weight, {like} AS score FROM (SELECT l.place, k.raw, k.code, k.weight, "
        f"  {mine} AS mine, {theirs} AS theirs FROM lost l JOIN known k ON k.context IN ('', l.context)) "
        f"  WHERE mine != '' AND (mine = theirs OR least(length(mine), length(theirs)) >= {SHORT})"
        ") WHERE score >= $near GROUP BY place",
        {"near": NEAR},
    ).fetchall()
    return {lost[place]: replace(lost[place], code=code, why=_why(raw, score)) for place, raw, code, score in rows}


def _why(raw: str, score: float) -> str:
    return f"{raw.strip()!r} is mapped so" if score == 1 else f"looks like {raw.strip()!r} ({score:.2f})"

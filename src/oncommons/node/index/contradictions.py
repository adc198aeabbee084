"""What a clinical source says that cannot be: dates out of their order, the dead alive, images that are not there.

The rows stay as they are; the data manager is told, and the table ``omop.fault`` keeps it.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from oncommons.schema.errors_of_rows import DanglingReference, ImpossibleDate
from oncommons.schema.omop import END, START, STATUS
from oncommons.schema.units import LONGEST_LIFE

_BORN = (
    "(SELECT person_id, coalesce(CAST(min(birth_datetime) AS DATE), make_date(min(year_of_birth), 1, 1)) AS born "
    "FROM omop.person WHERE dataset = $dataset GROUP BY person_id)"
)
_DIED = "(SELECT person_id, max(death_date) AS died FROM omop.death WHERE dataset = $dataset GROUP BY person_id)"

_VITAL = "vital status"


@dataclass(frozen=True)
class Contradiction:
    """Something that cannot be: where it stands, the code of its error, and what is wrong."""

    row: int
    place: str
    code: str
    message: str


def find_contradictions(connection: duckdb.DuckDBPyConnection, dataset: str, source: str) -> list[Contradiction]:
    """What a source says that cannot be; it is also put into ``omop.fault``.

    Args:
        connection: The node's tables, complete.
        dataset: The dataset.
        source: The source within it.
    """
    parameters = {"dataset": dataset, "source": source}
    full = [t for t in START if connection.execute(f"SELECT 1 FROM omop.{t} LIMIT 1").fetchone() is not None]
    tests = [test for table in full for test in _orders(table)]
    if "observation" in full and "death" in full:
        tests += [_dead_alive("e"), _dead_alive("d")]
    if tests:
        connection.execute(
            "INSERT INTO omop.fault SELECT $dataset, $source, source_row, place, code, message, TRUE "
            f"FROM ({' UNION ALL '.join(tests)}) ORDER BY source_row, place",
            parameters,
        )
    query = (
        "SELECT source_row, place, code, message FROM omop.fault WHERE dataset = $dataset AND source = $source "
        f"AND ((code = '{ImpossibleDate.code}' AND (message LIKE 'The % lies %' OR place = '{_VITAL}')) "
        f"OR (code = '{DanglingReference.code}' AND place = 'image_study_uid')) ORDER BY source_row, place, message"
    )
    return [Contradiction(*row) for row in connection.execute(query, parameters).fetchall()]


def _orders(table: str) -> list[str]:
    """SQL for what is wrong with the rows of a table."""
    if table == "person":
        return []
    if table == "image_occurrence":
        return [_unlinked()]
    date = f"{START[table]}_date"
    own = f"e.dataset = $dataset AND e.source = $source AND e.{date}"
    born = f"JOIN {_BORN} b USING (person_id) WHERE {own}"
    found = [
        _told(date, "before the birth", f"{born} < b.born", table),
        _told(
            date,
            f"more than {LONGEST_LIFE} years after the birth",
            f"{born} >= b.born + INTERVAL {LONGEST_LIFE + 1} YEAR",  # of some only the year of birth is known
            table,
        ),
    ]
    if table != "death":
        found.append(_told(date, "after the death", f"JOIN {_DIED} d USING (person_id) WHERE {own} > d.died", table))
    if table in END:
        end = f"{END[table]}_date"
        found.append(_told(end, "before its beginning", f"WHERE {own} > e.{end}", table))
    return found


def _told(column: str, what: str, rest: str, table: str) -> str:
    return (
        f"SELECT e.source_row, '{table}.{column}' AS place, '{ImpossibleDate.code}' AS code, "
        f"'The date ' || e.{column} || ' lies {what}.' AS message FROM omop.{table} e {rest}"
    )


def _dead_alive(told: str) -> str:
    """SQL for those who died and of whom a status without a date, or beside a death without one, says ``ALIVE``.

    A status with a date before that of the death is a follow-up that was true; one after it is told by its date.

    Args:
        told: Which row is told: ``e``, that of the status, or ``d``, that of the death where the status is of another source.
    """
    other = "" if told == "e" else "AND e.source <> $source "
    return (
        f"SELECT DISTINCT {told}.source_row, '{_VITAL}' AS place, '{ImpossibleDate.code}' AS code, 'The status is ALIVE, but there '"
        " || coalesce('is a date of death, ' || d.died, 'is a death') || '; the person counts as dead.' AS message "
        f"FROM omop.observation e JOIN (SELECT person_id, source, source_row, death_date AS died FROM omop.death "
        "WHERE dataset = $dataset) d USING (person_id) "
        f"WHERE e.dataset = $dataset AND {told}.source = $source {other}AND e.code = '{STATUS}' "
        "AND e.value_code = 'ALIVE' AND (e.observation_date IS NULL OR d.died IS NULL)"
    )


def _unlinked() -> str:
    return (
        f"SELECT e.source_row, 'image_study_uid' AS place, '{DanglingReference.code}' AS code, "
        "'The node has no images of this person with the study ' || e.image_study_uid || '.' AS message "
        "FROM omop.image_occurrence e JOIN who USING (person_id) "
        "WHERE e.dataset = $dataset AND e.source = $source AND NOT EXISTS "
        "(SELECT 1 FROM study s WHERE s.person = who.key AND s.id = e.image_study_uid)"
    )

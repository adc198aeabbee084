"""Values of a table of series that no rule reads, told by the rows on which they stand."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from oncommons.node.receive.faults import FEW, FaultGroup
from oncommons.node.receive.placing import UNREAD, Teller
from oncommons.schema.errors_of_rows import ImpossibleDate, UnknownClinicalCode, UnreadableNumber
from oncommons.schema.image_fields import READ
from oncommons.storage.generations import quoted

_LONGEST = 60
"""So many characters of a value are quoted."""
_ODD = r"[\pC\x{2028}\x{2029}]"
"""Characters that a terminal would obey or hide, such as line breaks; none is quoted as it stands."""
_WRONG: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "age": (UnreadableNumber.code, "is not an age with its unit, such as 058Y"),
        "study_year": (ImpossibleDate.code, "is not a date on which there can be images"),
        "instances": (UnreadableNumber.code, "is not a number of images"),
    }
)
"""Field to the code of the error of what is not read, and what is said of it."""


def tell_unread(teller: Teller, unread: Mapping[str, int], columns: Mapping[str, str]) -> tuple[FaultGroup, ...]:
    """Tell of every value that no rule reads.

    Those of fields whose readings are kept are not written down but seen through the view :data:`UNREAD`, since half of
    a table may have them; they are returned by field, with the first rows.

    Args:
        teller: Hears of them; its connection holds ``row``, ``read``, ``received`` with the column ``stood`` (the row,
            counted from 0) and ``received_reading``.
        unread: Field to how many values of it no rule reads.
        columns: Field to what the source calls its column.
    """
    names = [name for name, number in unread.items() if number]
    if not names:
        return ()
    teller.ready()
    for name in names:
        if name not in READ:
            teller.tell(_told(name, columns, _rows(name)))
    seen = [_told(name, columns, _rows(name)) for name in names if name in READ]
    if seen:
        teller.connection.execute(f"CREATE TEMP VIEW {UNREAD} AS {' UNION ALL '.join(seen)}")
    return tuple(_group(teller, name, unread[name], columns) for name in names if name in READ)


def write_unread(teller: Teller) -> None:
    """Write down what the view :data:`UNREAD` shows, before the rows behind it change."""
    there = "SELECT 1 FROM duckdb_views() WHERE temporary AND view_name = $1"
    if teller.connection.execute(there, [UNREAD]).fetchall():
        teller.connection.execute(f"CREATE OR REPLACE TEMP TABLE written AS SELECT * FROM {UNREAD}")
        teller.connection.execute(f"DROP VIEW {UNREAD}")
        teller.connection.execute(f"ALTER TABLE written RENAME TO {UNREAD}")


def _rows(name: str) -> str:
    """SQL for the rows of a field with a value that no rule reads."""
    if name in READ:
        return (
            f"SELECT r.stood, n.raw FROM received r JOIN received_reading n ON n.key = r.{name}_reading "
            f"WHERE n.field = '{name}' AND n.code IS NULL"
        )
    return (
        f"SELECT r.rowid AS stood, n.raw FROM row r JOIN read n ON n.raw = r.c_{name} "
        f"WHERE n.field = '{name}' AND n.value IS NULL"
    )


def _told(name: str, columns: Mapping[str, str], rows: str) -> str:
    """SQL for the faults of rows."""
    code, what = _wrong(name)
    place = quoted(columns.get(name, name))
    short = f"CASE WHEN length(raw) > {_LONGEST} THEN left(raw, {_LONGEST}) || '…' ELSE raw END"
    plain = f"regexp_replace({short}, '{_ODD}', '\N{REPLACEMENT CHARACTER}', 'g')"
    return (
        f"SELECT line_of(stood) AS source_row, {place} AS place, '{code}' AS code, "
        f"'''' || {plain} || ''' {what}; it counts as missing.' AS message, TRUE AS kept FROM ({rows})"
    )


def _wrong(name: str) -> tuple[str, str]:
    return _WRONG.get(name, (UnknownClinicalCode.code, f"is not read as {name.replace('_', ' ')}"))


def _group(teller: Teller, name: str, number: int, columns: Mapping[str, str]) -> FaultGroup:
    """What is told of a field, with the first rows."""
    few = _told(name, columns, f"{_rows(name)} ORDER BY stood LIMIT {FEW}")
    found = teller.connection.execute(f"{few} ORDER BY source_row").fetchall()
    rows, texts = tuple(row[0] for row in found), tuple(row[3] for row in found)
    alike = number <= FEW and len(set(texts)) == 1
    return FaultGroup(
        columns.get(name, name),
        _wrong(name)[0],
        kept=True,
        number=number,
        rows=rows,
        message=texts[0],
        messages=texts,
        alike=alike,
    )

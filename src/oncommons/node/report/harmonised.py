"""How much of what the headers state is mapped to codes: coverage, and what is not mapped, by weight.

The numbers are true ones and the raw strings stand as they came; both are for the node's own people.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import duckdb

from oncommons.schema.image_fields import READ

MOST = 50
"""Unmapped strings of a field that are told."""
_SHOWN = 3
_FULL = 100


@dataclass(frozen=True)
class Unmapped:
    """A raw string that no rule reads.

    Attributes:
        field: Name of the field.
        raw: The string.
        context: Modality of the series, where the rules looked at it.
        series: In how many series it stands.
        people: How many people have such a series.
        code: What is proposed; empty where nothing is near.
        why: Why that is proposed.
    """

    field: str
    raw: str
    context: str
    series: int
    people: int
    code: str = ""
    why: str = ""


@dataclass(frozen=True)
class FieldCoverage:
    """One field in one dataset.

    Attributes:
        field: Its name.
        stated: Series whose headers state something.
        mapped: Those of them whose value is mapped.
        people_stated: People who have a series of the first kind.
        people_mapped: People who have one of the second.
        unmapped: The strings that no rule reads, those in most series first; at most :data:`MOST`.
    """

    field: str
    stated: int
    mapped: int
    people_stated: int
    people_mapped: int
    unmapped: tuple[Unmapped, ...] = ()


@dataclass(frozen=True)
class DatasetCoverage:
    """One dataset.

    Attributes:
        dataset: Its name.
        series: How many series it has.
        people: How many people.
        fields: Its fields, those that nothing is known of left out.
    """

    dataset: str
    series: int
    people: int
    fields: tuple[FieldCoverage, ...] = field(default_factory=tuple)

    def to_json(self) -> dict[str, Any]:
        """As JSON; for the node's own people only."""
        return asdict(self)


def coverage(connection: duckdb.DuckDBPyConnection, dataset: str = "") -> tuple[DatasetCoverage, ...]:
    """How much is mapped in a dataset, or in each.

    Args:
        connection: The node's tables, see :mod:`oncommons.node.index.build`.
        dataset: Name of one dataset; all if left out.
    """
    query = (
        "SELECT d.key, d.name, (SELECT count(*) FROM series s WHERE s.dataset = d.key), "
        "(SELECT count(*) FROM person p WHERE p.dataset = d.key) FROM dataset d "
        "WHERE $name = '' OR d.name = $name ORDER BY d.name"
    )
    rows = connection.execute(query, {"name": dataset}).fetchall()
    return tuple(
        DatasetCoverage(name, series, people, tuple(_fields(connection, [key]))) for key, name, series, people in rows
    )


def unmapped(connection: duckdb.DuckDBPyConnection, dataset: str = "", most: int = MOST) -> tuple[Unmapped, ...]:
    """Strings that no rule reads, over all datasets or in one, field by field.

    Args:
        connection: The node's tables.
        dataset: Name of one dataset; all if left out.
        most: How many of each field.
    """
    query = "SELECT key FROM dataset WHERE $name = '' OR name = $name"
    keys = [row[0] for row in connection.execute(query, {"name": dataset}).fetchall()]
    return tuple(one for name in READ for one in _unmapped(connection, name, keys, most))


def _fields(connection: duckdb.DuckDBPyConnection, keys: Sequence[int]) -> Iterator[FieldCoverage]:
    for name in READ:
        stated, mapped, people, people_mapped = connection.execute(
            "SELECT count(*), count(r.code), count(DISTINCT s.person), "
            "count(DISTINCT CASE WHEN r.code IS NOT NULL THEN s.person END) "
            f"FROM series s JOIN reading r ON r.key = s.{name}_reading WHERE list_contains($keys, s.dataset)",
            {"keys": list(keys)},
        ).fetchall()[0]
        if stated:
            lost = tuple(_unmapped(connection, name, keys, MOST)) if mapped < stated else ()
            yield FieldCoverage(name, stated, mapped, people, people_mapped, lost)


def _unmapped(connection: duckdb.DuckDBPyConnection, name: str, keys: Sequence[int], most: int) -> Iterator[Unmapped]:
    rows = connection.execute(
        "SELECT any_value(trim(r.raw)), r.context, count(*) AS series, count(DISTINCT s.person) AS people "
        f"FROM series s JOIN reading r ON r.key = s.{name}_reading "
        "WHERE r.code IS NULL AND list_contains($keys, s.dataset) "
        "GROUP BY lower(trim(r.raw)), r.context ORDER BY series DESC, people DESC, 1, 2 LIMIT $most",
        {"keys": list(keys), "most": most},
    ).fetchall()
    return (Unmapped(name, *row) for row in rows)


def coverage_text(found: DatasetCoverage) -> str:
    """One dataset in plain words, for the terminal."""
    lines = [f"Mapped to codes in {found.dataset} (of {found.series:,} series of {found.people:,} people):"]
    for one in found.fields:
        share = _FULL * one.mapped / one.stated
        lines.append(
            f"    {one.field:<14}{one.mapped:>10,} of {one.stated:>10,} series that state one {share:>6.1f} %, "
            f"{one.people_mapped:>7,} of {one.people_stated:>7,} people"
        )
        lines += [f"        not mapped: {_words(lost)}" for lost in one.unmapped[:_SHOWN]]
        if len(one.unmapped) > _SHOWN:
            lines.append(f"        and {len(one.unmapped) - _SHOWN}{'+' * (len(one.unmapped) == MOST)} more strings")
    if any(one.unmapped for one in found.fields):
        lines.append("    Next: oncommons node mappings propose to-decide.csv")
    return "\n".join(lines)


def _words(lost: Unmapped) -> str:
    where = f" ({lost.context})" if lost.context else ""
    near = f"; perhaps {lost.code}: {lost.why}" if lost.code else ""
    return f"{lost.raw!r}{where}: {lost.series:,} series of {lost.people:,} people{near}"

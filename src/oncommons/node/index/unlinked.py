"""Who of a dataset has clinical data but no images, or images but no clinical data, for the report to its owner.

Clinical people are named by the row of the source in which they stand first, those of the images by their pseudonym at the
node: no number of the hospital is written.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb


@dataclass(frozen=True)
class Unlinked:
    """Somebody who is on one side only.

    Attributes:
        row: The first row of the source about the person; ``None`` of somebody who is only in images.
        message: What is missing.
    """

    row: int | None
    message: str


_CLINICAL_ONLY = """
    SELECT min(o.source_row) AS place FROM omop.person o
    JOIN dataset d ON d.name = o.dataset
    JOIN person p ON p.dataset = d.key AND p.id = o.person_source_value
    WHERE o.dataset = $dataset AND o.source = $source AND p.key NOT IN (SELECT person FROM study)
    GROUP BY p.key ORDER BY place
"""
_IMAGES_ONLY = """
    SELECT p.id FROM person p JOIN dataset d ON d.key = p.dataset
    WHERE d.name = $dataset AND p.key IN (SELECT person FROM study)
    AND p.id NOT IN (SELECT person_source_value FROM omop.person WHERE dataset = $dataset)
    ORDER BY p.id
"""
_IMAGED = "SELECT name FROM dataset WHERE key IN (SELECT dataset FROM study) ORDER BY name"


def find_unlinked(connection: duckdb.DuckDBPyConnection, dataset: str, source: str) -> list[Unlinked]:
    """The people of a source without images, then those of its dataset with nothing but images.

    Nobody where the dataset has no images at all: then all are, and the summary says so.

    Args:
        connection: The node's tables.
        dataset: Name of the dataset.
        source: Name of the clinical source within it.
    """
    if dataset not in imaged_datasets(connection):
        return []
    names = {"dataset": dataset, "source": source}
    rows = connection.execute(_CLINICAL_ONLY, names).fetchall()
    people = connection.execute(_IMAGES_ONLY, {"dataset": dataset}).fetchall()
    return [
        *(Unlinked(row, "The person of this row has no images in the dataset.") for (row,) in rows),
        *(Unlinked(None, f"{name} has images in the dataset, but no clinical data.") for (name,) in people),
    ]


def imaged_datasets(connection: duckdb.DuckDBPyConnection) -> tuple[str, ...]:
    """The datasets that have images.

    Args:
        connection: The node's tables.
    """
    return tuple(name for (name,) in connection.execute(_IMAGED).fetchall())

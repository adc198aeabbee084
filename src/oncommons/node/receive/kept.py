"""Images that the node keeps, as a source of series for the index.

The year of a study is not given: the dates of kept images are moved, and the true year beside a moved date would tell
by how much.  It is unknown at this node, which is said in every answer.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from oncommons.node.receive.table import About, Received, SeriesMapping, receive_raw
from oncommons.storage.ledger import SeriesRow

_COLUMNS = ("patient", "study", "series", "modality", "manufacturer", "sex", "age", "body_part", "instances")


def receive_kept(
    connection: duckdb.DuckDBPyConnection, dataset: str, rows: Sequence[SeriesRow], about: About
) -> Received:
    """Write kept series into the table ``received``.

    Args:
        connection: Where the table is made.
        dataset: Identifier of the dataset.
        rows: Its series.
        about: The dataset in words.
    """
    values = {name: [str(getattr(row, name)) for row in rows] for name in _COLUMNS}
    columns = ", ".join(f"unnest(${name}) AS {name}" for name in _COLUMNS)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE raw AS SELECT {columns}", values)
    fields = {name: name for name in _COLUMNS if name != "patient"} | {"person": "patient"}
    return receive_raw(connection, SeriesMapping(fields, dataset=dataset, about=about))

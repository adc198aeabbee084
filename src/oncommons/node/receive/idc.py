"""The index of NCI's Imaging Data Commons, from the package ``idc-index-data``: real series, metadata only.

Source: Fedorov et al., National Cancer Institute Imaging Data Commons, RadioGraphics 2023,
doi 10.1148/rg.230180; the package is MIT, the metadata public.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import duckdb

from oncommons.node.receive.placing import Teller
from oncommons.node.receive.table import COLUMNS, About, Received, SeriesMapping, receive_raw
from oncommons.schema.errors import MissingPackage, UnreadableSource

_COLUMNS = {
    "person": "PatientID",
    "study": "StudyInstanceUID",
    "series": "SeriesInstanceUID",
    "sex": "PatientSex",
    "age": "PatientAge",
    "study_year": "StudyDate",
    "modality": "Modality",
    "body_part": "BodyPartExamined",
    "manufacturer": "Manufacturer",
    "model": "ManufacturerModelName",
    "series_description": "SeriesDescription",
    "study_description": "StudyDescription",
    "sop_class": "SOPClassUID",
    "instances": "instanceCount",
}


def index_folder() -> Path:
    """Where the package keeps its tables.

    Raises:
        MissingPackage: ``idc-index-data`` is not installed.
    """
    try:
        package = importlib.import_module("idc_index_data")
    except ModuleNotFoundError:
        raise MissingPackage("The package idc-index-data is missing: pip install 'oncommons[demo]'.") from None
    return Path(str(package.__file__)).parent


def collections(connection: duckdb.DuckDBPyConnection, share: tuple[int, int] | None = None) -> list[str]:
    """Identifiers of the collections, in alphabetical order.

    Args:
        connection: Any connection.
        share: ``(i, n)`` deals the collections to ``n`` holders in turn and gives the ``i``-th, from 1.
    """
    path = str(index_folder() / "collections_index.parquet")
    rows = connection.execute("SELECT collection_id FROM read_parquet(?) ORDER BY 1", [path]).fetchall()
    names = [row[0] for row in rows]
    return names if share is None else names[share[0] - 1 :: share[1]]


def receive_idc(
    connection: duckdb.DuckDBPyConnection,
    wanted: Sequence[str],
    without: Sequence[str] = (),
) -> Received:
    """Read collections of the index into the table ``received``.

    Args:
        connection: Where the tables are made.
        wanted: Identifiers of collections.
        without: Columns to leave out, as if this holder's archive did not have them.

    Raises:
        UnreadableSource: no such collection or column.
        MissingPackage: ``idc-index-data`` is not installed.
    """
    folder = index_folder()
    for column in without:
        if column not in COLUMNS:
            raise UnreadableSource(f"There is no column {column!r} to leave out; there are {', '.join(COLUMNS)}.")
    unknown = sorted(set(wanted) - set(collections(connection)))
    if unknown:
        raise UnreadableSource(f"The index has no collection {unknown[0]!r}.")
    mapping = SeriesMapping(
        {name: column for name, column in _COLUMNS.items() if name not in without},
        dataset_column="collection_id",
    )
    columns = ", ".join(f'"{column}"' for column in ("collection_id", *mapping.columns.values()))
    source = f"(SELECT {columns} FROM read_parquet($1) WHERE list_contains($2, collection_id))"
    received = receive_raw(
        connection,
        mapping,
        source,
        [str(folder / "idc_index.parquet"), list(wanted)],
        Teller(connection, is_detailed=False),
    )
    return replace(received, about=_about(connection, folder, wanted))


def _about(connection: duckdb.DuckDBPyConnection, folder: Path, wanted: Sequence[str]) -> dict[str, About]:
    rows = connection.execute(
        "SELECT c.collection_id, c.collection_name, c.cancer_types, i.licence, i.doi "
        "FROM read_parquet($collections) c JOIN ("
        "  SELECT collection_id, string_agg(DISTINCT license_short_name, ', ' ORDER BY license_short_name) AS licence,"
        "         min(source_DOI) AS doi FROM read_parquet($index) GROUP BY 1"
        ") i USING (collection_id) WHERE list_contains($wanted, collection_id)",
        {
            "collections": str(folder / "collections_index.parquet"),
            "index": str(folder / "idc_index.parquet"),
            "wanted": list(wanted),
        },
    ).fetchall()
    return {
        name: About(title or name, licence or "", f"doi:{doi}" if doi else "NCI Imaging Data Commons", cancers or "")
        for name, title, cancers, licence, doi in rows
    }

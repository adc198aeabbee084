"""Images that the node keeps, as a source of series for the index.

The year of a study is not given: the dates of kept images are moved, and the true year beside a moved date would tell
by how much.  It is unknown at this node, which is said in every answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType

import duckdb

from oncommons.imaging.attributes import ATTRIBUTES
from oncommons.node.receive.placing import Teller
from oncommons.node.receive.table import About, Received, SeriesMapping, receive_raw
from oncommons.storage.ledger import SeriesRow

_FACTS = ("patient", "study", "series", "modality", "manufacturer", "sex", "age", "body_part", "instances")
_COLUMNS = (*_FACTS, "attributes")
_TOLD: Mapping[str, str] = MappingProxyType(
    {
        "model": "ManufacturerModelName",
        "series_description": "SeriesDescription",
        "study_description": "StudyDescription",
        "sop_class": "SOPClassUID",
        "image_type": "ImageType",
        "contrast_agent": "ContrastBolusAgent",
        "repetition_time": "RepetitionTime",
        "echo_time": "EchoTime",
        "inversion_time": "InversionTime",
        "scanning_sequence": "ScanningSequence",
    }
)
"""Column and the attribute that it is taken from."""
_SIDES = ("Laterality", "ImageLaterality")
_BATCH = 10_000
_PART = "\x1f"
_LINE = _PART.join(["%s"] * len(_COLUMNS)) + "\n"
_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
_READER = (
    f"read_csv($1, auto_detect = false, header = false, delim = '{_PART}', new_line = '\\n', quote = '', escape = '', "
    f"nullstr = '\x01', columns = {{{', '.join(f'{name}: VARCHAR' for name in _COLUMNS)}}})"
)
"""A file is how DuckDB takes a million rows of ours in a second; one by one they would take twenty."""


def receive_kept(
    connection: duckdb.DuckDBPyConnection,
    dataset: str,
    rows: Sequence[SeriesRow],
    about: About,
    attributes: Mapping[str, str] | None = None,
) -> Received:
    """Write kept series into the table ``received``.

    Args:
        connection: Where the table is made.
        dataset: Identifier of the dataset.
        rows: Its series.
        about: The dataset in words.
        attributes: Series to what one of its images tells, as JSON, see :mod:`oncommons.imaging.attributes`.
    """
    known = attributes or {}
    fields = {name: name for name in (*_FACTS, *_TOLD, "side") if name != "patient"} | {"person": "patient"}
    mapping = SeriesMapping(fields, dataset=dataset, about=about)
    with TemporaryDirectory(prefix="oncommons-") as folder:  # readable by its owner only
        path = Path(folder) / "series"
        with path.open("w", encoding="utf-8", newline="") as file:
            for at in range(0, len(rows), _BATCH):
                file.write(_lines([(*row, known.get(row.series, "{}")) for row in rows[at : at + _BATCH]]))
        return receive_raw(
            connection,
            mapping,
            f"(SELECT *, {_told()} FROM {_READER})",
            [str(path)],
            Teller(connection, is_detailed=False),
        )


def _told() -> str:
    """SQL columns of what the attributes tell."""
    columns = [f"{_attribute(keyword)} AS {name}" for name, keyword in _TOLD.items()]
    return ", ".join([*columns, f"coalesce({', '.join(map(_attribute, _SIDES))}) AS side"])


def _attribute(keyword: str) -> str:
    return f"attributes ->> '$.\"{ATTRIBUTES[keyword]:08X}\"'"


def _lines(rows: Sequence[tuple[object, ...]]) -> str:
    """Rows as lines of the file; what would part columns and lines becomes a space within a value."""
    text = "".join([_LINE % row for row in rows])
    if (text.count(_PART), text.count("\n")) == ((len(_COLUMNS) - 1) * len(rows), len(rows)) and "\r" not in text:
        return text
    return "".join([_LINE % tuple(_CONTROL.sub(" ", str(value)) for value in row) for row in rows])

"""Images that the node keeps, as a source of series for the index.

The year of a study is not given: the dates of kept images are moved, and the true year beside a moved date would tell
by how much.  It is unknown at this node, which is said in every answer.
"""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
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
_IN_A_FILE = 250_000
"""Series of one file: the next is written while DuckDB reads one.  Of less than 122,880, it would fill its blocks twice."""
_PART = "\x1f"
_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
_READER = (
    f"read_csv($1, auto_detect = false, header = false, delim = '{_PART}', new_line = '\\n', quote = '', escape = '', "
    f"nullstr = '\x01', columns = {{{', '.join(f'{name}: VARCHAR' for name in _COLUMNS)}}})"
)
"""A file is how DuckDB takes a million rows of ours in a second; one by one they would take twenty."""
_SHAPE = json.dumps({f"{ATTRIBUTES[keyword]:08X}": "VARCHAR" for keyword in (*_TOLD.values(), *_SIDES)})
"""What is read of the attributes: all at once, since JSON that is asked for one after another is read as often."""


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
    fields = {name: name for name in (*_FACTS, *_TOLD, "side") if name != "patient"} | {"person": "patient"}
    mapping = SeriesMapping(fields, dataset=dataset, about=about)
    teller = Teller(connection, is_detailed=False)
    with (
        TemporaryDirectory(prefix="oncommons-") as folder,  # readable by its owner only
        closing(_files(rows, attributes or {}, Path(folder))) as files,
    ):
        return receive_raw(connection, mapping, _source(), [next(files)], teller, more=([file] for file in files))


def _source() -> str:
    """SQL for the rows of a file, with what the attributes tell."""
    columns = [f"{_attribute(keyword)} AS {name}" for name, keyword in _TOLD.items()]
    columns.append(f"coalesce({', '.join(map(_attribute, _SIDES))}) AS side")
    told = f"SELECT *, json_transform(attributes, '{_SHAPE}') AS told FROM {_READER}"
    return f"(SELECT {', '.join([*_FACTS, *columns])} FROM ({told}))"


def _attribute(keyword: str) -> str:
    return f'told."{ATTRIBUTES[keyword]:08X}"'


def _files(rows: Sequence[SeriesRow], attributes: Mapping[str, str], folder: Path) -> Generator[str, None, None]:
    """Files that hold the rows; the next are written while one is read."""
    parts = [rows[at : at + _IN_A_FILE] for at in range(0, len(rows), _IN_A_FILE)] or [()]
    places = [folder / str(number) for number in range(len(parts))]
    with ThreadPoolExecutor(1) as beside:
        yield from beside.map(partial(_write, attributes), places, parts)


def _write(attributes: Mapping[str, str], path: Path, rows: Sequence[SeriesRow]) -> str:
    with path.open("w", encoding="utf-8", newline="") as file:
        for at in range(0, len(rows), _BATCH):
            file.write(_lines(rows[at : at + _BATCH], attributes))
    return str(path)


def _lines(rows: Sequence[SeriesRow], attributes: Mapping[str, str]) -> str:
    """Rows as lines of the file; what would part columns and lines becomes a space within a value."""
    text = "".join(
        [
            f"{patient}{_PART}{study}{_PART}{series}{_PART}{modality}{_PART}{maker}{_PART}{sex}{_PART}{age}{_PART}"
            f"{part}{_PART}{instances}{_PART}{attributes.get(series, '{}')}\n"
            for patient, study, series, modality, maker, sex, age, part, instances in rows
        ]
    )
    if (text.count(_PART), text.count("\n")) == ((len(_COLUMNS) - 1) * len(rows), len(rows)) and "\r" not in text:
        return text
    whole = [(*row, attributes.get(row.series, "{}")) for row in rows]
    return "".join([_PART.join([_CONTROL.sub(" ", str(value)) for value in row]) + "\n" for row in whole])

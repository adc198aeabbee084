"""Series to harmonise, made by hand or taken from the real index."""

import csv
from pathlib import Path

from idc_index_data import IDC_INDEX_PARQUET_FILEPATH

from oncommons.node.receive.table import KEYS, SeriesMapping, receive_raw

LABELS = Path(__file__).parents[3] / "benchmarks" / "series_class.csv"
REAL = {
    "person": "PatientID",
    "study": "StudyInstanceUID",
    "series": "SeriesInstanceUID",
    "modality": "Modality",
    "body_part": "BodyPartExamined",
    "instances": "instanceCount",
    "sop_class": "SOPClassUID",
    "series_description": "SeriesDescription",
    "study_description": "StudyDescription",
}


def receive(base, *rows, accepted=()):
    """Harmonise series given by some columns each; what is not said is missing."""
    names = sorted({name for row in rows for name in row})
    columns = [*KEYS, *(n for n in names if n not in KEYS)]
    base.execute(f"CREATE OR REPLACE TEMP TABLE raw ({', '.join(f'{c} VARCHAR' for c in columns)})")
    for i, row in enumerate(rows):
        filled = {"person": "p", "study": "t", "series": f"s{i:03}"} | row
        base.execute(f"INSERT INTO raw VALUES ({', '.join('?' * len(columns))})", [filled.get(c) for c in columns])
    base.execute("CREATE OR REPLACE TEMP TABLE accepted (field VARCHAR, raw VARCHAR, context VARCHAR, code VARCHAR)")
    for row in accepted:
        base.execute("INSERT INTO accepted VALUES (?, ?, ?, ?)", row)
    return receive_raw(base, SeriesMapping({c: c for c in columns}, dataset="d"))


def values(base, *names):
    return base.execute(f"SELECT {', '.join(names)} FROM received ORDER BY series").fetchall()


def labels():
    """Series of the real index and the class that a person read from its headers."""
    with LABELS.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        return {row["series"]: row["label"] for row in rows}


def receive_real(base, wanted):
    """Harmonise some series of the real index."""
    base.execute(
        "CREATE OR REPLACE TEMP TABLE raw AS SELECT * FROM read_parquet($path) "
        "WHERE list_contains($wanted, SeriesInstanceUID)",
        {"path": str(IDC_INDEX_PARQUET_FILEPATH), "wanted": list(wanted)},
    )
    base.execute("CREATE OR REPLACE TEMP TABLE real AS FROM raw")
    return receive_raw(base, SeriesMapping(REAL, dataset_column="collection_id"))

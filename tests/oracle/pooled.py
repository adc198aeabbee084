"""The rows of the real index, derived in pandas and plain Python by the written rules, apart from our import."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable
from typing import Any

import duckdb
import numpy as np
import pandas as pd
from idc_index_data import IDC_INDEX_PARQUET_FILEPATH
from tests.oracle import deciding
from tests.oracle.columns import Column, Pool
from tests.oracle.kleene import FIELDS

from oncommons.node.receive.rules import BODY_PART_SPELLINGS, MANUFACTURER_PREFIXES
from oncommons.schema.vocabulary import BODY_PART, MANUFACTURER, MODALITY

INDEX = str(IDC_INDEX_PARQUET_FILEPATH)
CLINICAL = ("condition", "measurement", "treatment", "episode", "specimen")
_RAW = (
    "collection_id, PatientID, StudyInstanceUID, PatientSex, PatientAge, StudyDate, "
    "Modality, BodyPartExamined, Manufacturer, instanceCount, ManufacturerModelName, SeriesDescription, "
    "StudyDescription, SOPClassUID, SeriesInstanceUID"
)


def sex(raw: str) -> str | None:
    return raw.strip().upper() if raw.strip().upper() in {"F", "M", "O"} else None


def years(raw: str) -> int | None:
    text = raw.strip().upper()
    if not re.fullmatch(r"[0-9]{3}[DWMY]", text):
        return None
    number = int(text[:3])
    return {
        "Y": number,
        "M": number // 12,
        "W": int(number * 7 / 365.25),
        "D": int(number / 365.25),
    }[text[3]]


def year(raw: str) -> int | None:
    text = raw.strip()
    return int(text[:4]) if re.fullmatch(r"[0-9]{4}-?[0-9]{2}-?[0-9]{2}", text) else None


def modality(raw: str) -> str | None:
    return raw.strip().upper() if raw.strip().upper() in MODALITY.codes else None


def body_part(raw: str) -> str | None:
    text = raw.strip().upper()
    text = BODY_PART_SPELLINGS.get(text, text)
    return text if text in BODY_PART.codes else None


def manufacturer(raw: str) -> str | None:
    text = raw.strip(' \t\r\n"').upper()
    if text in MANUFACTURER.codes:
        return text
    return next((code for prefix, code in MANUFACTURER_PREFIXES if text.startswith(prefix)), None)


def model(raw: str) -> str | None:
    plain = "".join(c for c in unicodedata.normalize("NFD", raw) if not unicodedata.combining(c)).upper()
    return re.sub(r"[^A-Z0-9+.]+", "_", plain).strip("_")[:64].strip("_") or None


def read_index(collections: Collection[str] | None = None) -> pd.DataFrame:
    """The columns used here, as they stand; of some collections or of all."""
    with duckdb.connect() as base:
        base.execute("set threads = 2")
        if collections is None:
            return base.execute(f"select {_RAW} from read_parquet(?)", [INDEX]).df()
        chosen = "list_contains(?, collection_id)"
        return base.execute(f"select {_RAW} from read_parquet(?) where {chosen}", [INDEX, list(collections)]).df()


def load(collections: Collection[str] | None = None, lacks: Iterable[tuple[str, str]] = ()) -> Pool:
    """The pooled rows of some collections or of all; ``lacks`` are pairs of a dataset and a field it does not have.

    No dataset has clinical rows.
    """
    return derive(read_index(collections)).without(lacks)


def derive(raw: pd.DataFrame) -> Pool:
    """People, studies and series of a table with the columns of the index."""
    keys = {c: raw[c].astype(object).map(str.strip) for c in ("collection_id", "PatientID", "StudyInstanceUID")}
    series = pd.DataFrame(keys)
    for name, column, rule in (
        ("sex", "PatientSex", sex),
        ("age", "PatientAge", years),
        ("study_year", "StudyDate", year),
        ("modality", "Modality", modality),
        ("body_part", "BodyPartExamined", body_part),
        ("manufacturer", "Manufacturer", manufacturer),
        ("model", "ManufacturerModelName", model),
    ):
        series[name] = _by_rule(raw[column], rule)
    person_key = ["collection_id", "PatientID"]
    study_key = [*person_key, "StudyInstanceUID"]
    series["person"] = series.groupby(person_key, sort=False).ngroup()
    series["study"] = series.groupby(study_key, sort=False).ngroup()
    people = series.drop_duplicates("person").sort_values("person")
    studies = series.drop_duplicates("study").sort_values("study")
    datasets = sorted(set(series["collection_id"]))
    place = {name: i for i, name in enumerate(datasets)}
    none = np.zeros(0, dtype=np.int64)
    return Pool(
        datasets=datasets,
        above={
            "person": people["collection_id"].map(place).to_numpy(dtype=np.int64),
            "study": studies["person"].to_numpy(dtype=np.int64),
            "series": series["study"].to_numpy(dtype=np.int64),
            **dict.fromkeys(CLINICAL, none),
        },
        columns={
            "sex": Column.of(_agreed(series, "person", "sex", len(people))),
            "age": Column.of(_smallest(series, "person", "age", len(people))),
            "age_at_study": Column.of(_smallest(series, "study", "age", len(studies))),
            "study_year": Column.of(_smallest(series, "study", "study_year", len(studies))),
            "modality": Column.of(series["modality"]),
            "body_part": Column.of(series["body_part"]),
            "manufacturer": Column.of(series["manufacturer"]),
            "model": Column.of(series["model"]),
            **{name: Column.of(values) for name, values in deciding.columns(raw).items()},
            "instances": Column.of(raw["instanceCount"].astype(int).tolist()),
            "described_by": Column.of([None] * len(raw)),
            **{f: Column.of([None] * len(people)) for f in ("birth_year", "vital_status", "follow_up")},
            **{f: Column.of([]) for entity in CLINICAL for f in FIELDS[entity]},
        },
        lacks=frozenset((name, lacking) for name in datasets for lacking in (*CLINICAL, "described_by")),
    )


def _by_rule(raw: pd.Series, rule: Callable[[str], Any]) -> pd.Series:
    """The rule applied to each distinct text; what is not a text is missing."""
    texts = raw.astype(object)
    values = {text: rule(text) for text in texts.unique() if isinstance(text, str)}
    return pd.Series([values.get(text) for text in texts], index=raw.index, dtype=object)


def _distinct(series: pd.DataFrame, owner: str, name: str) -> list[tuple[int, Any]]:
    known = series.loc[series[name].notna(), [owner, name]].drop_duplicates()
    return list(zip(known[owner].tolist(), known[name].tolist(), strict=True))


def _agreed(series: pd.DataFrame, owner: str, name: str, size: int) -> list[Any]:
    """Per owner the one value that its series have; missing where they have none or several."""
    found: list[set[Any]] = [set() for _ in range(size)]
    for place, value in _distinct(series, owner, name):
        found[place].add(value)
    return [next(iter(values)) if len(values) == 1 else None for values in found]


def _smallest(series: pd.DataFrame, owner: str, name: str, size: int) -> list[int | None]:
    """Per owner the smallest value that its series have; missing where they have none."""
    found: list[int | None] = [None] * size
    for place, value in _distinct(series, owner, name):
        before = found[place]
        found[place] = value if before is None else min(before, value)
    return found

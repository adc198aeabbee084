"""How much of real headers is harmonised, how rightly, and how fast.

    python benchmarks/harmonise.py --rounds 3

On the image series (CT, MR, PT, MG, CR, DX, US, NM) of the package idc-index-data:

*   ``coverage``: per field, the share of the series that state a value whose value is mapped; beside the rule of the best
    known system, which looks a raw string up among the names of concepts, exactly and ignoring capital letters.
    Its list of concepts cannot be had, so the names here are the labels (and, ignoring case, the codes) of our own
    dictionary; what was measured on the same rows with its own 4,068 concepts is printed as ``published``.
*   ``precision``: series class on the thousand series of ``series_class.csv``, which were labelled by eye before the rules;
    then beside the labels of a second reader, who knew neither the rules nor the first labels.
    A class that a rule gives where the label is ``unclear`` is counted as wrong in ``strict`` and left out in ``clear``.
*   ``agreement``: of the two readers, and Cohen's kappa (Educ Psychol Meas 20:37, 1960).
*   ``speed``: processor and wall seconds to harmonise all 1,044,191 rows, without and with the writing of the tables.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from oncommons.node.flow import import_from
from oncommons.node.receive.idc import collections, index_folder, receive_idc
from oncommons.node.receive.rules import NOTHING
from oncommons.schema.vocabulary import VOCABULARIES
from oncommons.storage.generations import Generations

IMAGES = ("CT", "MR", "PT", "MG", "CR", "DX", "US", "NM")
COLUMNS = {
    "modality": "Modality",
    "sex": "PatientSex",
    "body_part": "BodyPartExamined",
    "manufacturer": "Manufacturer",
    "model": "ManufacturerModelName",
    "series_class": "SeriesDescription",
}
PUBLISHED = {
    "modality": (0, 0),
    "sex": (0, 0),
    "body_part": (0, 95.51),
    "manufacturer": (5.19, 42.99),
    "series_class": (0.12, 0.28),
}
"""The look-up with its own concepts: per cent of rows, exactly and ignoring case; series class as series description."""
LABELS = Path(__file__).with_name("series_class.csv")
SEED = "20261122"


def labels(reader: str = "label") -> list[tuple[str, str]]:
    """Series and label by one of the two readers, ``label`` or ``second``, in the order of the file."""
    with LABELS.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        return [(row["series"], row[reader]) for row in rows]


def sample(base: duckdb.DuckDBPyConnection, seed: str, number: int) -> list[str]:
    """The series that a seed draws."""
    query = "SELECT id FROM image ORDER BY md5($seed || id) LIMIT $number"
    return [row[0] for row in base.execute(query, {"seed": seed, "number": number}).fetchall()]


def harmonise(base: duckdb.DuckDBPyConnection) -> tuple[float, float]:
    """Harmonise the whole index into ``received``; processor and wall seconds, reading the file included."""
    at, wall = time.process_time(), time.perf_counter()
    receive_idc(base, collections(base))
    return time.process_time() - at, time.perf_counter() - wall


def load() -> tuple[float, float]:
    """The same with the tables written."""
    with tempfile.TemporaryDirectory() as folder:
        at, wall = time.process_time(), time.perf_counter()
        import_from(lambda base: receive_idc(base, collections(base)), Generations(Path(folder)))
        return time.process_time() - at, time.perf_counter() - wall


def join_raw(base: duckdb.DuckDBPyConnection) -> None:
    """The table ``image``: raw values of the image series beside what was made of them."""
    raw = ", ".join(f'x."{column}" AS raw_{name}' for name, column in COLUMNS.items())
    base.execute(
        f"CREATE OR REPLACE TEMP TABLE image AS SELECT r.series AS id, {', '.join(f'r.{n}' for n in COLUMNS)}, "
        f"r.laterality, r.contrast, {raw} FROM received r JOIN read_parquet($path) x "
        "ON x.SeriesInstanceUID = r.series AND x.collection_id = r.dataset WHERE list_contains($images, x.Modality)",
        {"path": str(index_folder() / "idc_index.parquet"), "images": list(IMAGES)},
    )


def coverage(base: duckdb.DuckDBPyConnection) -> dict[str, dict[str, float]]:
    """Per field: series that state a value, and the shares that are mapped by us and by the look-up of names."""
    found = {}
    for name in COLUMNS:
        vocabulary = VOCABULARIES[name]
        names = [*vocabulary.codes, *vocabulary.codes.values()]
        stated = "TRUE" if name == "series_class" else f"upper(trim(coalesce(raw_{name}, ''))) NOT IN {NOTHING}"
        row = base.execute(
            f"SELECT count(*), count({name}), count(*) FILTER (WHERE list_contains($labels, raw_{name})), "
            f"count(*) FILTER (WHERE list_contains($names, lower(raw_{name}))) FROM image WHERE {stated}",
            {"labels": list(vocabulary.codes.values()), "names": [n.lower() for n in names]},
        ).fetchall()[0]
        stated_by, *mapped = row
        ours, exact, ignoring = (round(100 * n / stated_by, 2) for n in mapped)
        found[name] = {"stated": stated_by, "ours": ours, "names": exact, "names or codes, ignoring case": ignoring}
    return found


def by_modality(base: duckdb.DuckDBPyConnection) -> dict[str, float]:
    """Share of the series of each modality that have a class."""
    query = "SELECT modality, round(100 * count(series_class) / count(*), 2) FROM image GROUP BY 1 ORDER BY 1"
    return dict(base.execute(query).fetchall())


def precision(base: duckdb.DuckDBPyConnection, reader: str) -> dict[str, object]:
    """Series class beside the labels of a reader."""
    told = dict(base.execute("SELECT id, series_class FROM image").fetchall())
    pairs = [(label, told[series]) for series, label in labels(reader)]
    given = [(label, code) for label, code in pairs if code is not None]
    clear = [(label, code) for label, code in given if label != "unclear"]
    right = sum(label == code for label, code in clear)
    wrong = Counter(f"{label} as {code}" for label, code in given if label != code)
    return {
        "seed": SEED,
        "labelled": len(pairs),
        "unclear": sum(label == "unclear" for label, _ in pairs),
        "classed": len(given),
        "strict precision %": round(100 * right / len(given), 2),
        "strict precision %, 95 % interval (Wilson)": wilson(right, len(given)),
        "clear precision %": round(100 * right / len(clear), 2),
        "without NLST, strict %": _without_nlst(pairs, base),
        "wrong": dict(wrong.most_common()),
    }


def agreement() -> dict[str, dict[str, float]]:
    """How often the two readers gave the same label, and how much more often than by chance."""
    with LABELS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    harder = [row for row in rows if row["collection"] != "nlst"]
    return {"all": _alike(rows), "without NLST": _alike(harder)}


def _alike(rows: Sequence[Mapping[str, str]]) -> dict[str, float]:
    same = sum(row["label"] == row["second"] for row in rows) / len(rows)
    first, second = (Counter(row[reader] for row in rows) for reader in ("label", "second"))
    by_chance = sum(first[label] * second[label] for label in first) / len(rows) ** 2
    return {"alike %": round(100 * same, 2), "kappa": round((same - by_chance) / (1 - by_chance), 3)}


def wilson(right: int, of: int) -> list[float]:
    """Wilson's interval of a share, in per cent."""
    z, share = 1.959964, right / of
    middle, half = share + z * z / (2 * of), z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return [round(100 * (middle + sign * half) / (1 + z * z / of), 2) for sign in (-1, 1)]


def _without_nlst(pairs: list[tuple[str, str | None]], base: duckdb.DuckDBPyConnection) -> float:
    """NLST is a third of the sample and its descriptions are all of one form: the harder rest by itself."""
    nlst = {row[0] for row in base.execute("SELECT series FROM received WHERE dataset = 'nlst'").fetchall()}
    rest = [p for (series, _), p in zip(labels(), pairs, strict=True) if series not in nlst and p[1] is not None]
    return round(100 * sum(label == code for label, code in rest) / len(rest), 2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with duckdb.connect(config={"threads": 2}) as base:
        speeds = [harmonise(base) for _ in range(asked.rounds)]
        loads = [load() for _ in range(asked.rounds)]
        join_raw(base)
        drawn = sample(base, SEED, len(labels()))
        found = {
            "rows": base.execute("SELECT count(*) FROM received").fetchall()[0][0],
            "image series": base.execute("SELECT count(*) FROM image").fetchall()[0][0],
            "sample is the one that the seed draws": set(drawn) == {series for series, _ in labels()},
            "coverage": coverage(base),
            "published": PUBLISHED,
            "series class by modality %": by_modality(base),
            "precision": precision(base, "label"),
            "precision by the second reader": precision(base, "second"),
            "agreement": agreement(),
            "harmonise, processor s": round(min(s for s, _ in speeds), 2),
            "harmonise, wall s": round(min(w for _, w in speeds), 2),
            "harmonise and write, processor s": round(min(s for s, _ in loads), 2),
            "harmonise and write, wall s": round(min(w for _, w in loads), 2),
        }
    print(json.dumps(found, indent=None if asked.json else 2))


if __name__ == "__main__":
    main()

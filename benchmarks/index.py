"""How fast a node indexes: headers of an archive, a million series into its tables, questions, one durable entry.

    python benchmarks/index.py FOLDER --series 1000000 --rounds 3

Measured in one process, in processor seconds and wall seconds, the best of some rounds:

*   ``headers``: wanted attributes of every file of FOLDER, and of 400 CT slices of 512 x 512 made here, read by
    ``oncommons.imaging.headers`` and by ``pydicom.dcmread(stop_before_pixels=True, specific_tags=...)``.
    pydicom leaves the values as bytes, we turn them into text.
*   ``load``: series into the node's tables by the node's own path, from rows as the ledger gives them and from the
    1,044,191 real rows of the package idc-index-data; beside SQLite with a key and two indexes.
*   ``facet``, ``cohort``: on those tables; beside SQLite.
*   ``entry``: one durable entry in the ledger; beside DuckDB.

On a machine that others use, processor seconds grow too; ``sum(range(1_000_000))`` is measured beside them, which
takes about 11 ms on the quiet machine that the goals were set on.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sqlite3
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import duckdb
import numpy as np
import pydicom
from pydicom.data import get_testdata_file

from oncommons.imaging.headers import EVERYTHING, read_header
from oncommons.node.flow import import_from
from oncommons.node.index.asking import Index
from oncommons.node.receive.idc import collections, receive_idc
from oncommons.node.receive.kept import receive_kept
from oncommons.node.receive.table import About
from oncommons.schema.parsing import parse_question
from oncommons.storage.generations import Generations
from oncommons.storage.ledger import Entry, Ledger, SeriesRow

COHORT = {
    "count": "person",
    "where": {
        "all": [
            {
                "some": "series",
                "where": {
                    "all": [{"field": "modality", "in": ["MR"]}, {"field": "body_part", "in": ["BREAST"]}],
                },
            },
            {"field": "sex", "in": ["F"]},
            {"field": "age", "between": [40, 50]},
        ],
    },
}
FACET_QUESTION = {"count": "series", "by": ["modality", "body_part"]}
FACET = "SELECT modality, body_part, count(*), count(DISTINCT person) FROM series GROUP BY modality, body_part"
COHORT_SQL = (
    "SELECT count(DISTINCT patient) FROM series WHERE modality = 'MR' AND body_part = 'BREAST' AND sex = 'F' "
    "AND age BETWEEN '040Y' AND '050Y'"
)
TABLE = (
    "CREATE TABLE series (patient TEXT, study TEXT, series TEXT PRIMARY KEY, modality TEXT, manufacturer TEXT, sex TEXT, "
    "age TEXT, body_part TEXT, instances INTEGER); CREATE INDEX by_patient ON series (patient); "
    "CREATE INDEX by_kind ON series (modality, body_part)"
)


@dataclass(frozen=True, order=True)
class Took:
    """Processor and wall seconds."""

    cpu: float
    wall: float


def best(work: Callable[[], object], rounds: int) -> Took:
    """The least that some work took."""
    found = []
    for _ in range(rounds):
        cpu, wall = time.process_time(), time.perf_counter()
        work()
        found.append(Took(time.process_time() - cpu, time.perf_counter() - wall))
    return Took(min(one.cpu for one in found), min(one.wall for one in found))


def ct(folder: Path, slices: int = 400) -> Path:
    """A CT series of 512 x 512 pixels with the header of a real one."""
    one = pydicom.dcmread(get_testdata_file("CT_small.dcm"))
    one.Rows = one.Columns = 512
    noise = np.random.default_rng(1)
    for i in range(slices):
        one.SOPInstanceUID = one.file_meta.MediaStorageSOPInstanceUID = f"1.2.3.{i}"
        one.InstanceNumber, one.ImagePositionPatient = i + 1, [-150, -150, 2.5 * i]
        one.PixelData = noise.integers(0, 2000, 512 * 512, dtype=np.uint16).tobytes()
        one.save_as(folder / f"{i}.dcm")
    return folder


def headers(folder: Path, rounds: int) -> dict[str, float]:
    """Files a processor second, by us and by pydicom."""
    paths = [str(path) for path in sorted(folder.rglob("*")) if path.suffix == ".dcm"]
    tags = [*EVERYTHING.plain, *EVERYTHING.inside]

    def ours() -> None:
        for path in paths:
            handle = os.open(path, os.O_RDONLY)
            read_header(partial(os.pread, handle), os.fstat(handle).st_size)
            os.close(handle)

    def theirs() -> None:
        for path in paths:
            pydicom.dcmread(path, stop_before_pixels=True, specific_tags=tags)

    one, other = best(ours, rounds), best(theirs, rounds)
    return {"ours": len(paths) / one.cpu, "pydicom": len(paths) / other.cpu, "times": other.cpu / one.cpu}


def rows(number: int) -> list[SeriesRow]:
    """Invented series: four a study, three studies a person."""
    chance = random.Random(1)
    return [
        SeriesRow(
            f"P{i // 12:016X}",
            f"2.25.{10**37 + i // 4 * 7919}",
            f"2.25.{10**37 + i * 104729}",
            chance.choice(["CT", "MR", "PT", "SEG"]),
            chance.choice(["SIEMENS", "GE MEDICAL SYSTEMS", "Philips Medical Systems"]),
            "FM"[i // 12 % 2],
            f"{30 + i // 12 % 60:03}Y",
            chance.choice(["CHEST", "BREAST", "ABDOMEN", ""]),
            100,
        )
        for i in range(number)
    ]


def load_sqlite(path: Path, series: Sequence[SeriesRow]) -> None:
    path.unlink(missing_ok=True)
    with sqlite3.connect(path) as base:
        base.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;" + TABLE)
        base.executemany("INSERT INTO series VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", series)
    base.close()


def load(room: Path, series: Sequence[SeriesRow], rounds: int) -> dict[str, Took]:
    """Series into tables."""
    kept, real = Generations(room / "kept"), Generations(room / "idc")
    return {
        "ours": best(lambda: import_from(lambda c: receive_kept(c, "bench", series, About("")), kept), rounds),
        "idc": best(lambda: import_from(lambda c: receive_idc(c, collections(c)), real), rounds),
        "sqlite": best(lambda: load_sqlite(room / "series.sqlite", series), 1),
    }


def ask(room: Path, rounds: int) -> dict[str, Took]:
    """Questions on those tables, each asked once before it is measured."""
    index = Index(_opened(Generations(room / "kept")))
    base = sqlite3.connect(room / "series.sqlite")
    facet = FACET.replace("DISTINCT person", "DISTINCT patient")
    question, grouped = parse_question(COHORT), parse_question(FACET_QUESTION)
    work: dict[str, Callable[[], object]] = {
        "facet as a question: series by two fields": lambda: index.ask(grouped),
        "facet with different people": lambda: index.connection.execute(FACET).fetchall(),
        "facet with different people, sqlite": lambda: base.execute(facet).fetchall(),
        "cohort, both readings": lambda: index.ask(question),
        "cohort, sqlite, certain only": lambda: base.execute(COHORT_SQL).fetchall(),
    }
    found = {}
    for name, one in work.items():
        one()
        found[name] = best(one, 3 * rounds)
    index.close()
    base.close()
    return found


def _opened(tables: Generations) -> duckdb.DuckDBPyConnection:
    found = tables.open()
    if found is None:
        raise SystemExit("nothing was loaded")
    return found


def entries(room: Path, number: int = 200) -> dict[str, Took]:
    """One durable entry, into a ledger and into a DuckDB file that hold some already."""
    ledger = Ledger(room / "ledger.sqlite")
    many = [
        Entry(f"{i:064}", "kept", "bench", sop=f"1.2.{i}", series="1.3", attributes="x" * 2000) for i in range(10_000)
    ]
    ledger.write(many)
    base = duckdb.connect(str(room / "entries.duckdb"))
    base.execute("CREATE TABLE file (digest VARCHAR PRIMARY KEY, attributes VARCHAR)")
    base.execute(
        "INSERT INTO file SELECT unnest($1), unnest($2)", [[e.digest for e in many], [e.attributes for e in many]]
    )

    def each(write: Callable[[Entry], object]) -> Took:
        some = [Entry(f"{i:064}", "kept", "bench", sop=f"1.2.{i}", series="1.3") for i in range(9_900, 9_900 + number)]
        took = best(lambda: [write(one) for one in some], 2)
        return Took(took.cpu / number, took.wall / number)

    found = {
        "ledger": each(lambda e: ledger.write([e])),
        "duckdb": each(lambda e: base.execute("INSERT OR REPLACE INTO file VALUES (?, ?)", [e.digest, e.attributes])),
    }
    ledger.close()
    base.close()
    return found


def tell(title: str, unit: str, measured: dict[str, Took], scale: float) -> None:
    print(f"\n{title}, {unit}:{'processor':>40}{'wall':>10}")
    for name, took in measured.items():
        print(f"  {name:<48}{took.cpu * scale:>12.3f}{took.wall * scale:>10.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="DICOM files (.dcm)")
    parser.add_argument("--series", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory(prefix="oncommons-index-") as folder:
        room = Path(folder)
        (room / "ct").mkdir()
        print("headers, files a processor second:          ours     pydicom   times as fast")
        for name, place in ((options.folder.name, options.folder), ("CT 512 x 512", ct(room / "ct"))):
            told = headers(place, options.rounds)
            print(f"  {name:<38}{told['ours']:>10,.0f}{told['pydicom']:>12,.0f}{told['times']:>12.1f}")
        loaded = load(room, rows(options.series), options.rounds)
        tell(f"load of {options.series:,} series (idc: 1,044,191)", "s", loaded, 1)
        print(f"  SQLite takes {loaded['sqlite'].cpu / loaded['ours'].cpu:.1f} times as long (processor)")
        asked = ask(room, options.rounds)
        tell("questions", "ms", asked, 1000)
        wrote = entries(room)
        tell("one durable entry", "ms", wrote, 1000)
        print(f"\nsum(range(1_000_000)): {best(lambda: sum(range(1_000_000)), 20).cpu * 1000:.1f} ms")
        sizes = {path.name: path.stat().st_size for path in room.rglob("*") if path.suffix in {".duckdb", ".sqlite"}}
        print("bytes:", json.dumps(sizes))


if __name__ == "__main__":
    main()

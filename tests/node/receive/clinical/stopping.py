"""Ways in for clinical data, each with a source that has most kinds of faults, and imports of them that are stopped.

As a script: kills imports, each in a process of its own, when it comes to its next but so many units.
"""

import os
import signal
import sys
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import duckdb
from tests.node.bundles import coded, patient, resource, story, write_bundle, write_lines
from tests.node.clinicals import mapping_of
from tests.node.omops import statements

from oncommons.cli import main
from oncommons.node.receive.clinical import resuming
from oncommons.node.receive.clinical.fhir import receive_fhir
from oncommons.node.receive.clinical.fhir_source import FhirSource
from oncommons.node.receive.clinical.omop import OmopSource, receive_omop
from oncommons.node.receive.clinical.records import Names
from oncommons.node.receive.clinical.resuming import Readings
from oncommons.node.receive.clinical.table import receive_clinical_table

NAMES = Names("p{}".format, "s{}".format)
TABLES = """
[[tables]]
table = "person"
sex = "sex"
[[tables]]
table = "person"
birth = "born"
[[tables]]
table = "condition_occurrence"
code = "icd"
stage = "stage"
[[tables]]
table = "measurement"
marker = { value = "our own index" }
value = "index"
"""
ROWS = """id,sex,born,icd,stage,index
1,F,1950,C61,II,1
2,M,2999-01-01,lungs,,<3
1,M,1950,C61,IV,many
,F,1950,C61,,
2,M,1960,Z\xfcrich,,
3,F,1970,C61,II,1,2
4,,,,,
2,F,1960,C34.1,III,7
"""
RESOURCES = [
    *story()[:3],
    patient("b", "4712"),
    resource("Condition", "Patient/none"),
    {"resourceType": "Account"},
    resource("Condition", "Patient/b", id="f", code=coded("x", "what"), onsetDateTime="2999-01-01"),
    patient("b", "4712", gender="female"),
    *story()[3:],
]


def write_table(folder):
    path = folder / "t.csv"
    path.write_bytes(ROWS.encode("cp1252"))
    return path


def write_parquet(folder):
    path = folder / "t.parquet"
    with duckdb.connect() as base:
        base.execute(
            f"COPY (FROM read_csv('{write_table(folder)}', all_varchar=true, null_padding=true, encoding='latin-1'"
            f", strict_mode=false)) TO '{path}'"
        )
    return path


def write_database(folder):
    path = folder / "cdm.duckdb"
    with duckdb.connect(str(path)) as base:
        for text in statements():
            base.execute(text)
        base.execute("INSERT INTO death SELECT 1, '2022-01-01' FROM range(3)")
    return path


def write_folder(folder):
    """Files that belong together, one of them damaged."""
    path = folder / "export"
    path.mkdir()
    write_bundle(path / "a.json", *RESOURCES[:2])
    write_lines(path / "b.ndjson", *RESOURCES[2:])
    (path / "c.json").write_text('{"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient"}}, {')
    return path


def write_ndjson(folder):
    path = write_lines(folder / "r.ndjson", *RESOURCES)
    with path.open("ab") as file:
        file.write(
            b'{"resourceType":\n{"resourceType": "Condition", "id": "\xe9", "subject": {"reference": "Patient/b"}}\n'
        )
    return path


SOURCES = {
    "csv": write_table,
    "parquet": write_parquet,
    "ndjson": write_ndjson,
    "bundle": lambda folder: write_bundle(folder / "r.json", *RESOURCES),
    "folder": write_folder,
    "omop": write_database,
}
LASTS = dict.fromkeys(SOURCES, (3, 11, 5, 8)) | {
    "csv": (1, 4, 4),
    "parquet": (4,),
    "omop": (3, 9, 5),
    "command": (3, 14),
}
"""Before which conversion imports of a kind are killed, one after the other."""


def way_in(kind, path, readings, names=NAMES, **more):
    """How a source of a kind is received."""
    if kind in {"csv", "parquet"}:
        mapping = replace(mapping_of(TABLES, identifiers="numbers"), **more)
        return partial(receive_clinical_table, path=path, mapping=mapping, names=names, readings=readings)
    if kind == "omop":
        return partial(receive_omop, source=OmopSource(str(path), "d"), names=names, readings=readings)
    return partial(receive_fhir, source=FhirSource(path, "d", **more), names=names, readings=readings)


def taken(receive):
    """What comes of a source: what is told, and all rows in their order."""
    with duckdb.connect(config={"threads": 1}) as base:
        told = receive(base)
        names = base.execute("SELECT table_name FROM duckdb_tables() WHERE temporary ORDER BY 1").fetchall()
        return repr(told), {name: base.execute(f"FROM {name}").fetchall() for (name,) in names}


@contextmanager
def watched(log, last=0, act=None):
    """Writes down what is converted, all at once; does something before the last-th conversion."""
    kept, held = Readings.of, resuming._HELD

    def of(self, key, units, convert, *more):
        def converted(unit):
            nonlocal last
            last -= 1
            if last == 0:
                act()
            made = convert(unit)
            with log.open("a", encoding="ascii", errors="backslashreplace") as file:
                file.write(f"{key} {unit!r}\n")
            return made

        return kept(self, key, units, converted, *more)

    Readings.of, resuming._HELD = of, 1
    try:
        yield
    finally:
        Readings.of, resuming._HELD = kept, held


def kill():
    os.kill(os.getpid(), signal.SIGKILL)


def receive_at(kind, folder):
    """Receive the source of a kind that lies in a folder."""
    (path,) = (folder / kind).iterdir() if kind != "parquet" else [folder / kind / "t.parquet"]
    return taken(way_in(kind, path, Readings(folder / f"{kind}.readings")))


def run_killed(run, log, last):
    """Run something in a process of its own that dies before the last-th conversion."""
    child = os.fork()
    if not child:
        with watched(log, last, kill):
            run()
        os._exit(1)
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != -signal.SIGKILL:
        sys.exit(f"{run} came to its end")


if __name__ == "__main__":
    log, words = Path(sys.argv[1]), sys.argv[2:]
    for kind in SOURCES if len(words) == 1 else ["command"]:
        for last in LASTS[kind]:
            run_killed(partial(main, words) if len(words) > 1 else partial(receive_at, kind, Path(words[0])), log, last)

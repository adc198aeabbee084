"""A table with every kind of fault, taken in twice, or broken off anywhere and taken in again: the same as once."""

import csv
import os
import signal
import subprocess
import sys

import pytest
from tests.node.breaking import Breaking, contents

from oncommons.node.flow import import_from
from oncommons.node.receive.table import read_mapping, receive_file
from oncommons.schema.errors import StorageFull
from oncommons.storage.generations import Generations

MAPPING = """
dataset_column = "collection"
[columns]
person = "person"
study = "study"
series = "series"
sex = "sex"
age = "age"
study_year = "on"
"""
ROWS = """collection,person,study,series,sex,age,on
d,p,t1,s1,F,045Y,20200101
d,p,t2,s2,M,abc,20990101
d,p,t2,s2,M,,20200101
d,q,t3,s1,F,,
d,q,t4,s4,F,040Y
d,q,t5,s5,"F,,
d,Zoë,t6,s6,F,,
d,,t7,s7,F,,
e,r,t8,s8,M,061Y,18791231
"""
FAULTS = [
    ("2", "person", "E333", "False"),
    ("3", "age", "E336", "True"),
    ("3", "on", "E334", "True"),
    ("3", "sex", "E333", "True"),
    ("4", "series", "E333", "True"),
    ("5", "person", "E333", "False"),
    ("6", "", "E331", "False"),
    ("7", "", "E331", "False"),
    ("8", "", "E335", "True"),
    ("9", "person", "E331", "False"),
    ("10", "on", "E334", "True"),
]
SERIES = [("d", "Zoë", "t6", "s6"), ("d", "p", "t2", "s2"), ("e", "r", "t8", "s8")]


@pytest.fixture
def bad(tmp_path):
    """A file with a row of every kind of fault; its mapping lies beside it."""
    (tmp_path / "mapping.toml").write_text(MAPPING)
    (tmp_path / "bad.csv").write_bytes(ROWS.encode("cp1252"))
    return tmp_path / "bad.csv"


def command(bad, home, report):
    return [
        *("node", "import", bad, "--mapping", bad.with_name("mapping.toml"), "--dir", home.folder),
        *("--json", "--report", bad.with_name(report)),
    ]


def test_twice_is_as_once(oncommons, home, bad):
    found = []
    for name in ("once.csv", "twice.csv"):
        status, out, _ = oncommons(*command(bad, home, name))
        report = bad.with_name(name).read_text("utf-8")
        told = [(row["row"], row["at"], row["code"], row["kept"]) for row in csv.DictReader(report.splitlines())]
        assert (status, told) == (0, FAULTS)
        found.append((out, report, contents(home.tables)))
    assert found[0] == found[1]
    assert [row[:4] for row in found[0][2]["series"]] == SERIES


KILLED = """
import os, signal, sys
from pathlib import Path
from tests.node.breaking import Breaking
from oncommons.cli import main
from oncommons.node.home import Home

Home.tables = property(lambda home: Breaking(home.folder / "index", sys.argv[1], lambda: os.kill(os.getpid(), signal.SIGKILL)))
main(sys.argv[2:])
"""


def test_what_is_killed_is_done_by_the_next_import_and_told_before_it_is_indexed(oncommons, home, bad):
    assert oncommons(*command(bad, home, "once.csv"))[0] == 0
    once, report = contents(home.tables), bad.with_name("once.csv").read_bytes()
    before, killed = home.tables.state(), bad.with_name("killed.csv")
    for step, told in [("TABLE row AS", None), ("CREATE TABLE code", report), ("INSERT INTO person", report)]:
        words = [sys.executable, "-c", KILLED, step, *map(str, command(bad, home, killed.name))]
        paths = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        done = subprocess.run(words, capture_output=True, timeout=60, check=False, env={**os.environ, **paths})
        assert (done.returncode, home.tables.state()) == (-signal.SIGKILL, before), done.stderr
        assert (killed.read_bytes() if killed.exists() else None) == told
        killed.unlink(missing_ok=True)
    assert oncommons(*command(bad, home, killed.name))[0] == 0
    assert (contents(home.tables), killed.read_bytes()) == (once, report)


def test_an_error_at_any_step_changes_nothing_and_the_next_import_does_all(tmp_path, bad):
    mapping = read_mapping(bad.with_name("mapping.toml"))

    def run(step=0):
        tables = Breaking(tmp_path / "index", step, act=full)
        import_from(lambda base: receive_file(base, bad, mapping), tables)
        return tables

    def full():
        raise StorageFull("The disk is full.")

    steps = run().steps
    once, before = contents(Generations(tmp_path / "index")), Generations(tmp_path / "index").state()
    assert steps > 60
    for step in range(1, steps + 1, steps // 8):
        with pytest.raises(StorageFull):
            run(step)
        assert Generations(tmp_path / "index").state() == before
    run()
    assert contents(Generations(tmp_path / "index")) == once

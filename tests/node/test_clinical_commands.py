"""The command that takes in clinical data."""

import csv
import json
import os
import signal
import stat
import subprocess
import sys

import duckdb
import pytest
from tests.node.bundles import patient, story, write_bundle, write_lines
from tests.node.omops import statements
from tests.node.tables import import_rows

from oncommons.cli import main

MAPPING = """
dataset = "lung"
person = "id"
[[tables]]
table = "condition_occurrence"
code = "icd"
"""


@pytest.fixture
def table(tmp_path):
    (tmp_path / "m.toml").write_text(MAPPING, encoding="utf-8")
    lines = "".join(f"{n},{'C34' if n % 2 else 'lung'}\n" for n in range(10))
    (tmp_path / "t.csv").write_text(f"id,icd\n{lines}", encoding="utf-8")
    return [tmp_path / "t.csv", "--mapping", tmp_path / "m.toml"]


@pytest.fixture
def run(home, capsys):
    """Runs a command of the node; gives its exit status, what it printed and what it said on standard error."""

    def run(*words):
        with pytest.raises(SystemExit) as ended:
            main(["node", *map(str, words), "--dir", str(home.folder)])
        return ended.value.code, *capsys.readouterr()

    return run


def test_a_table_is_taken_and_what_could_not_be_read_is_told_together(run, table):
    status, out, _ = run("clinical", *table)
    assert status == 0
    assert "10 rows read, 0 refused; dataset lung." in out
    assert "5 rows: 2, 4, 6, …, icd: 'lung' is not read as a value of condition" in out


def test_every_fault_can_be_had_as_json_and_as_a_file(run, table, tmp_path):
    body = json.loads(run("clinical", *table, "--report", tmp_path / "r.csv", "--json")[1])
    assert (body["dataset"], body["rows"]["condition_occurrence"], body["faults"]) == ("lung", 10, {"E332": 5})
    assert [f["row"] for f in body["first_faults"]] == [2, 4, 6, 8, 10]
    with (tmp_path / "r.csv").open(encoding="utf-8") as file:
        assert [(row["row"], row["code"]) for row in csv.DictReader(file)] == [
            (str(n), "E332") for n in (2, 4, 6, 8, 10)
        ]


def test_the_report_of_an_import_that_fails_after_reading_is_there(run, table, tmp_path):
    assert run("clinical", *table)[0] == 0
    table[0].rename(tmp_path / "other.csv")
    status, _, said = run("clinical", tmp_path / "other.csv", *table[1:], "--report", tmp_path / "r.csv")
    assert (status, "E682" in said) == (30, True)
    assert len((tmp_path / "r.csv").read_text("utf-8").splitlines()) == 6


def test_fhir_and_omop_are_told_by_their_endings(run, tmp_path):
    path = write_bundle(tmp_path / "b.json", *story())
    body = json.loads(run("clinical", path, "--dataset", "fhir", "--title", "Story", "--json")[1])
    assert (body["read"], body["people"]) == (7, {"both": 0, "clinical": 1, "images": 0})
    with duckdb.connect(str(tmp_path / "cdm.duckdb")) as base:
        for text in statements():
            base.execute(text)
    said = run("clinical", tmp_path / "cdm.duckdb", "--dataset", "omop", "--identifiers", "pseudonyms")
    assert "1 measurement of no known code, not read" in said[1]


def test_what_could_not_be_read_at_all_is_told_in_words_in_json_in_the_report_and_by_the_exit_code(run, tmp_path):
    (tmp_path / "f").mkdir()
    write_lines(tmp_path / "f" / "a.ndjson", patient())
    with (tmp_path / "f" / "a.ndjson").open("ab") as file:
        file.write(b'{"resourceType": "Condi\n')
    for n in range(30):
        (tmp_path / "f" / f"b{n:02}.json").write_text('{"resourceType": "Bundle", "entry": [{}, ', encoding="utf-8")
    line = ["clinical", tmp_path / "f", "--dataset", "d", "--report", tmp_path / "r.csv"]
    status, out, _ = run(*line)
    assert status == 30
    assert "Not all could be read, and nothing was taken of b00.json, b01.json" in out
    assert "b19.json and 10 more. Until the source is repaired" in out
    status, out, _ = run(*line, "--json")
    body = json.loads(out)
    assert (status, body["complete"], len(body["damaged"]), body["faults"]) == (30, False, 30, {"E338": 31})
    with (tmp_path / "r.csv").open(encoding="utf-8") as file:
        told = [(row["row"], row["at"], row["code"], row["kept"]) for row in csv.DictReader(file)]
    assert sorted(told) == [
        *(("2", at, "E338", "False") for at in ("a.ndjson", *(f"b{n:02}.json" for n in range(30)))),
    ]
    for file in (tmp_path / "f").glob("b*.json"):
        file.unlink()
    assert "Not all could be read. Until" in run(*line)[1]
    write_lines(tmp_path / "f" / "a.ndjson", patient())
    status, out, _ = run(*line, "--json")
    assert (status, json.loads(out)["complete"]) == (0, True)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["t.csv"], "E305"),
        (["b.json"], "E305"),
        (["none.json", "--dataset", "d"], "E338"),
        (["none.duckdb", "--dataset", "d"], "E339"),
        (["t.csv", "--mapping", "none.toml"], "E305"),
    ],
)
def test_what_is_missing_is_told(run, words, code):
    said = run("clinical", *words)
    assert said[0] == 30
    assert code in said[2]


def test_a_mapping_of_clinical_data_is_told_to_whoever_imports_series(run, table):
    said = run("import", *table)
    assert said[0] == 30
    assert "oncommons node clinical" in said[2]


def test_an_import_that_is_stopped_says_so_in_a_sentence(home, table):
    table[0].unlink()
    os.mkfifo(table[0])
    line = [sys.executable, "-m", "oncommons", "node", "clinical", *table, "--dir", home.folder]
    with (
        subprocess.Popen(list(map(str, line)), stderr=subprocess.PIPE, text=True) as process,
        table[0].open("w"),  # once the other end is open, the import waits for rows
    ):
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert said.splitlines()[-1] == "Stopped. Nothing has changed; repeat the command to try again."
    assert "Traceback" not in said


def test_the_report_is_private_and_is_tried_before_the_import(run, home, table, tmp_path):
    status, _, said = run("clinical", *table, "--report", tmp_path / "none" / "r.csv")
    assert (status, "E681" in said) == (30, True)
    assert home.tables.current() is None
    told = run("clinical", *table, "--report", tmp_path / "r.csv")[1]
    assert "  5 in all; r.csv holds every one of them.\n" in told
    assert stat.S_IMODE((tmp_path / "r.csv").stat().st_mode) == 0o600


def test_a_source_is_removed_by_its_name(run, table):
    run("clinical", *table)
    assert run("clinical", "t.csv", "--remove")[1] == "t.csv is removed from dataset lung.\n"
    assert "E404" in run("clinical", "t.csv", "--remove")[2]


def test_rows_of_one_fault_have_each_their_own_words_where_these_differ(run, table):
    table[0].write_text("id,icd\n1,C99\n2,C34.7\n", encoding="utf-8")
    told = run("clinical", *table)[1]
    assert "2 rows: 2, 3, icd: 2: 'C99' is no code: there is no C99 in ICD-10. 3: 'C34.7' is no code" in told


def test_a_dataset_without_images_says_so(run, table):
    assert "Nobody could be linked to images: the dataset lung has none." in run("clinical", *table)[1]


def test_who_is_not_linked_is_in_the_report_without_the_number_of_the_hospital(run, home, table, tmp_path):
    import_rows(home, tmp_path, {"person": "imaged", "collection": "lung"})
    table[0].write_text("id,icd\nHOSPITAL-77,C34\n", encoding="utf-8")
    told = run("clinical", *table, "--report", tmp_path / "r.csv")[1]
    assert "1 clinical data only, 1 images only." in told
    assert "r.csv names the rows" in told
    text = (tmp_path / "r.csv").read_text(encoding="utf-8")
    assert text.splitlines()[1:] == [
        "2,person,,The person of this row has no images in the dataset.,True",
        ',person,,"imaged has images in the dataset, but no clinical data.",True',
    ]
    assert "HOSPITAL-77" not in text

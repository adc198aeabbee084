"""The command that takes images and tables in, run as the front door runs it."""

import json
import subprocess
import sys
from dataclasses import replace

import pytest
from tests.node.tables import write_csv

from oncommons.node.import_commands import _import_text
from oncommons.node.receive.faults import FaultGroup
from oncommons.node.receive.table import About, Received

MAPPING = (
    'dataset_column = "collection"\n[columns]\nperson = "person"\nstudy = "study"\nseries = "series"\nsex = "sex"\n'
)


@pytest.fixture
def source(tmp_path):
    """A file of series and its mapping."""
    (tmp_path / "mapping.toml").write_text(MAPPING)
    return write_csv(tmp_path / "series.csv", [{"sex": "F"}, {"sex": "what"}, {"collection": "e"}])


def test_import_takes_a_file_and_tells_what_no_rule_reads(oncommons, home, source):
    words = ("node", "import", source, "--mapping", source.with_name("mapping.toml"), "--dir", home.folder)
    status, out, _ = oncommons(*words)
    assert status == 0
    assert out.splitlines() == [
        "3 series in 2 datasets.",
        "  row 3, sex: 'what' is not read as sex; it counts as missing. (E332)",
    ]
    told = json.loads(oncommons(*words, "--json")[1])
    assert [(group["at"], group["rows"]) for group in told.pop("fault_groups")] == [("sex", [3])]
    assert told == {"series": 3, "datasets": ["d", "e"], "unmapped": {"sex": 1}, "refused": 0, "told": 1}


def test_rows_that_are_refused_do_not_hide_what_is_told_in_sum_only():
    refused = FaultGroup("person", "E331", kept=False, number=1, rows=(2,), message="Nobody.")
    received = Received(3, frozenset(), {"age": 2}, {"d": About("")}, refused=1, faults=(refused,))
    told = "  age: 2 series hold a value that no rule reads; it counts as missing."
    assert told in _import_text(received, None).splitlines()
    assert told not in _import_text(replace(received, is_detailed=True), None).splitlines()


NOBODY = "d,,t9,s9,,,,,,,,\n"


def test_import_takes_the_good_rows_and_tells_of_the_others_in_a_report(oncommons, home, source):
    lines = source.read_text().splitlines(keepends=True)
    source.write_text("".join([*lines[:2], NOBODY, *lines[2:]]))
    report = source.with_name("report.csv")
    words = ("node", "import", source, "--mapping", source.with_name("mapping.toml"), "--dir", home.folder)
    status, out, _ = oncommons(*words, "--report", report)
    assert status == 0
    assert out.splitlines()[:2] == [
        "3 series in 2 datasets. 1 row refused.",
        "  row 3, person: The row does not name its person. (E331, refused)",
    ]
    told = (
        "row,at,code,message,kept\r\n3,person,E331,The row does not name its person.,False\r\n"
        "4,sex,E332,'what' is not read as sex; it counts as missing.,True\r\n"
    )
    assert (report.read_bytes().decode(), report.stat().st_mode & 0o77) == (told, 0)
    assert json.loads(oncommons(*words, "--json")[1])["refused"] == 1


def test_import_without_a_good_row_changes_nothing_and_still_writes_the_report(oncommons, home, source):
    words = ("node", "import", source, "--mapping", source.with_name("mapping.toml"), "--dir", home.folder)
    assert oncommons(*words)[0] == 0
    before = home.tables.current()
    source.write_text(source.read_text().splitlines()[0] + "\n" + NOBODY)
    report = source.with_name("report.csv")
    status, _, err = oncommons(*words, "--report", report)
    assert (status, "rows can be taken" in " ".join(err.split())) == (30, True)
    assert (home.tables.current(), len(report.read_text().splitlines())) == (before, 2)


def test_import_without_a_mapping_is_refused(oncommons, home, source):
    status, _, err = oncommons("node", "import", source, "--dir", home.folder)
    assert (status, "--mapping FILE" in err) == (30, True)


def test_import_of_a_damaged_file_is_refused(oncommons, home, source):
    damaged = source.with_name("x.parquet")
    damaged.write_bytes(b"PAR1")
    mapping = source.with_name("mapping.toml")
    status, out, _ = oncommons("node", "import", damaged, "--mapping", mapping, "--dir", home.folder, "--json")
    assert (status, json.loads(out)["error"]["code"]) == (30, "E304")
    assert str(home.folder) not in out


def test_import_takes_collections_of_the_index(oncommons, home):
    words = ("--collection", "mri_dir", "--collection", "qin_pet_phantom", "--without", "sex")
    status, out, _ = oncommons("node", "import", "idc", *words, "--dir", home.folder, "--json")
    assert (status, json.loads(out)["datasets"]) == (0, ["mri_dir", "qin_pet_phantom"])


@pytest.mark.parametrize("share", ["0/5", "6/5", "1", "a/b", "1/0", "-1/5"])
def test_import_refuses_a_share_that_is_none(oncommons, home, share):
    status, _, err = oncommons("node", "import", "idc", f"--share={share}", "--dir", home.folder)
    assert (status, "write 2/5" in err) == (30, True)


def test_images_are_taken_in_without_what_other_commands_need(home, tmp_path):
    (tmp_path / "none").mkdir()
    words = ["node", "import", str(tmp_path / "none"), "--dir", str(home.folder), "--processes", "1"]
    code = f"import sys\nfrom oncommons.cli import main\ntry:\n main({words})\nfinally:\n print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    others = {
        *("oncommons.node.clinical", "oncommons.node.desk", "oncommons.node.confiding", "oncommons.node.index.asking"),
        *("oncommons.node.share.release", "oncommons.imaging.encapsulating", "rich.progress", "cryptography"),
    }
    assert others.isdisjoint(done.stdout.split())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("images", "--report", "r.csv"),
            "Images cannot be imported with --report, only with --dataset, --title, --processes",
        ),
        (("images", "--mapping", "m.toml", "--share", "1/2"), "with --mapping, --share"),
        (("t.csv", "--mapping", "m.toml", "--dataset", "d"), "A table cannot be imported with --dataset"),
        (("xnat:LUNG.CSV", "--report", "r.csv"), "Images cannot be imported with --report"),
        (("idc", "--title", "T"), "The IDC index cannot be imported with --title"),
    ],
)
def test_options_that_mean_nothing_for_what_is_imported_are_refused(oncommons, home, words, said):
    status, _, err = oncommons("node", "import", *words, "--dir", home.folder)
    assert status != 0
    assert said in " ".join(err.split())
    assert "Nothing was imported" in " ".join(err.split())

"""The commands for labels, run as the front door runs them."""

import json

import pytest
from tests.hub.labels.files import BFARM, CSV


@pytest.fixture
def labels(oncommons, tmp_path):
    """Runs a command for labels at one hub; gives its status, output and complaint."""
    (tmp_path / "icd10gm2024syst_kodes.txt").write_text(BFARM, encoding="utf-8")
    (tmp_path / "mine.csv").write_text(CSV + "C3,Zu kurz,de,ICD10\n", encoding="utf-8")

    def run(*words):
        named = [tmp_path / word if "." in word and not word.startswith("-") else word for word in words]
        return oncommons("hub", "labels", *named, "--dir", tmp_path / "hub")

    return run


def test_labels_are_imported_listed_and_removed(labels):
    status, out, _ = labels("import", "icd10gm2024syst_kodes.txt", "--source", "BfArM, under its terms")
    assert (status, out) == (
        0,
        "BfArM's metadata: 4 codes of ICD-10-GM 2024 (ICD10) in de; BfArM, under its terms.\n",
    )
    assert "already" in labels("import", "icd10gm2024syst_kodes.txt", "--source", "BfArM, under its terms")[1]
    (listed,) = json.loads(labels("list", "--json")[1])["sets"]
    assert (listed["name"], listed["edition"], listed["codes"]) == ("icd10gm2024syst_kodes", "ICD-10-GM 2024", 4)
    assert "is removed" in labels("remove", "icd10gm2024syst_kodes")[1]
    assert "No labels were imported" in labels("list")[1]


def test_refused_rows_are_told_by_their_lines(labels):
    status, out, _ = labels("import", "mine.csv", "--name", "ours", "--edition", "First")
    assert status == 0
    assert "1 rows refused:\n  line 6: 'C3' is not a code of ICD10" in out
    body = json.loads(labels("import", "mine.csv", "--name", "ours", "--edition", "First", "--json")[1])
    assert (body["changed"], [one["line"] for one in body["refused"]]) == (False, [6])


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["import", "nowhere.csv"], "E351"),
        (["import", "mine.csv", "--name", "Ours!"], "E351"),
        (["import", "mine.csv", "--system", "ICD9"], "E351"),
        (["import", "mine.csv", "--language", "deutsch"], "E351"),
        (["remove", "nothing"], "E352"),
    ],
)
def test_what_cannot_be_done_is_told(labels, words, code):
    status, out, _ = labels(*words, "--json")
    assert (status, json.loads(out)["error"]["code"]) == (30, code)

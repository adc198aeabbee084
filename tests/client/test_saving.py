"""What is written of a run."""

import csv
import json
import sys
from html.parser import HTMLParser

import duckdb
import pytest
from tests.client.figures.records import by_grade, record

from oncommons.client.saving import page_of, part_of, read_record, safe_names, save, save_figures
from oncommons.schema.errors import StorageFailed
from oncommons.schema.errors_of_analyses import BadRecord, FiguresNeedPackage

TABLES = {"terms": [["term", "coefficient", "low", "high", "p"], ["age", 0.017, 0.01, 0.02, 0.001]]}


def test_record_tables_and_figures_lie_in_the_folder(tmp_path):
    told = record(tables=TABLES)
    save(told, tmp_path / "new" / "folder", "column")
    folder = tmp_path / "new" / "folder"
    names = ["forest.pdf", "forest.svg", "run.json", "terms.csv", "terms.parquet"]
    assert sorted(file.name for file in folder.iterdir()) == names
    assert json.loads((folder / "run.json").read_text("utf-8")) == told
    with (folder / "terms.csv").open(newline="") as file:
        assert list(csv.reader(file)) == [[str(cell) for cell in row] for row in TABLES["terms"]]
    with duckdb.connect() as database:
        assert database.execute(f"SELECT * FROM '{folder / 'terms.parquet'}'").fetchall() == [
            ("age", 0.017, 0.01, 0.02, 0.001)
        ]


def test_without_matplotlib_record_and_tables_are_written_and_it_is_said(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(FiguresNeedPackage):
        save(record(tables=TABLES), tmp_path)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["run.json", "terms.csv", "terms.parquet"]
    assert "oncommons[figures]" in part_of(record(tables=TABLES))


def test_a_folder_that_is_a_file_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageFailed, match="cannot be written"):
        save_figures(record(tables=TABLES), tmp_path / "file")


def test_names_of_a_hub_lead_to_no_other_folder():
    names = ["../../etc/passwd", "a", "A", "", "x" * 200, "a b"]
    found = safe_names(dict.fromkeys(names))
    assert found == ["etc-passwd", "a", "A-2", "table", "x" * 60, "a-b"]


def test_a_record_that_was_written_is_read_as_it_was(tmp_path):
    save(by_grade(), tmp_path)
    assert read_record(tmp_path / "run.json") == by_grade()


@pytest.mark.parametrize(
    "text",
    [
        "{", "[]", "{}", json.dumps(record(nodes=[3])), json.dumps(record(nodes=[{"node": "a", "people": "many"}])),
        json.dumps(record(tables={"t": [["a"], [1, 2]]})), json.dumps(record(tables={"t": [[{}]]})), json.dumps(record(run=3)),
        json.dumps(record(tables={"t": []})), "[" * 100_000,
    ],
)  # fmt: skip
def test_what_is_no_record_is_told(tmp_path, text):
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(BadRecord):
        read_record(tmp_path / "x.json")


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(BadRecord, match=r"nothing\.json cannot be read"):
        read_record(tmp_path / "nothing.json")


class Page(HTMLParser):
    """Tags of a page, and whether each is closed."""

    def __init__(self):
        super().__init__()
        self.open, self.seen = [], []

    def handle_starttag(self, tag, attrs):
        self.seen.append(tag)
        if tag not in {"meta", "path", "use"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_startendtag(self, tag, attrs):
        self.seen.append(tag)


def test_a_page_has_figures_captions_and_numbers_and_no_script():
    page = Page()
    page.feed(page_of(by_grade()))
    assert page.open == []
    assert {"figure", "svg", "figcaption", "details", "table", "th"} <= set(page.seen)
    assert "script" not in page.seen


def test_what_comes_from_elsewhere_is_text():
    evil = "<script>alert(1)</script>"
    told = record(title=evil, warnings=[evil], tables={evil: [[evil], [evil]], **TABLES})
    assert evil not in page_of(told)
    assert evil not in part_of(record(title=evil, tables={evil: [[evil], [evil]]}))

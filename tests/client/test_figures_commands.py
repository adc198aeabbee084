"""The command that draws from a record."""

import json

import pytest
from tests.client.figures.records import record
from typer.testing import CliRunner

from oncommons.client.figures_commands import app, keep
from oncommons.schema.errors import StorageFailed

TABLES = {"terms": [["term", "coefficient", "low", "high", "p"], ["age", 0.017, 0.01, 0.02, 0.001]]}


@pytest.fixture
def file(tmp_path):
    (tmp_path / "run.json").write_text(json.dumps(record(tables=TABLES)))
    return tmp_path / "run.json"


def test_figures_are_drawn_again_and_their_captions_printed(file, tmp_path):
    done = CliRunner().invoke(
        app, [str(file), "--save", str(tmp_path / "out"), "--column", "--crate", str(tmp_path / "a.zip")]
    )
    assert done.exit_code == 0, done.output
    assert sorted(one.name for one in (tmp_path / "out").iterdir()) == ["forest.pdf", "forest.svg"]
    assert b'width="240' in (tmp_path / "out" / "forest.svg").read_bytes()
    assert (tmp_path / "a.zip").read_bytes().startswith(b"PK")
    assert "age: 0.017 (0.010 to 0.020), p = 0.001." in done.output


def test_programs_get_captions_and_numbers(file):
    (figure,) = json.loads(CliRunner().invoke(app, [str(file), "--json"]).output)["figures"]
    assert (figure["name"], figure["table"][1][0]) == ("forest", "age")


def test_where_nothing_can_be_drawn_it_is_said(tmp_path):
    (tmp_path / "run.json").write_text(json.dumps(record()))
    assert "No table of this run" in CliRunner().invoke(app, [str(tmp_path / "run.json")]).output


def test_a_crate_that_cannot_be_written_is_named(tmp_path):
    with pytest.raises(StorageFailed, match="cannot be written"):
        keep(record(tables=TABLES), "", str(tmp_path / "no" / "a.zip"))

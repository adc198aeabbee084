"""The commands about raw values."""

import json
import stat

import pytest
from typer.testing import CliRunner

from oncommons.node.mapping_commands import mappings
from oncommons.schema.errors import BadMappingFile


@pytest.fixture
def call(home, with_rows):
    with_rows(home, *({"person": f"p{i}", "body_part": "Prostatte"} for i in range(11)))

    def run(*arguments):
        found = CliRunner().invoke(mappings, [*map(str, arguments), "--dir", str(home.folder)])
        if found.exception and not isinstance(found.exception, SystemExit):
            raise found.exception
        return found.stdout

    return run


def test_strings_are_proposed_decided_accepted_and_shared(call, tmp_path):
    todo, shared = tmp_path / "todo.csv", tmp_path / "shared.csv"
    assert "1 strings in todo.csv, for 1 of them" in call("propose", todo)
    assert stat.S_IMODE(todo.stat().st_mode) == 0o600
    todo.write_text(todo.read_text("utf-8").replace("Prostatte,,,", "Prostatte,,PROSTATE,"), "utf-8")
    assert "1 new, 0 changed, 0 known already; 11 series mapped anew." in call("accept", todo)
    assert json.loads(call("accept", todo, "--json"))["same"] == 1
    assert "1 mappings in shared.csv." in call("export", shared)
    assert shared.read_text("utf-8") == "field,raw,context,code\nbody_part,Prostatte,,PROSTATE\n"


def test_faults_are_told_by_row(call, tmp_path):
    file = tmp_path / "decided.csv"
    rows = "".join(f"sex,x{i},zebra\n" for i in range(25))
    file.write_text(f"field,raw,code\nbody_part,Prostatte,PROSTATE\n{rows}body_part,y,\n", "utf-8")
    told = call("accept", file)
    assert "row 3: 'zebra' is no code of sex" in told
    assert "and 5 more rows" in told
    assert "1 rows have no code yet." in told


def test_a_file_of_another_kind_is_an_error(call, tmp_path):
    (tmp_path / "x.csv").write_text("colour\nred\n", "utf-8")
    with pytest.raises(BadMappingFile):
        call("accept", tmp_path / "x.csv")

"""The computed reference pages are fresh."""

import importlib.util
from pathlib import Path

import pytest

from oncommons.schema.dictionary import ENTITIES, FIELDS
from oncommons.schema.errors import every_error

ROOT = Path(__file__).parents[2]


def load():
    spec = importlib.util.spec_from_file_location("reference_under_test", ROOT / "scripts" / "reference.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


reference = load()


@pytest.mark.parametrize("name", reference.PAGES)
def test_the_page_says_what_the_code_says(name):
    assert name not in reference.stale(ROOT / "docs"), "run: python scripts/reference.py --write"


def test_every_code_is_linked():
    page = reference.errors_page()
    assert all(f"[{kind.code}](errors/{kind.code}.md)" in page for kind in every_error())


def test_every_entity_and_field_is_there():
    page = reference.dictionary_page()
    assert all(f"| `{name}` |" in page for name in [*ENTITIES, *(field.name for field in FIELDS)])


def test_a_bar_in_a_cell_does_not_end_it():
    assert reference.table(["a"], [["x|y"]]).splitlines()[-1] == "| x\\|y |"


def test_a_stale_page_is_named_until_it_is_written(tmp_path, capsys):
    assert reference.main(["--check"], tmp_path) == 1
    assert "docs/reference-errors.md is stale" in capsys.readouterr().out
    assert reference.main(["--write"], tmp_path) == 0
    assert reference.main(["--check"], tmp_path) == 0


def test_a_wrong_call_says_how_to_call(capsys):
    assert reference.main([]) == 2
    assert "usage" in capsys.readouterr().out

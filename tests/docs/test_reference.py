"""The computed reference pages are fresh, and leave nothing out."""

import importlib.util
import re
from dataclasses import fields
from pathlib import Path

import pytest

import oncommons
from oncommons.hub.link.routes import HOT_ROUTES
from oncommons.schema.dictionary import ENTITIES, FIELDS
from oncommons.schema.errors import every_error
from oncommons.service.settings import HubSettings

ROOT = Path(__file__).parents[2]
VARIABLE = re.compile(r"\"(ONCOMMONS_[A-Z_]+|[A-Z_]+_PROXY|SSL_CERT_[A-Z]+)\"")


def load():
    spec = importlib.util.spec_from_file_location("reference_under_test", ROOT / "scripts" / "reference.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


reference = load()


@pytest.fixture(scope="module")
def written():
    """Every page as the code writes it now."""
    return {name: write() for name, write in reference.PAGES.items()}


@pytest.mark.parametrize("name", reference.PAGES)
def test_the_page_says_what_the_code_says(name, written):
    there = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert there == written[name], "run: python scripts/reference.py --write"


def test_every_code_is_linked(written):
    page = written["reference-errors.md"]
    assert all(f"[{kind.code}](errors/{kind.code}.md)" in page for kind in every_error())


def test_every_entity_and_field_is_there(written):
    page = written["reference-dictionary.md"]
    assert all(f"| `{name}` |" in page for name in [*ENTITIES, *(field.name for field in FIELDS)])


def test_every_command_has_a_section(written):
    page = written["reference-commands.md"]
    found = [words for words, _ in reference.commands()]
    assert {"oncommons demo", "oncommons ask", "oncommons hub serve", "oncommons node policy"} <= set(found)
    assert all(f"## {words}\n" in page for words in found)


def test_every_command_has_help_and_an_example_of_its_own():
    for words, command in reference.commands():
        assert command.help, words
        assert command.epilog.startswith(f"Example: {words}"), words


def test_every_option_and_argument_says_what_it_means():
    bare = [
        (words, parameter.name)
        for words, command in reference.commands()
        for parameter in command.params
        if parameter.name != "help" and not parameter.help
    ]
    assert bare == []


def test_every_setting_of_the_hub_is_there(written):
    page = written["reference-settings.md"]
    options = {"folder": "--dir", "origins": "--origin"}
    names = [options.get(f.name, f"--{f.name}") for f in fields(HubSettings)]
    assert all(f"| `{name}` |" in page for name in names)


def test_every_variable_that_the_code_reads_is_there(written):
    sources = (file.read_text(encoding="utf-8") for file in (ROOT / "src").rglob("*.py"))
    read = {name for source in sources for name in VARIABLE.findall(source)}
    assert {"ONCOMMONS_HUB", "ONCOMMONS_NODE", "SSL_CERT_FILE"} <= read
    assert [name for name in sorted(read) if f"`{name}`" not in written["reference-settings.md"]] == []


def test_every_route_is_there(written):
    page = written["reference-http.md"]
    paths = {route.path for route in reference.routes(reference.application())}
    assert {"/ask", "/api/questions", *(route.path for route in HOT_ROUTES)} <= paths
    assert [path for path in sorted(paths) if not re.search(rf"[ `]{re.escape(path)}[`\n]", page)] == []


def test_every_route_says_what_it_does(written):
    assert not re.search(r"^### .*\n\n(?=#)", written["reference-http.md"], re.MULTILINE)


def test_every_public_name_has_a_section(written):
    page = written["reference-python.md"]
    assert all(f"## {name}\n\n" in page for name in oncommons.__all__ if not name.startswith("__"))


def test_every_dependency_has_a_reason_and_a_licence(written):
    needed, _, _ = written["reference-dependencies.md"].partition("## For tests only")
    rows = [line.strip("| ").split(" | ") for line in needed.splitlines() if "| `>=" in line]
    assert len(rows) > 15
    assert all(all(row) and len(row) in {4, 5} for row in rows)


def test_a_licence_that_is_not_declared_in_short_is_left_open():
    assert reference.licence_of("httpx") == "BSD-3-Clause"
    assert reference.licence_of("axe-playwright-python") == ""


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

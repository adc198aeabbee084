"""The commands for the form of applications, run as the front door runs them."""

import json

import pytest
from tests.schema.forms import BODY


@pytest.fixture
def form(oncommons, tmp_path):
    """Runs a command for the form of one hub; gives its status, output and complaint."""
    (tmp_path / "short.json").write_text(json.dumps(BODY), encoding="utf-8")
    (tmp_path / "bad.json").write_text(json.dumps(BODY | {"colour": "red"}), encoding="utf-8")

    def run(*words):
        named = [tmp_path / word if word.endswith((".json", ".toml")) else word for word in words]
        return oncommons("hub", "form", *named, "--dir", tmp_path / "hub")

    return run


def test_a_form_is_shown_changed_and_set(form, tmp_path):
    status, out, _ = form("show")
    assert (status, 'title = "Application for data"' in out) == (0, True)
    (tmp_path / "mine.toml").write_text(out.replace("Summary for everybody", "In plain words"), encoding="utf-8")
    assert form("check", "mine.toml")[1].startswith("It can be version 2: ")
    assert form("set", "mine.toml")[1].startswith("This is version 2: ")
    assert "In plain words" in form("show")[1]
    assert "In plain words" not in form("show", "--version", "1")[1]


def test_what_is_not_asked_any_more_is_named(form):
    told = json.loads(form("check", "short.json", "--json")[1])
    assert (told["version"], told["paragraphs"], "scientific" in told["gone"]) == (2, 9, True)
    assert "Not asked any more: scientific" in form("set", "short.json")[1]


@pytest.mark.parametrize("file", ["bad.json", "nowhere.json"])
def test_what_is_no_form_is_refused(form, file):
    status, _, complaint = form("set", file)
    assert (status, "E391" in complaint) == (30, True)
    assert json.loads(form("show", "--json")[1])["version"] == 1

"""What the commands of a hub's operator have in common, run as the front door runs them."""

import json

import pytest


def test_another_database_is_used_when_named(oncommons, tmp_path):
    other = f"sqlite:///{tmp_path / 'other.sqlite'}"
    assert oncommons("hub", "nodes", "--dir", tmp_path, "--database", other)[0] == 0
    assert (tmp_path / "other.sqlite").exists()
    assert not (tmp_path / "hub.sqlite").exists()


def test_a_database_that_cannot_be_used_is_told(oncommons, tmp_path):
    status, out, _ = oncommons("hub", "nodes", "--dir", tmp_path, "--database", "nonsense", "--json")
    assert (status, json.loads(out)["error"]["code"]) == (40, "E403")


@pytest.mark.parametrize("group", ["form", "labels", "mail", "people", "permit", "provider", "holders"])
def test_a_group_of_commands_shows_its_help(oncommons, group):
    _, out, err = oncommons("hub", group)
    assert f"Usage: oncommons hub {group}" in out + err

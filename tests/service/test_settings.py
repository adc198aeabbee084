"""Settings: given, remembered, or by default."""

import json
from pathlib import Path

import pytest

from oncommons.schema.errors import StorageFailed
from oncommons.service.settings import HubSettings, read_settings


def test_without_anything_given_the_database_lies_in_the_folder(tmp_path):
    settings = read_settings(tmp_path)
    assert settings == HubSettings(tmp_path, "", f"sqlite:///{tmp_path / 'hub.sqlite'}", "A cancer data commons")


def test_the_key_lies_in_the_folder(tmp_path):
    assert read_settings(tmp_path).key_file == tmp_path / "hub-key.pem"


def test_reading_writes_nothing(tmp_path):
    read_settings(tmp_path / "hub")
    assert list(tmp_path.iterdir()) == []


def test_what_is_given_wins_over_the_default(tmp_path):
    settings = read_settings(tmp_path, url="https://hub.example.org", database="sqlite://", name="ß")
    assert (settings.url, settings.database, settings.name) == ("https://hub.example.org", "sqlite://", "ß")


def test_what_is_remembered_comes_back(tmp_path):
    given = read_settings(tmp_path, url="https://hub.example.org", database="sqlite://", name="Réseau")
    given.remember()
    assert read_settings(tmp_path) == given


def test_what_is_given_wins_over_what_is_remembered(tmp_path):
    read_settings(tmp_path, url="https://old.example.org", name="Old").remember()
    settings = read_settings(tmp_path, url="https://new.example.org", name="")
    assert (settings.url, settings.name) == ("https://new.example.org", "Old")


def test_the_folder_is_not_remembered(tmp_path):
    read_settings(tmp_path).remember()
    assert set(json.loads((tmp_path / "hub.json").read_text())) == {"url", "name"}


def test_what_an_older_version_remembered_is_completed_by_the_defaults(tmp_path):
    (tmp_path / "hub.json").write_text('{"url": "https://hub.example.org", "colour": "blue"}')
    settings = read_settings(tmp_path)
    assert (settings.url, settings.name) == ("https://hub.example.org", "A cancer data commons")


@pytest.mark.parametrize("content", [b"", b"{", b"5", b'"text"', b"[1]", b"\xff\xfe\xfd"])
def test_damaged_settings_are_told_by_their_name_only(tmp_path, content):
    (tmp_path / "hub.json").write_bytes(content)
    with pytest.raises(StorageFailed, match=r"hub\.json cannot be read") as told:
        read_settings(tmp_path)
    assert str(tmp_path) not in told.value.message


def test_a_folder_in_the_place_of_the_settings_is_told(tmp_path):
    (tmp_path / "hub.json").mkdir()
    with pytest.raises(StorageFailed):
        read_settings(tmp_path)


@pytest.mark.parametrize("content", ['{"url": 5}', '{"database": null}', '{"name": ["a"]}'])
def test_settings_of_the_wrong_type_are_told(tmp_path, content):
    (tmp_path / "hub.json").write_text(content)
    with pytest.raises(StorageFailed):
        read_settings(tmp_path)


def test_a_hub_that_was_moved_finds_its_database(tmp_path):
    (tmp_path / "here").mkdir()
    read_settings(tmp_path / "here").remember()
    (tmp_path / "here").rename(tmp_path / "there")
    assert read_settings(tmp_path / "there").database == f"sqlite:///{tmp_path / 'there' / 'hub.sqlite'}"


def test_the_password_of_the_database_is_for_the_owner_only(tmp_path):
    read_settings(tmp_path, database="postgresql+pg8000://hub:word@localhost/hub").remember()
    assert Path(tmp_path / "hub.json").stat().st_mode & 0o077 == 0


def test_who_may_ask_is_remembered_so_that_no_restart_opens_a_hub(tmp_path):
    read_settings(tmp_path, people="required").remember()
    assert read_settings(tmp_path).people == "required"
    assert read_settings(tmp_path, people="open").people == "open"


def test_who_may_ask_is_open_or_required(tmp_path):
    with pytest.raises(StorageFailed, match="people is one of open, required"):
        read_settings(tmp_path, people="closed")


def test_which_links_are_sent_is_kept_and_is_one_of_the_words(tmp_path):
    assert read_settings(tmp_path).links == "all"
    read_settings(tmp_path, links="password").remember()
    assert read_settings(tmp_path).links == "password"
    assert read_settings(tmp_path, links="none").links == "none"
    with pytest.raises(StorageFailed):
        read_settings(tmp_path, links="some")

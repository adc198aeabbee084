"""The operator's commands for e-mail."""

import json
import time

import pytest
from tests.hub.notices.catcher import catching
from tests.hub.notices.test_telling import notice

from oncommons.hub.notices.telling import tell
from oncommons.hub.people.register import new_person
from oncommons.service.settings import HubSettings, read_settings
from oncommons.storage.database import Database

SENDER = ("--sender", "commons@athens.example", "--security", "none")


def run(oncommons, folder, *words):
    status, out, err = oncommons("hub", "mail", *words, "--dir", folder, "--json")
    return status, json.loads(out) if out else err


@pytest.fixture
def folder(tmp_path):
    """A hub that knows its address, with somebody who was told something."""
    HubSettings(tmp_path, "https://hub.example", read_settings(tmp_path).database, "Commons").remember()
    database = Database(read_settings(tmp_path).database)
    database.upgrade()
    with database.write() as connection:
        ana = new_person(connection, "ana@athens.example", "Ana", "-", 0.0)
        tell(connection, [notice(ana, until=time.time() + 9_999)], time.time() - 1)
    database.close()
    return tmp_path


def test_a_mail_server_is_named_and_tried(oncommons, folder):
    with catching() as caught:
        status, named = run(oncommons, folder, "set", "localhost", "--port", caught.port, *SENDER)
        assert (status, named["port"], named["host"]) == (0, caught.port, "localhost")
        assert run(oncommons, folder, "test", "Ben@athens.example") == (0, {"sent": "ben@athens.example"})
    assert caught.envelopes == [("commons@athens.example", "ben@athens.example")]


def test_the_usual_port_is_told(oncommons, folder):
    assert run(oncommons, folder, "set", "localhost", "--sender", "a@b.example")[1]["port"] == 587


def test_what_waits_is_sent_and_how_it_stands_is_told(oncommons, folder):
    with catching() as caught:
        run(oncommons, folder, "set", "localhost", "--port", caught.port, *SENDER)
        status, did = run(oncommons, folder, "send")
    assert (status, did["this_time"]) == (0, {"sent": 1, "put_off": 0, "given_up": 0})
    assert did["altogether"] == {"waiting": 0, "sent": 1, "given_up": 0, "last_fault": ""}
    assert "https://hub.example/decisions/A-7" in caught.messages[0].get_content()


def test_a_server_that_says_no_is_told_at_once(oncommons, folder):
    with catching(RCPT="550 nobody of that name") as caught:
        run(oncommons, folder, "set", "localhost", "--port", caught.port, *SENDER)
        status, told = run(oncommons, folder, "test", "ben@athens.example")
    assert (status, told["error"]["code"]) == (40, "E355")


def test_without_a_mail_server_or_an_address_of_the_hub_the_remedy_is_told(oncommons, folder, tmp_path_factory):
    status, told = run(oncommons, folder, "send")
    assert (status, told["error"]["code"]) == (40, "E353")
    assert "hub mail set" in told["error"]["message"]
    nameless = tmp_path_factory.mktemp("hub")
    run(oncommons, nameless, "set", "localhost", *SENDER)
    assert "--url" in run(oncommons, nameless, "test", "ben@athens.example")[1]["error"]["message"]


def test_settings_that_cannot_be_are_not_kept(oncommons, folder):
    status, told = run(oncommons, folder, "set", "localhost", "--sender", "nobody")
    assert (status, told["error"]["code"]) == (40, "E353")
    assert not (folder / "mail.json").exists()

"""Commands for decisions."""

import json

import pytest
from tests.hub.callers import START
from tests.hub.decisions.rooms import Room, settle_in
from tests.storage.conftest import opened

from oncommons.hub.opening import open_hub
from oncommons.policy.access.duties import DAY
from oncommons.service.settings import read_settings


@pytest.fixture
def folder(tmp_path):
    open_hub(read_settings(tmp_path)).database.close()
    return tmp_path


def url(folder):
    return f"sqlite:///{folder / 'hub.sqlite'}"


def test_clocks_carry_out_what_is_due_and_again_nothing(oncommons, folder):
    with opened(url(folder)) as database:
        room = Room(database)
        room.clock.now = START - 3_000 * DAY
        room.submit()
        room.do("return", "cora", text="x")
    assert oncommons("hub", "clocks", "--dir", folder)[:2] == (0, "Time has changed 1 applications.\n")
    assert oncommons("hub", "clocks", "--dir", folder)[:2] == (0, "Nothing was due.\n")
    assert json.loads(oncommons("hub", "clocks", "--dir", folder, "--json")[1]) == {"changed": [], "reminded": 0}


def test_clocks_that_cannot_be_read_are_told(oncommons, folder):
    (folder / "clocks.json").write_text('{"review": "soon"}')
    status, _, said = oncommons("hub", "clocks", "--dir", folder)
    assert status != 0
    assert "E397" in said


def test_a_holder_is_named_and_listed(oncommons, folder):
    assert "No node" in oncommons("hub", "holders", "list", "--dir", folder)[1]
    with opened(url(folder)) as database:
        settle_in(database)
    words = ("hub", "holders", "name", "cork", "--organisation", "Bologna", "--quorum", "2", "--patients")
    assert oncommons(*words, "--dir", folder)[:2] == (0, "Bologna decides about the datasets of cork.\n")
    told = json.loads(oncommons("hub", "holders", "list", "--dir", folder, "--json")[1])["holders"]
    assert told[-1] == {"node": "cork", "organisation": "Bologna", "quorum": 2, "patients": True, "officers": 1}
    assert "1 access officers" in oncommons("hub", "holders", "list", "--dir", folder)[1]


def test_an_organisation_that_is_not_here_decides_nothing(oncommons, folder):
    status, _, said = oncommons("hub", "holders", "name", "cork", "--organisation", "Nowhere", "--dir", folder)
    assert status != 0
    assert "knows no such organisation" in said

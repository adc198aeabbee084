"""Commands for the nodes of a hub, run as the front door runs them."""

import json

import pytest
from tests.hub.callers import PUBLIC_KEY

from oncommons.hub.opening import open_hub
from oncommons.schema.federation import Invitation
from oncommons.service.settings import read_settings


@pytest.fixture
def joined(oncommons, tmp_path):
    """The directory of a hub with one node."""
    code = json.loads(oncommons("hub", "invite", "athens", "--dir", tmp_path, "--json")[1])["code"]
    hub = open_hub(read_settings(tmp_path))
    hub.registry.join(Invitation.parse(code).secret, PUBLIC_KEY, "1.0", 0)
    hub.database.close()
    return tmp_path


def test_invite_gives_a_code_and_the_command_to_type(oncommons, tmp_path):
    status, out, _ = oncommons("hub", "invite", "athens", "--dir", tmp_path)
    assert (status, "oncommons node join URL " in out) == (0, True)


def test_invite_gives_json_with_the_pin_of_the_hub(oncommons, tmp_path):
    status, out, _ = oncommons("hub", "invite", "athens", "--dir", tmp_path, "--json")
    body = json.loads(out)
    hub = open_hub(read_settings(tmp_path))
    hub.database.close()
    assert (status, body["name"], Invitation.parse(body["code"]).pin) == (0, "athens", hub.pin)


def test_invite_refuses_what_is_not_a_name(oncommons, tmp_path):
    status, out, _ = oncommons("hub", "invite", "Athens!", "--dir", tmp_path, "--json")
    assert (status, json.loads(out)["error"]["code"]) == (40, "E405")


def test_invite_refuses_a_name_that_is_taken(oncommons, joined):
    status, _, err = oncommons("hub", "invite", "athens", "--dir", joined)
    assert (status, "E210" in err) == (20, True)


def test_nodes_lists_nobody_at_first_and_says_how_to_begin(oncommons, tmp_path):
    status, out, _ = oncommons("hub", "nodes", "--dir", tmp_path)
    assert (status, "oncommons hub invite NAME" in out) == (0, True)


def test_nodes_lists_who_joined(oncommons, joined):
    status, out, _ = oncommons("hub", "nodes", "--dir", joined, "--json")
    assert (status, json.loads(out)) == (0, {"nodes": [{"name": "athens", "presence": "never", "version": "1.0"}]})
    assert oncommons("hub", "nodes", "--dir", joined)[1].split() == ["athens", "never", "1.0"]


def test_revoke_stops_a_node_and_frees_its_name(oncommons, joined):
    status, out, _ = oncommons("hub", "revoke", "athens", "--dir", joined, "--json")
    assert (status, json.loads(out)) == (0, {"revoked": "athens"})
    assert "revoked" in oncommons("hub", "nodes", "--dir", joined)[1]
    assert oncommons("hub", "invite", "athens", "--dir", joined)[0] == 0


def test_revoke_of_nobody_is_refused(oncommons, tmp_path):
    status, _, err = oncommons("hub", "revoke", "athens", "--dir", tmp_path)
    assert (status, "E202" in err) == (20, True)

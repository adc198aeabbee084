"""Commands of the hub's operator, run as the front door runs them."""

import json
import logging
import os
import signal
import socket
import subprocess
import sys
from contextlib import closing

import httpx
import pytest
from tests.hub.callers import PUBLIC_KEY

from oncommons.cli import main
from oncommons.hub.app import open_hub
from oncommons.hub.commands import origins_of
from oncommons.schema.federation import Invitation
from oncommons.service.settings import read_settings


@pytest.fixture
def oncommons(capsys):
    """Runs a command; gives its exit status, what it printed and what it said on standard error."""
    log = logging.getLogger("oncommons")
    before = log.handlers[:], log.level, log.propagate

    def run(*words):
        with pytest.raises(SystemExit) as ended:
            main([str(word) for word in words])
        return ended.value.code, *capsys.readouterr()

    yield run
    log.handlers[:], log.level, log.propagate = before


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


def test_another_database_is_used_when_named(oncommons, tmp_path):
    other = f"sqlite:///{tmp_path / 'other.sqlite'}"
    assert oncommons("hub", "nodes", "--dir", tmp_path, "--database", other)[0] == 0
    assert (tmp_path / "other.sqlite").exists()
    assert not (tmp_path / "hub.sqlite").exists()


def test_a_database_that_cannot_be_used_is_told(oncommons, tmp_path):
    status, out, _ = oncommons("hub", "nodes", "--dir", tmp_path, "--database", "nonsense", "--json")
    assert (status, json.loads(out)["error"]["code"]) == (40, "E403")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--certificate", "cert.pem"), "both --certificate and --key"),
        (("--key", "key.pem"), "both --certificate and --key"),
        (("--certificate", "no.pem", "--key", "no.pem"), "no file no.pem"),
    ],
)
def test_serve_with_half_of_https_says_what_is_missing(oncommons, tmp_path, words, message):
    status, out, _ = oncommons("hub", "serve", "--port", "0", "--dir", tmp_path / "hub", *words, "--json")
    fault = json.loads(out)["error"]
    assert (status, fault["code"], message in fault["message"]) == (40, "E403", True)
    assert not (tmp_path / "hub").exists()


@pytest.mark.parametrize("origin", ["explorer.example", "https://explorer.example/page", "**", "https://", "null"])
def test_serve_refuses_a_site_that_no_browser_names(oncommons, tmp_path, origin):
    words = ("--port", "0", "--dir", tmp_path / "hub", "--origin", "https://good.example", "--origin", origin, "--json")
    status, out, _ = oncommons("hub", "serve", *words)
    assert (status, json.loads(out)["error"]["code"]) == (40, "E400")
    assert not (tmp_path / "hub").exists()


def test_serve_lets_pages_of_named_sites_ask(tmp_path):
    words = ["hub", "serve", "--port", "0", "--dir", str(tmp_path), "--json"]
    named = os.environ | {"ONCOMMONS_ORIGINS": "https://one.example https://Two.example/"}
    command = [sys.executable, "-m", "oncommons", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=named) as process:
        try:
            url = json.loads(process.stdout.readline())["url"]
            sites = ("https://one.example", "https://two.example", "https://three.example")
            answers = [httpx.get(f"{url}/api/beacon/map", headers={"origin": site}) for site in sites]
        finally:
            process.kill()
    assert [a.headers.get("access-control-allow-origin") for a in answers] == [*sites[:2], None]


def test_sites_are_taken_as_browsers_write_them():
    assert origins_of(["https://Explorer.example/ ", "*", "http://[::1]:8080"]) == (
        "https://explorer.example",
        "*",
        "http://[::1]:8080",
    )


def test_serve_at_a_port_in_use_says_so_and_makes_nothing(oncommons, tmp_path):
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        port = other.getsockname()[1]
        status, out, _ = oncommons("hub", "serve", "--port", port, "--dir", tmp_path / "hub", "--json")
    assert (status, json.loads(out)["error"]["code"]) == (40, "E402")
    assert not (tmp_path / "hub").exists()


def test_serve_says_where_it_listens_and_keeps_the_public_address_for_invitations(oncommons, tmp_path):
    words = ["hub", "serve", "--port", "0", "--url", "https://hub.example.org", "--dir", str(tmp_path), "--json"]
    command = [sys.executable, "-m", "oncommons", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            body = json.loads(process.stdout.readline())
            process.send_signal(signal.SIGTERM)
            process.wait(20)
        finally:
            process.kill()
    assert body["url"].startswith("http://127.0.0.1:")
    told = json.loads(oncommons("hub", "invite", "athens", "--dir", tmp_path, "--json")[1])
    assert told["url"] == body["public_url"] == "https://hub.example.org"
    assert told["code"].partition(".")[2] == body["pin"]

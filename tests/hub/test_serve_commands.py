"""The command that serves a hub, run as the front door runs it."""

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

from oncommons.cli import main
from oncommons.hub.serve_commands import origins_of


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

"""Signing in by a provider that others have written (oidc-provider-mock, on Authlib), over a socket."""

import subprocess
import sys
import time
from contextlib import contextmanager
from importlib.util import find_spec
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from tests.hub.callers import told

from oncommons.hub.providers.book import Given, Provider

if find_spec("oidc_provider_mock") is None:
    pytest.skip("pip install oidc-provider-mock", allow_module_level=True)
SERVER = """
import sys
from oidc_provider_mock import run_server_in_thread
with run_server_in_thread(require_nonce=True) as server:
    print(server.server_port, flush=True)
    sys.stdin.read()
"""


@contextmanager
def running():
    """The provider in a process of its own, whose warnings are not ours; its issuer."""
    words = [sys.executable, "-W", "ignore", "-c", SERVER]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        try:
            yield f"http://localhost:{int(process.stdout.readline())}"
        finally:
            process.stdin.close()


@contextmanager
def known(met):
    """The provider, known to the hub as ``peer``; its clock is the machine's, so that the hub's is too."""
    with running() as issuer:
        then, met.hub.clock.now = met.hub.clock.now, time.time()
        given = Given("groups", "onco", "Athens General", "researcher")
        met.book.put(Provider("peer", "Peer", issuer, "hub", "a secret", given=(given,)))
        try:
            yield issuer
        finally:
            met.hub.clock.now = then


def returned(issuer, address, subject):
    """What a browser brings back after somebody has typed their name into the provider's form."""
    assert address.startswith(f"{issuer}/")
    got = httpx.post(address, data={"sub": subject}, follow_redirects=False, timeout=10)
    assert got.status_code in {302, 303}, got.text
    assert got.headers["location"].startswith("http://hub.test/sign-in/back/peer?")
    return dict(parse_qsl(urlsplit(got.headers["location"]).query))


def test_somebody_signs_in_by_it(met):
    with known(met) as issuer:
        claims = {"name": "Ana", "email": "ana@athens.example", "groups": ["onco"]}
        httpx.put(f"{issuer}/users/ana", json=claims, timeout=10).raise_for_status()
        begun = met.begin("peer", next="/ask")
        brought = returned(issuer, begun["address"], "ana")
        got = met.back(begun, brought, "peer")
        assert (got.status_code, got.json()["next"]) == (201, "/ask"), got.text
        assert told(met.back(begun, brought, "peer")) == (401, "E381")
        shown = {"authorization": f"Bearer {got.json()['session']}"}
        about = met.hub("GET", "/api/account", headers=shown).json()
        denied = met.begin("peer")
        refused = httpx.post(denied["address"], data={"action": "deny"}, follow_redirects=False, timeout=10)
        brought = {"state": "", **dict(parse_qsl(urlsplit(refused.headers["location"]).query))}
        brought.pop("error_description", None)
        assert told(met.back(denied, brought, "peer")) == (401, "E381")
    assert (about["name"], about["email"]) == ("Ana", "")
    assert (about["identities"][0]["issuer"], about["identities"][0]["subject"]) == (issuer, "ana")

"""A certified provider of OpenID Connect in a process of its own, and somebody who signs in there by hand."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx
import pytest

from oncommons.hub.providers.book import Provider

FOLDER = Path(os.environ.get("ONCOMMONS_OIDC", ""))
NEEDS_CERTIFIED = pytest.mark.skipif(
    not (FOLDER / "node_modules" / "oidc-provider" / "package.json").is_file() or shutil.which("node") is None,
    reason="ONCOMMONS_OIDC does not name a folder with the npm package oidc-provider; .ci/peers gets it",
)
SERVER = Path(__file__).with_name("certified") / "server.mjs"
CLIENT, SECRET, BACK = "hub", "s3cret: with / signs", "http://hub.test/sign-in/back/peer"
BROUGHT = ("state", "code", "error", "iss")
MFA = "https://refeds.org/profile/mfa"
SCOPES = {"groups": ["groups", "realm_access"], "ga4gh_passport_v1": ["ga4gh_passport_v1"],
          "eduperson": ["eduperson_entitlement", "eduperson_scoped_affiliation"]}  # fmt: skip


class Certified:
    """The provider; ``tell`` changes its settings, each of which it keeps until it is told otherwise."""

    def __init__(self, process):
        self.process = process
        self.issuer = json.loads(process.stdout.readline())["issuer"]

    def tell(self, **settings):
        """Change settings; the names of its keys."""
        self.process.stdin.write(json.dumps(settings) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())["keys"]

    def turn_honest(self):
        """One client, nobody known, and an honest clock."""
        self.tell(clients=[client()], people={}, scopes=SCOPES, skew=0, more={}, algorithms=["RS256"])

    def provider(self, name="peer", **more):
        scopes = ("openid", "profile", "email", *SCOPES)
        plain = {"client": CLIENT, "secret": SECRET, "scopes": scopes}
        return Provider(name, "Peer", self.issuer, **plain | more)


def client(**more):
    """The hub, as the provider's operator enters it."""
    plain = {"client_id": CLIENT, "client_secret": SECRET, "redirect_uris": [BACK], "response_types": ["code"]}
    plain |= {"grant_types": ["authorization_code"], "token_endpoint_auth_method": "client_secret_basic"} | more
    return {key: value for key, value in plain.items() if value is not None}


@contextmanager
def certified():
    """The provider for the length of a test."""
    words = [shutil.which("node"), SERVER, FOLDER.resolve()]
    options = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
    with subprocess.Popen(words, **options) as process:
        try:
            yield Certified(process)
        finally:
            process.stdin.close()


class Visitor:
    """Somebody with a browser, who is remembered by the provider as long as the browser is."""

    def __init__(self, login, code="", allow="1"):
        self.http = httpx.Client(follow_redirects=False, timeout=10, headers={"connection": "close"})
        self.typed, self.allow = {"login": login, "code": code}, allow
        self.seen = []

    def walk(self, address, back=BACK):
        """What is brought back from the provider, all its forms filled in."""
        self.seen = []
        got = self.http.get(address)
        for _ in range(20):
            if got.is_redirect:
                where = urljoin(str(got.url), got.headers["location"])
                if where.startswith(f"{back}?"):
                    return {key: value for key, value in parse_qsl(urlsplit(where).query) if key in BROUGHT}
                got = self.http.get(where)
            else:
                title = re.search("<h1>(.*?)</h1>", got.text)
                assert title is not None, f"{got.status_code} {got.url}: {got.text[:2000]}"
                self.seen.append(title[1])
                got = self.http.post(got.url, data={"ok": self.allow} if "Allow" in title[1] else self.typed)
        pytest.fail(f"the provider leads in circles: {self.seen}")


@contextmanager
def introduced(met, peer, **more):
    """A hub that knows the provider as ``peer``; its clock is the machine's, as the provider's is."""
    then, met.hub.clock.now = met.hub.clock.now, time.time()
    peer.turn_honest()
    met.book.put(peer.provider(**more))
    try:
        yield met
    finally:
        met.hub.clock.now = then

"""A provider of OpenID Connect on this machine, with real keys, that lies where a test wants it to."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from urllib.parse import parse_qs, parse_qsl, urlsplit

from joserfc import jws, jwt
from joserfc.jwk import ECKey

from oncommons.hub.providers.book import Provider

CLIENT, SECRET, SUBJECT = "hub", "s3cret: with / signs", "0a1b2c@lifescience-ri.eu"


def new_key(kid):
    return ECKey.import_key(ECKey.generate_key("P-256").as_dict(private=True) | {"kid": kid})


def public(key):
    return key.as_dict(private=False)


@dataclass
class Liar:
    """The provider; what a test changes is said at the next request.

    Attributes:
        clock: Seconds since the epoch.
        subject: Whom it speaks of.
        key: Signs.
        published: Keys that it publishes.
        about: What it says of itself besides; ``None`` takes something away.
        claims: What it says in the ID token besides; ``None`` takes something away.
        person: What it says of somebody at userinfo.
        header: Of the ID token, besides.
        sign: Makes the ID token of header and claims, in the place of an honest signature.
        pages: What it sends at a path instead: status, headers and bytes, or a function of the request's handler.
        asked: Method and path of every request.
        tokens: What the token endpoint was sent.
    """

    clock: object
    issuer: str = ""
    subject: str = SUBJECT
    key: object = field(default_factory=lambda: new_key("one"))
    published: list = field(default_factory=list)
    about: dict = field(default_factory=dict)
    claims: dict = field(default_factory=dict)
    person: dict = field(default_factory=dict)
    header: dict = field(default_factory=dict)
    sign: object = None
    pages: dict = field(default_factory=dict)
    asked: list = field(default_factory=list)
    tokens: list = field(default_factory=list)
    codes: dict = field(default_factory=dict)
    over: Event = field(default_factory=Event)

    def turn_honest(self, subject):
        """As if it had never lied, about somebody else."""
        self.subject, self.sign, self.published = subject, None, []
        for lie in (self.about, self.claims, self.person, self.header, self.pages, self.asked, self.tokens):
            lie.clear()

    def provider(self, name="keycloak", **more):
        return Provider(name, "Keycloak of Athens", self.issuer, CLIENT, SECRET, **more)

    def authorize(self, address, **more):
        """What a browser brings back when somebody has signed in."""
        asked = dict(parse_qsl(urlsplit(address).query))
        assert address.startswith(f"{self.issuer}/authorize?")
        assert (asked["response_type"], asked["client_id"], asked["code_challenge_method"]) == ("code", CLIENT, "S256")
        assert "openid" in asked["scope"].split()
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return {"code": code, "state": asked["state"]} | more

    def token(self, headers, fields):
        """The token endpoint, honest about codes: each serves once, for who began (RFC 6749 section 4.1.3, RFC 7636)."""
        self.tokens.append((headers.get("authorization", ""), fields))
        asked = self.codes.pop(fields["code"], None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(fields["code_verifier"].encode()).digest()).rstrip(b"=")
        if asked is None or challenge.decode() != asked["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        if fields["redirect_uri"] != asked["redirect_uri"] or fields["grant_type"] != "authorization_code":
            return 400, {"error": "invalid_request"}
        access, now = secrets.token_urlsafe(16), int(self.clock())
        half = base64.urlsafe_b64encode(hashlib.sha256(access.encode()).digest()[:16]).decode().rstrip("=")
        said = {"iss": self.issuer, "sub": self.subject, "aud": CLIENT, "iat": now, "exp": now + 300, "auth_time": now}
        said |= {"nonce": asked["nonce"], "at_hash": half} | self.claims
        said = {key: value for key, value in said.items() if value is not None}
        head = {"alg": "ES256", "kid": self.key.kid} | self.header
        made = self.sign(head, said) if self.sign else jwt.encode(head, said, self.key, algorithms=[head["alg"]])
        return 200, {"token_type": "Bearer", "access_token": access, "expires_in": 60, "id_token": made}

    def describe(self):
        told = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/keys",
            "id_token_signing_alg_values_supported": ["ES256", "HS256"],
        } | self.about
        return {key: value for key, value in told.items() if value is not None}

    def answer(self, method, path, headers, body):
        """Status and JSON of a request."""
        if path == "/.well-known/openid-configuration":
            return 200, self.describe()
        if path == "/keys":
            return 200, {"keys": self.published or [public(self.key)]}
        if path == "/token" and method == "POST":
            return self.token(headers, {key: values[0] for key, values in parse_qs(body.decode()).items()})
        if path == "/userinfo" and headers.get("authorization", "").startswith("Bearer "):
            return 200, {"sub": self.subject} | self.person
        return 404, {}


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, liar, *args):
        self.liar = liar
        super().__init__(*args)

    def do_GET(self):
        path = urlsplit(self.path).path
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        self.liar.asked.append((self.command, path))
        instead = self.liar.pages.get(path)
        if callable(instead):
            instead(self)
            return
        if instead is None:
            status, told = self.liar.answer(self.command, path, self.headers, body)
            instead = status, {"content-type": "application/json"}, json.dumps(told).encode()
        status, headers, content = instead
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def do_POST(self):
        self.do_GET()

    def log_message(self, *args):
        pass


@contextmanager
def lying(clock):
    """A provider for the length of a test."""
    liar = Liar(clock)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, liar)) as server:
        server.daemon_threads = True
        server.handle_error = lambda *_: None  # who asks hangs up where too much is sent
        liar.issuer = f"http://127.0.0.1:{server.server_port}"
        serving = Thread(target=server.serve_forever, args=(0.01,))
        serving.start()
        try:
            yield liar
        finally:
            liar.over.set()
            server.shutdown()
            serving.join()


def unsigned(head, said):
    """A token without a signature (RFC 7519 section 6)."""
    parts = [json.dumps(head | {"alg": "none"}).encode(), json.dumps(said).encode()]
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts) + "."


def signed_as_text(secret):
    """Signs with a text as the key of HMAC, as whoever knows a public key could."""

    def sign(head, said):
        one, two = (
            base64.urlsafe_b64encode(json.dumps(p).encode()).rstrip(b"=") for p in (head | {"alg": "HS256"}, said)
        )
        mac = base64.urlsafe_b64encode(hmac.digest(secret, one + b"." + two, "sha256")).rstrip(b"=")
        return b".".join((one, two, mac)).decode()

    return sign


def visa(key, issuer, now, subject=SUBJECT, kind="ControlledAccessGrants", **more):
    """A signed visa (GA4GH Passport 1.2)."""
    value = {
        "type": kind,
        "asserted": int(now),
        "value": "https://ega-archive.org/datasets/EGAD1",
        "source": "https://ega-archive.org",
        "by": "dac",
    }
    claims = {
        "iss": issuer,
        "sub": subject,
        "iat": int(now),
        "exp": int(now) + 3600,
        "jti": "1",
        "ga4gh_visa_v1": value,
    }
    header = {"alg": "ES256", "kid": key.kid, "typ": "vnd.ga4gh.visa+jwt"} | more
    return jws.serialize_compact(header, json.dumps(claims).encode(), key, algorithms=["ES256"])

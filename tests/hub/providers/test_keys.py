"""Keys of providers, and what is signed with them."""

import base64
import json

import pytest
from joserfc import jws, jwt
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey
from tests.hub.callers import Clock
from tests.hub.providers.liar import new_key, public

from oncommons.hub.providers.keys import KeyRing
from oncommons.hub.providers.rules import ALGORITHMS


class Published:
    """A wire whose other end publishes keys."""

    def __init__(self, *keys):
        self.keys, self.fetched = list(keys), 0

    def get(self, _url):
        self.fetched += 1
        return {"keys": self.keys}


@pytest.fixture
def clock():
    return Clock()


def ring_of(clock, *keys):
    wire = Published(*keys)
    return KeyRing(wire, lambda: "https://id.example.org/keys", clock), wire


def signed(key, algorithm="ES256", **header):
    return jwt.encode({"alg": algorithm, **header}, {"sub": "ana"}, key, algorithms=[algorithm])


KINDS = {"EC": lambda alg: ECKey.generate_key({"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}[alg])}
KINDS |= {"OKP": lambda _: OKPKey.generate_key("Ed25519"), "RSA": lambda _: RSA}
RSA = RSAKey.generate_key(2048)


@pytest.mark.parametrize(("algorithm", "kind"), ALGORITHMS.items())
def test_every_signature_that_is_accepted_is_read(clock, algorithm, kind):
    key = KINDS[kind](algorithm)
    ring, _ = ring_of(clock, public(key))
    assert ring.read(signed(key, algorithm), [algorithm])[1] == {"sub": "ana"}


def test_a_signature_that_the_provider_does_not_declare_is_refused(clock):
    key = new_key("one")
    with pytest.raises(ValueError, match="not accepted"):
        ring_of(clock, public(key))[0].read(signed(key), ["RS256"])


def test_a_secret_among_the_keys_verifies_nothing(clock):
    secret = OctKey.generate_key(256)
    ring, _ = ring_of(clock, secret.as_dict())
    with pytest.raises(ValueError, match="not accepted"):
        ring.read(signed(secret, "HS256"), ["HS256"])


def test_a_new_key_is_fetched_when_something_is_signed_with_it(clock):
    one, two = new_key("one"), new_key("two")
    ring, wire = ring_of(clock, public(one))
    ring.read(signed(one, kid="one"), ALGORITHMS)
    wire.keys = [public(two)]
    clock.now += 31
    assert ring.read(signed(two, kid="two"), ALGORITHMS)[1] == {"sub": "ana"}
    with pytest.raises(ValueError, match="none of the keys"):
        ring.read(signed(one, kid="one"), ALGORITHMS)


def test_a_key_that_is_not_published_any_more_ends_within_an_hour(clock):
    one = new_key("one")
    ring, wire = ring_of(clock, public(one))
    ring.read(signed(one), ALGORITHMS)
    wire.keys = []
    ring.read(signed(one), ALGORITHMS)
    clock.now += 3_601
    with pytest.raises(ValueError, match="none of the keys"):
        ring.read(signed(one), ALGORITHMS)


def test_forged_tokens_do_not_make_us_fetch_for_ever(clock):
    ring, wire = ring_of(clock, public(new_key("one")))
    for i in range(20):
        clock.now += 2
        with pytest.raises(ValueError, match="none of the keys"):
            ring.read(signed(new_key("x"), kid=f"k{i}"), ALGORITHMS)
    assert wire.fetched == 2


def test_another_key_of_the_same_name_is_tried_as_well(clock):
    one, two = new_key("same"), new_key("same")
    ring, _ = ring_of(clock, public(one), public(two))
    assert ring.read(signed(two, kid="same"), ALGORITHMS)[1] == {"sub": "ana"}


@pytest.mark.parametrize(
    "broken",
    [
        {"use": "enc"},
        {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
        {"kty": "oct", "k": "AAAA"},
        {"kty": "RSA", "n": "AQAB", "e": "AQAB"},
        {"kty": "RSA", "n": "A" * 5000, "e": "AQAB"},
        {"alg": "ES384"},
        "text",
        None,
        {},
    ],
    ids=str,
)
def test_what_is_no_key_of_signatures_is_left_out(clock, broken):
    one = new_key("one")
    listed = {**public(one), **broken} if isinstance(broken, dict) and "kty" not in broken and broken else broken
    ring, wire = ring_of(clock, listed)
    with pytest.raises(ValueError, match="none of the keys"):
        ring.read(signed(one), ALGORITHMS)
    wire.keys = [broken, public(one)]
    clock.now += 31
    assert ring.read(signed(one), ALGORITHMS)[1] == {"sub": "ana"}


def test_a_weak_key_of_rsa_is_left_out(clock, recwarn):
    weak = RSAKey.generate_key(1024)
    ring, _ = ring_of(clock, public(weak))
    with pytest.raises(ValueError, match="none of the keys"):
        ring.read(signed(weak, "RS256"), ALGORITHMS)
    recwarn.clear()


@pytest.mark.parametrize(
    "token", ["", "x", "a.b", "a.b.c", "a.b.c.d.e", "e30.e30.", "ö.ö.ö", "x" * 70_000, "[" * 9000 + ".a.b"]
)
def test_what_is_no_token_is_refused(clock, token):
    with pytest.raises(ValueError):
        ring_of(clock, public(new_key("one")))[0].read(token, ALGORITHMS)


@pytest.mark.parametrize("payload", [b"[]", b"7", b"text", b"", json.dumps("x").encode()])
def test_what_holds_no_claims_is_refused(clock, payload):
    key = new_key("one")
    token = jws.serialize_compact({"alg": "ES256"}, payload, key, algorithms=["ES256"])
    with pytest.raises(ValueError, match="none of the keys"):
        ring_of(clock, public(key))[0].read(token, ALGORITHMS)


def test_what_a_token_says_that_must_be_understood_is_not_passed_over(clock):
    key = new_key("one")
    head = {"alg": "ES256", "crit": ["exp"], "exp": 1}
    raw = jws.serialize_compact({"alg": "ES256"}, b'{"sub": "ana"}', key, algorithms=["ES256"]).split(".")
    named = base64.urlsafe_b64encode(json.dumps(head).encode()).decode().rstrip("=")
    message = f"{named}.{raw[1]}".encode()
    made = jws.JWSRegistry.algorithms["ES256"].sign(message, key)
    token = f"{named}.{raw[1]}.{base64.urlsafe_b64encode(made).decode().rstrip('=')}"
    with pytest.raises(ValueError):
        ring_of(clock, public(key))[0].read(token, ALGORITHMS)

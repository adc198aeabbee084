"""The proof that a node holds its key."""

import pytest
from joserfc import jwt
from joserfc.jwk import OKPKey

from oncommons.client.credentials import make_assertion
from oncommons.schema.errors import ClockSkew, TokenRefused
from oncommons.schema.federation import ASSERTION_SECONDS
from oncommons.service.identity import read_assertion

KEY = OKPKey.generate_key("Ed25519")
NOW = 1_800_000_000.7


def made(at=NOW, audience="hub"):
    return make_assertion("athens", KEY, audience, lambda: at)


def read(text, key=KEY, now=NOW):
    return read_assertion(text, lambda _: key.as_dict(private=False), "hub", now)


def test_the_claims_say_who_for_whom_and_until_when():
    found = jwt.decode(made(), KEY, algorithms=["Ed25519"])
    claims = dict(found.claims)
    assert len(claims.pop("jti")) >= 16
    now = int(NOW)
    assert claims == {"iss": "athens", "sub": "athens", "aud": "hub", "iat": now, "exp": now + ASSERTION_SECONDS}
    assert found.header == {"alg": "Ed25519", "kid": KEY.thumbprint(), "typ": "JWT"}


def test_the_hub_reads_what_the_node_makes():
    assert read(made()).node == "athens"


def test_no_proof_is_like_another():
    assert read(made()).jti != read(made()).jti


def test_a_proof_by_another_key_is_refused():
    with pytest.raises(TokenRefused):
        read(made(), OKPKey.generate_key("Ed25519"))


def test_a_proof_for_another_hub_is_refused():
    with pytest.raises(TokenRefused, match="another hub"):
        read(made(audience="elsewhere"))


@pytest.mark.parametrize("skew", [-400, 400])
def test_clocks_that_differ_are_told(skew):
    with pytest.raises(ClockSkew):
        read(made(NOW + skew))


def test_the_private_key_is_not_in_it():
    assert KEY.as_dict(private=True)["d"] not in made()

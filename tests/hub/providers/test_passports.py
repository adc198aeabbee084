"""Visas, and how they stand."""

import json

import pytest
from joserfc import jws
from tests.hub.callers import START, Clock
from tests.hub.providers.liar import SUBJECT, new_key, public, unsigned, visa
from tests.hub.providers.test_keys import ring_of

from oncommons.hub.providers.passports import CLAIM, visas_in
from oncommons.schema.errors_of_people import ProviderFailed
from oncommons.schema.people import STANDINGS

TRUSTED = "https://visas.example.org"
KEY = new_key("one")


def looked(token, subject=SUBJECT, now=START):
    ring, _ = ring_of(Clock(now), public(KEY))
    return visas_in({CLAIM: [token]}, lambda issuer: ring if issuer == TRUSTED else None, subject, now)


def standing(*arguments, **options):
    (found,) = looked(*arguments, **options)
    assert found["standing"] in STANDINGS
    return found["standing"]


def test_a_visa_of_a_trusted_issuer_is_verified_and_told():
    assert looked(visa(KEY, TRUSTED, START)) == [
        {
            "type": "ControlledAccessGrants",
            "issuer": TRUSTED,
            "expires": START + 3600,
            "standing": "verified",
            "asserted": START,
            "value": "https://ega-archive.org/datasets/EGAD1",
            "source": "https://ega-archive.org",
            "by": "dac",
        }
    ]


def test_a_visa_stands_as_it_should():
    assert standing(visa(KEY, "https://elsewhere.example", START)) == "untrusted"
    assert standing(visa(KEY, f"{TRUSTED}/", START)) == "untrusted"
    assert standing(visa(new_key("one"), TRUSTED, START)) == "forged"
    assert standing(visa(KEY, TRUSTED, START), now=START + 3_661) == "ended"
    assert standing(visa(KEY, TRUSTED, START), subject="another") == "another's"
    assert standing(visa(new_key("one"), TRUSTED, START), now=START + 9_999, subject="another") == "forged"


def test_keys_are_those_that_the_operator_trusts_only():
    """A ``jku`` that the visa itself names (RFC 7515 section 4.1.2) is not followed."""
    assert standing(visa(KEY, TRUSTED, START, jku="https://evil.example/keys")) == "forged"
    assert standing(visa(KEY, TRUSTED, START, jku="https://id.example.org/keys")) == "verified"


def test_a_visa_without_a_signature_or_with_a_changed_word_is_forged():
    head, said, mac = visa(KEY, TRUSTED, START).split(".")
    other = (
        visa(
            KEY,
            TRUSTED,
            START,
        )
        .split(".")[1]
        .swapcase()
    )
    claims = json.loads(jws.extract_compact(f"{head}.{said}.{mac}".encode()).payload)
    assert standing(unsigned({"typ": "vnd.ga4gh.visa+jwt"}, claims)) == "forged"
    assert looked(f"{head}.{other}.{mac}") == []
    better = unsigned({}, claims | {"exp": claims["exp"] + 9_999}).split(".")[1]
    assert standing(f"{head}.{better}.{mac}") == "forged"


def test_an_issuer_that_does_not_answer_leaves_a_visa_unchecked():
    class Silent:
        def find(self):
            raise ProviderFailed("silent")

    found = visas_in({CLAIM: [visa(KEY, TRUSTED, START)]}, lambda _: Silent(), SUBJECT, START)
    assert [one["standing"] for one in found] == ["unchecked"]


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"ga4gh_visa_v1": None},
        {"ga4gh_visa_v1": {"value": "x"}},
        {"ga4gh_visa_v1": {"type": "a\nb"}},
        {"ga4gh_visa_v1": {"type": ["x"]}},
        {"ga4gh_visa_v1": {"type": "x"}, "exp": 1e300},
        {"ga4gh_visa_v1": {"type": "x"}, "exp": "soon"},
        {"ga4gh_visa_v1": {"type": "x"}, "exp": None},
    ],
    ids=str,
)
def test_what_is_no_visa_is_left_out(claims):
    whole = {"iss": TRUSTED, "sub": SUBJECT, "exp": START + 1, **claims}
    token = jws.serialize_compact({"alg": "ES256"}, json.dumps(whole).encode(), KEY, algorithms=["ES256"])
    assert looked(token) == []


@pytest.mark.parametrize("passport", [None, "text", {}, [7, None, {}], ["x", "a.b.c", ""]])
def test_what_is_no_passport_tells_nothing(passport):
    assert visas_in({CLAIM: passport}, lambda _: None, SUBJECT, START) == []


def test_only_so_many_visas_are_looked_at():
    ring = ring_of(Clock(), public(KEY))[0]
    found = visas_in({CLAIM: [visa(KEY, TRUSTED, START)] * 150}, lambda _: ring, SUBJECT, START)
    assert len(found) == 100

"""What an operator is told of a provider: of how Keycloak and the Life Science AAI describe themselves, and of lies.

The documents are what these providers say of themselves, less what concerns no sign-in: Keycloak by its source
(``OIDCWellKnownProvider`` at 0bdda80) and a description of a realm that somebody published; the Life Science AAI by the
copies in the tests of python-social-auth (``test_lifescience`` and ``test_lifescience_eosc``).
"""

import json
import time
from email.utils import formatdate
from pathlib import Path

import pytest
from tests.hub.callers import Clock
from tests.hub.providers.arriving import patient_wire
from tests.hub.providers.liar import lying

from oncommons.hub.providers.book import SCOPES, Given, Provider
from oncommons.hub.providers.checking import Trial, read_clock, read_description, read_return, read_secret
from oncommons.hub.providers.rules import read_metadata
from oncommons.hub.providers.wire import Reply

DOCUMENTS = Path(__file__).with_name("documents")
BACK = "https://hub.example.org/sign-in/back/x"
MFA = "https://refeds.org/profile/mfa"
NOW = 1_790_000_000.0


def document(name):
    return json.loads((DOCUMENTS / f"{name}.json").read_text("utf-8"))


def provider(issuer, **more):
    return Provider("x", "X", issuer, **{"client": "hub", "secret": "a secret"} | more)


def standings(found):
    return {one.about: one.standing for one in found}


ALL = dict.fromkeys(
    ("signatures", "codes", "PKCE", "client", "issuer", "scopes", "claims", "userinfo", "second factor"), "works"
)
LIFESCIENCE = ("eduperson_entitlement", "voperson_external_affiliation", "schac_home_organization", "ga4gh_passport_v1")


@pytest.mark.parametrize(
    ("name", "entered", "differs"),
    [
        ("keycloak", {}, {}),
        ("keycloak", {"given": (Given("groups", "/onco", "A", "researcher"),)}, {"claims": "look"}),
        ("keycloak", {"scopes": (*SCOPES, "groups")}, {"scopes": "look"}),
        ("keycloak", {"acr": ("gold",)}, {"second factor": "look"}),
        ("keycloak", {"acr": ("1",)}, {}),
        ("keycloak", {"secret": ""}, {"client": "look"}),
        ("lifescience", {"scopes": (*SCOPES, *LIFESCIENCE), "visas": {"https://a.example": ""}}, {"issuer": "look"}),
        ("lifescience", {"given": (Given(LIFESCIENCE[0], "urn:x", "A", "researcher"),)}, {"issuer": "look"}),
        ("lifescience", {"acr": (MFA,), "secret": ""}, {"issuer": "look"}),
        ("lifescience_eosc", {}, {"issuer": "look"}),
        ("lifescience_eosc", {"visas": {"https://a.example": ""}}, {"issuer": "look", "claims": "look"}),
        ("lifescience_eosc", {"scopes": (*SCOPES, LIFESCIENCE[3])}, {"issuer": "look", "scopes": "look"}),
    ],
)
def test_the_providers_that_we_name_are_told_as_they_describe_themselves(name, entered, differs):
    body = document(name)
    assert standings(read_description(body, provider(body["issuer"], **entered))) == ALL | differs


@pytest.mark.parametrize("name", ["keycloak", "lifescience", "lifescience_eosc"])
def test_a_sign_in_can_begin_at_each_of_them(name):
    body = document(name)
    metadata = read_metadata(body, body["issuer"])
    assert (metadata.basic, metadata.names_itself) == (True, name == "keycloak")
    assert {"RS256", "ES256"} <= set(metadata.algorithms)
    assert not {"EdDSA", "HS256", "none"} & set(metadata.algorithms)
    assert metadata.leave == body["end_session_endpoint"]


@pytest.mark.parametrize(
    ("about", "standing", "said"),
    [
        ("signatures", "fails", {"id_token_signing_alg_values_supported": ["HS256", "none"]}),
        ("codes", "fails", {"response_types_supported": ["id_token"]}),
        ("PKCE", "fails", {"code_challenge_methods_supported": ["plain"]}),
        ("PKCE", "look", {"code_challenge_methods_supported": ...}),
        ("client", "fails", {"token_endpoint_auth_methods_supported": ["private_key_jwt"]}),
        ("client", "works", {"token_endpoint_auth_methods_supported": ...}),
        ("issuer", "look", {"authorization_response_iss_parameter_supported": ...}),
        ("scopes", "look", {"scopes_supported": ...}),
        ("userinfo", "look", {"userinfo_endpoint": ...}),
    ],
)
def test_what_would_let_nobody_in_is_named(about, standing, said):
    body = {key: value for key, value in (document("keycloak") | said).items() if value is not ...}
    assert standings(read_description(body, provider(body["issuer"]))) == ALL | {about: standing}


def test_a_secret_that_is_wanted_in_another_place_is_named():
    body = document("keycloak") | {"token_endpoint_auth_methods_supported": ["client_secret_basic"]}
    assert standings(read_description(body, provider(body["issuer"], shown_in="form")))["client"] == "fails"
    assert standings(read_description(body, provider(body["issuer"], shown_in="header")))["client"] == "works"


@pytest.mark.parametrize(
    ("apart", "standing"), [(0, "works"), (29, "works"), (-31, "look"), (45, "look"), (61, "fails"), (-3600, "fails")]
)
def test_the_clocks_are_compared(apart, standing):
    found = read_clock(Reply(200, {"date": formatdate(NOW + apart, usegmt=True)}, b""), NOW)
    assert found.standing == standing
    assert (standing == "works") or ("ahead of" if apart > 0 else "behind") in found.told


@pytest.mark.parametrize("date", ["", "yesterday"])
def test_a_clock_that_is_not_told_is_named(date):
    assert read_clock(Reply(200, {"date": date}, b""), NOW).standing == "look"


@pytest.mark.parametrize(
    ("status", "location", "standing"),
    [
        (302, f"{BACK}?error=login_required&state=s", "works"),
        (303, f"{BACK}?error=consent_required&state=s&iss=x", "works"),
        (302, f"{BACK}?error=login_required&state=another", "fails"),
        (302, f"{BACK}?error=invalid_scope&state=s", "fails"),
        (302, f"{BACK}?code=abc&state=s", "fails"),
        (302, "https://login.example.org/", "look"),
        (302, f"{BACK}x?error=login_required&state=s", "look"),
        (200, "", "look"),
        (400, "", "fails"),
        (404, "", "fails"),
    ],
)
def test_an_answer_tells_whether_people_are_sent_back(status, location, standing):
    assert read_return(Reply(status, {"location": location}, b""), BACK, "s").standing == standing


@pytest.mark.parametrize(
    ("status", "content", "standing"),
    [
        (400, b'{"error": "invalid_grant"}', "works"),
        (400, b'{"error": "invalid_client"}', "fails"),
        (401, b'{"error": "unauthorized_client"}', "fails"),
        (401, b"", "fails"),
        (500, b"<html>", "look"),
        (200, b"[]", "look"),
    ],
)
def test_an_answer_tells_whether_the_secret_is_taken(status, content, standing):
    assert read_secret(Reply(status, {}, content)).standing == standing


@pytest.fixture(scope="module")
def liar():
    with lying(Clock(time.time())) as liar:
        yield liar


def tried(liar, **more):
    return Trial(patient_wire, time.time).of(liar.provider(**more), BACK)


def test_what_comes_after_a_description_that_cannot_be_used_is_not_tried(liar):
    liar.turn_honest("x")
    liar.about = {"token_endpoint": 7}
    (found,) = tried(liar)
    assert (found.about, found.standing) == ("description", "fails")
    assert "token_endpoint is not an address" in found.told


def test_nobody_there_is_told_as_that():
    (found,) = Trial(patient_wire, time.time).of(provider("http://127.0.0.1:9"), BACK)
    assert (found.about, found.standing, "does not answer" in found.told) == ("description", "fails", True)


def test_keys_that_cannot_be_used_fail_and_those_of_visas_are_looked_at(liar):
    liar.turn_honest("x")
    liar.pages = {"/keys": (200, {}, b'{"keys": [{"kty": "oct", "k": "AAAA"}]}'), "/none": (404, {}, b"")}
    visas = {liar.issuer: "", "http://127.0.0.1:9": "", "https://x.example": f"{liar.issuer}/none"}
    found = tried(liar, visas=visas)
    keys = [(one.about, one.standing) for one in found if one.about in {"keys", "visas"}]
    assert keys == [("keys", "fails"), *[("visas", "look")] * 3]


def test_one_that_falls_silent_after_its_description_is_told_so(liar):
    liar.turn_honest("x")
    liar.about = {"authorization_endpoint": "http://127.0.0.1:9/authorize"}
    assert standings(tried(liar))["return"] == "fails"

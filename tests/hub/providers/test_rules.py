"""What is decided about sign-ins, as functions of values."""

from urllib.parse import parse_qs, urlsplit

import pytest

from oncommons.hub.providers import rules
from oncommons.hub.providers.book import Given, Provider

ISSUER = "https://id.example.org/realms/onco"
ABOUT = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/auth",
    "token_endpoint": f"{ISSUER}/token",
    "userinfo_endpoint": f"{ISSUER}/userinfo",
    "jwks_uri": f"{ISSUER}/certs",
    "id_token_signing_alg_values_supported": ["PS256", "HS256", "RS256", "none", "XX"],
}
KEYCLOAK = {
    "sub": "f:1",
    "preferred_username": "ana",
    "given_name": "Ana",
    "family_name": "Papadaki",
    "realm_access": {"roles": ["researcher", "offline_access"]},
    "resource_access": {"hub": {"roles": ["steward"]}},
    "groups": ["/athens/onco"],
}
LIFE_SCIENCE = {
    "sub": "0a1b@lifescience-ri.eu",
    "name": "Ana Papadaki",
    "email": "ana@athens.example",
    "eduperson_entitlement": ["urn:geant:lifescience-ri.eu:group:onco#aai.lifescience-ri.eu"],
    "voperson_external_affiliation": ["member@athens.example", "member@athens.example"],
    "schac_home_organization": "athens.example",
}


def test_a_challenge_is_that_of_the_standard():
    """RFC 7636, appendix B."""
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert rules.challenge_of(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_half_a_hash_is_that_of_the_standard():
    """OpenID Connect Core 1.0, appendix A.3: access token and ``at_hash`` of the response."""
    assert rules.half_hash("RS256", "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y") == "77QmUPtjPfzWtF2AnpK9RQ"


def test_only_asymmetric_signatures_that_are_declared_are_accepted():
    assert rules.read_metadata(ABOUT, ISSUER).algorithms == ("RS256", "PS256")
    assert not [alg for alg in rules.ALGORITHMS if alg.startswith("HS") or alg == "none"]


@pytest.mark.parametrize(
    ("methods", "basic"),
    [
        (None, True),
        (["client_secret_post", "client_secret_basic"], True),
        (["client_secret_post"], False),
        (["private_key_jwt"], True),
    ],
)
def test_the_secret_goes_where_the_provider_wants_it(methods, basic):
    more = {} if methods is None else {"token_endpoint_auth_methods_supported": methods}
    assert rules.read_metadata(ABOUT | more, ISSUER).basic is basic


@pytest.mark.parametrize("place", ["http://127.0.0.1:8080/token", "http://localhost/token", "http://id.example.org/t"])
def test_a_provider_elsewhere_names_no_address_on_this_machine(place):
    with pytest.raises(ValueError, match="token_endpoint"):
        rules.read_metadata(ABOUT | {"token_endpoint": place}, ISSUER)


def test_the_description_lies_below_the_issuer():
    wanted = f"{ISSUER}/.well-known/openid-configuration"
    assert rules.discovery_address(ISSUER) == rules.discovery_address(f"{ISSUER}/") == wanted


@pytest.mark.parametrize("end", [f"{ISSUER}/auth", f"{ISSUER}/auth?kc_idp_hint=x"])
def test_the_way_to_a_provider_says_all_that_is_asked(end):
    metadata = rules.read_metadata(ABOUT | {"authorization_endpoint": end}, ISSUER)
    provider = Provider("keycloak", "Keycloak", ISSUER, "hub & co", "never shown", acr=("gold", "silver"))
    fields = {"redirect_uri": "https://hub/x", "state": "s", "nonce": "n", "code_challenge": "c"}
    way = rules.way_to(provider, metadata, fields, "login")
    asked = {key: values[0] for key, values in parse_qs(urlsplit(way).query).items()}
    asked.pop("kc_idp_hint", None)
    assert asked == fields | {
        "response_type": "code",
        "client_id": "hub & co",
        "scope": "openid profile email",
        "code_challenge_method": "S256",
        "prompt": "login",
        "acr_values": "gold silver",
        "max_age": "0",
    }
    plain = rules.way_to(Provider("keycloak", "Keycloak", ISSUER, "hub"), metadata, fields)
    assert not {"prompt", "acr_values"} & parse_qs(urlsplit(plain).query).keys()


BASIC = {"authorization": "Basic aHViOmErJTJG"}
"""Base64 of ``hub:a+%2F``: both are written as in forms (RFC 6749 section 2.3.1), which makes ``+`` of a space."""
FORM = {"client_id": "hub", "client_secret": "a /"}
BY_FORM = ["client_secret_post"]


@pytest.mark.parametrize(
    ("secret", "shown_in", "methods", "headers", "fields"),
    [
        ("a /", "", None, BASIC, {}),
        ("a /", "", BY_FORM, {}, FORM),
        ("a /", "", ["client_secret_basic", *BY_FORM], BASIC, {}),
        ("a /", "form", ["client_secret_basic", *BY_FORM], {}, FORM),
        ("a /", "header", BY_FORM, BASIC, {}),
        ("", "form", BY_FORM, {}, {"client_id": "hub"}),
    ],
)
def test_the_secret_is_shown_where_it_is_wanted(secret, shown_in, methods, headers, fields):
    said = {} if methods is None else {"token_endpoint_auth_methods_supported": methods}
    provider = Provider("keycloak", "Keycloak", ISSUER, "hub", secret, shown_in=shown_in)
    assert rules.shown_to(provider, rules.read_metadata(ABOUT | said, ISSUER)) == (headers, fields)


@pytest.mark.parametrize(
    ("said", "asked", "proven"),
    [
        (40, None, 40),
        (40, 50, 40),
        (140, 50, 100),
        (None, 50, 50),
        (None, None, None),
        ("40", None, None),
        (True, 5, 5),
    ],
)
def test_who_they_are_was_asked_when_the_provider_says_or_when_it_had_to(said, asked, proven):
    assert rules.proven_at({"auth_time": said}, asked, 100.0) == proven


def test_what_a_provider_has_not_may_be_written_as_null():
    metadata = rules.read_metadata(ABOUT | {"userinfo_endpoint": None, "end_session_endpoint": None}, ISSUER)
    assert (metadata.userinfo, metadata.leave) == ("", "")


def test_claims_of_keycloak_are_kept_as_groups():
    assert rules.told_by(KEYCLOAK) == {
        "username": ["ana"],
        "groups": ["/athens/onco", "researcher", "offline_access"],
    }
    assert rules.name_in(KEYCLOAK) == "Ana Papadaki"


def test_claims_of_life_science_are_kept_once_each():
    assert rules.told_by(LIFE_SCIENCE) == {
        "email": ["ana@athens.example"],
        "home": ["athens.example"],
        "affiliations": ["member@athens.example"],
        "entitlements": LIFE_SCIENCE["eduperson_entitlement"],
    }


@pytest.mark.parametrize(
    ("claim", "values"),
    [
        ("realm_access.roles", ["researcher", "offline_access"]),
        ("resource_access.hub.roles", ["steward"]),
        ("groups", ["/athens/onco"]),
        ("preferred_username", ["ana"]),
        ("realm_access", []),
        ("groups.0", []),
        ("nothing.at.all", []),
    ],
)
def test_values_are_found_however_a_claim_is_written(claim, values):
    assert rules.values_at(KEYCLOAK, claim) == values


def test_a_claim_whose_own_name_has_dots_is_found():
    assert rules.values_at(
        {"https://athens.example/roles": ["a"], "https://athens": {"example/roles": "b"}},
        "https://athens.example/roles",
    ) == ["a"]


def test_what_is_kept_is_bounded_and_can_be_shown():
    told = rules.told_by({"groups": [*(f"g{i}" for i in range(500)), "x" * 1000], "email": "a\x00b", "name": 7})
    assert (len(told["groups"]), "email" in told) == (100, False)
    assert rules.told_by({"groups": ["x" * 1000]}) == {"groups": ["x" * 300]}


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"name": "  Ana \n Papadaki "}, "Ana Papadaki"),
        ({"name": "x" * 500}, "x" * 120),
        ({"name": "a\u202eb", "preferred_username": "ana"}, "ana"),
        ({"name": ["Ana"]}, "Ana"),
        ({"name": {"x": 1}}, "Somebody"),
        ({}, "Somebody"),
    ],
)
def test_somebody_has_a_name_that_can_be_shown(claims, name):
    assert rules.name_in(claims) == name


def test_a_role_follows_from_the_whole_value_only():
    table = [
        Given("groups", value, "Athens", "researcher") for value in ("/athens/onco", "/athens", "/ATHENS/onco", "")
    ]
    assert rules.given_by(KEYCLOAK, table) == table[:1]


def test_every_check_is_described_and_named_once():
    names = [name for name, _, _ in rules.CHECKS]
    assert len(set(names)) == len(names)
    assert {"iss", "aud", "azp", "exp", "iat", "nonce", "sub"} <= set(names)
    assert all(place for _, place, _ in rules.CHECKS)

"""Signing in by a provider that others have written and that was certified (oidc-provider), over sockets."""

import pytest
from tests.hub.callers import told
from tests.hub.people.guests import PASSWORD, Guest, guest, link
from tests.hub.providers.arriving import patient_wire
from tests.hub.providers.certifying import BACK, MFA, NEEDS_CERTIFIED, Visitor, certified, client, introduced

from oncommons.hub.providers.book import Given
from oncommons.hub.providers.checking import Trial

pytestmark = NEEDS_CERTIFIED
ANA = {
    "name": "Ana Papadopoulou",
    "preferred_username": "ana",
    "email": "ana@athens.example",
    "groups": ["/onco/researchers", "/staff"],
    "realm_access": {"roles": ["data-steward", "offline_access"]},
    "eduperson_entitlement": ["urn:geant:lifescience-ri.eu:group:onco#aai.lifescience-ri.eu"],
    "eduperson_scoped_affiliation": ["member@athens.example"],
}


@pytest.fixture(scope="module")
def process():
    with certified() as found:
        yield found


@pytest.fixture
def peer(met, process):
    with introduced(met, process):
        process.tell(people={"ana": ANA, "bo": {"name": "Bo"}})
        yield process


def arrive(met, visitor, session="", **body):
    begun = met.begin("peer", **body)
    return met.back(begun, visitor.walk(begun["address"]), "peer", session=session)


def somebody(met, name="ana", **more):
    """Somebody who was never here in the tests before."""
    return Visitor(f"{name}.{met.turn}", **more)


def guest_by(met, visitor=None, **body):
    got = arrive(met, visitor or somebody(met), **body)
    assert got.status_code == 201, got.text
    return Guest(met.hub, got.json()["person"], "", got.json()["session"], "")


def test_the_first_visit_makes_an_account_and_the_next_opens_it(met, peer):
    one, two = guest_by(met, next="/ask"), guest_by(met)
    about = one.about()
    assert (about["name"], about["email"], about["roles"]) == ("Ana Papadopoulou", "", [])
    (identity,) = about["identities"]
    assert (identity["issuer"], identity["subject"]) == (peer.issuer, f"ana.{met.turn}")
    assert identity["told"]["groups"] == ["/onco/researchers", "/staff", "data-steward", "offline_access"]
    assert identity["told"]["affiliations"] == ["member@athens.example"]
    assert two.id == one.id


GIVEN = (
    Given("groups", "/onco/researchers", "Athens General", "researcher"),
    Given("realm_access.roles", "data-steward", "Athens General", "data-manager"),
    Given("eduperson_entitlement", ANA["eduperson_entitlement"][0], "Bologna", "researcher"),
)


def held(somebody):
    return {(one["organisation"], one["role"]) for one in somebody.about()["roles"]}


def test_roles_follow_from_claims_as_keycloak_and_the_life_science_aai_write_them(met, peer):
    met.book.put(peer.provider(given=GIVEN))
    ana = guest_by(met)
    assert held(ana) == {
        ("Athens General", "researcher"),
        ("Athens General", "data-manager"),
        ("Bologna", "researcher"),
    }
    peer.tell(people={"ana": ANA | {"groups": ["/onco"], "realm_access": {"roles": []}}})
    assert held(guest_by(met)) == {("Bologna", "researcher")}


def test_an_identity_is_linked_to_an_account_and_an_invitation_accepted_by_one(met, peer):
    ana = guest(met.hub, met.mail())
    begun = ana("POST", "/api/account/identities", json={"provider": "peer", "password": PASSWORD}).json()
    assert met.back(begun, somebody(met).walk(begun["address"]), "peer", session=ana.session).status_code == 201
    assert guest_by(met).id == ana.id
    bo = guest_by(met, somebody(met, "bo"), invitation=link(met.hub, met.mail("bo"), "access-officer"))
    assert (bo.about()["email"], held(bo)) == (met.mail("bo"), {("Athens General", "access-officer")})


VISAS = {
    "AcceptedTermsAndPolicies": "https://doi.org/10.1038/s41431-018-0219-y",
    "ResearcherStatus": "https://doi.org/10.1038/s41431-018-0219-y",
    "AffiliationAndRole": "faculty@athens.example",
    "ControlledAccessGrants": "https://ega-archive.org/datasets/EGAD00001",
}


def test_the_visas_of_a_passport_are_read_and_proven_by_the_brokers_keys(met, peer):
    visas = [{"type": kind, "value": value, "source": "https://athens.example", "by": "so", "asserted": 1}
             for kind, value in VISAS.items()]  # fmt: skip
    foreign = visas[-1] | {"iss": "https://another.example"}
    peer.tell(people={"ana": ANA | {"visas": [*visas, foreign]}})
    met.book.put(peer.provider(visas={peer.issuer: ""}))
    (identity,) = guest_by(met).about()["identities"]
    assert {one["type"]: one["value"] for one in identity["visas"]} == VISAS
    standings = ["verified"] * 4 + ["untrusted"]
    assert [one["standing"] for one in identity["visas"]] == standings
    peer.tell(rotated=True)
    met.hub.clock.now += 31
    (identity,) = guest_by(met).about()["identities"]
    assert [one["standing"] for one in identity["visas"]] == standings


def test_a_change_of_its_keys_is_followed_after_half_a_minute(met, peer):
    guest_by(met)
    assert peer.tell() != peer.tell(rotated=True)
    assert told(arrive(met, somebody(met))) == (502, "E389")
    met.hub.clock.now += 31
    guest_by(met)


@pytest.mark.parametrize("algorithm", ["PS256", "ES256", "Ed25519"])
def test_each_kind_of_signature_is_read(met, peer, algorithm):
    peer.tell(algorithms=[algorithm], clients=[client(id_token_signed_response_alg=algorithm)])
    guest_by(met)


def test_a_signature_by_the_shared_secret_is_refused(met, peer):
    secret = "a secret that is long enough for its signatures"
    peer.tell(clients=[client(client_secret=secret, id_token_signed_response_alg="HS256")])
    met.book.put(peer.provider(secret=secret))
    assert told(arrive(met, somebody(met))) == (502, "E389")


def test_a_client_without_secret_is_let_in_by_pkce(met, peer):
    peer.tell(clients=[client(client_secret=None, token_endpoint_auth_method="none")])
    met.book.put(peer.provider(secret=""))
    guest_by(met)


@pytest.mark.parametrize(("skew", "status"), [(50, 201), (-50, 201), (75, 502), (-75, 502)])
def test_the_clocks_may_differ_by_a_minute(met, peer, skew, status):
    peer.tell(skew=skew)
    assert arrive(met, somebody(met)).status_code == status


def test_who_refuses_at_the_provider_is_told_so_and_can_begin_again(met, peer):
    got = arrive(met, somebody(met, allow="0"))
    assert told(got) == (401, "E381")
    assert "Peer did not let you in" in got.text
    guest_by(met)


def test_what_was_brought_back_once_serves_nobody_again(met, peer):
    begun = met.begin("peer")
    brought = somebody(met).walk(begun["address"])
    assert brought["iss"] == peer.issuer
    assert met.back(begun, brought, "peer").status_code == 201
    assert told(met.back(begun, brought, "peer")) == (401, "E381")


def test_the_provider_remembers_a_browser_until_it_is_asked_again_or_its_session_ends(met, peer):
    visitor = somebody(met)
    guest_by(met, visitor)
    assert visitor.seen == ["Sign in at the provider", "Allow the hub"]
    guest_by(met, visitor)
    assert visitor.seen == []
    guest_by(met, visitor, again=True)
    assert visitor.seen == ["Sign in at the provider"]
    visitor.http.cookies.clear()
    guest_by(met, visitor)
    assert visitor.seen == ["Sign in at the provider", "Allow the hub"]


def test_a_session_that_the_provider_opened_without_a_question_proves_nobody(met, peer):
    visitor = somebody(met)
    first = guest_by(met, visitor, again=True)
    token = {"name": "x", "scopes": ["ask"], "days": 1, "password": ""}
    assert first("POST", "/api/account/tokens", json=token).status_code == 201
    silent = guest_by(met, visitor)
    assert told(silent("POST", "/api/account/tokens", json=token)) == (401, "E381")
    assert told(first("POST", "/api/account/tokens", json=token)) == (401, "E381")
    again = guest_by(met, visitor, again=True)
    assert again("POST", "/api/account/tokens", json=token).status_code == 201
    met.hub.clock.now += 601
    assert told(again("POST", "/api/account/tokens", json=token)) == (401, "E381")


def test_a_provider_that_is_down_is_said_to_be_and_nobody_is_signed_in(met):
    with certified() as short, introduced(met, short):
        short.tell(people={"ana": ANA})
        begun = met.begin("peer")
        brought = somebody(met).walk(begun["address"])
        short.process.stdin.close()
        short.process.wait(20)
        got = met.back(begun, brought, "peer")
    assert told(got) == (502, "E389")
    assert "does not answer" in got.text


def test_claims_that_stand_in_the_id_token_alone_are_read(met, peer):
    peer.tell(more={"conformIdTokenClaims": False, "features": {"userinfo": {"enabled": False}}})
    assert guest_by(met).about()["name"] == "Ana Papadopoulou"


@pytest.mark.parametrize("shown_in", ["header", "form"])
def test_the_secret_is_taken_from_the_header_and_from_the_form(met, peer, shown_in):
    met.book.put(peer.provider(shown_in=shown_in))
    guest_by(met)


def test_who_shows_no_second_factor_at_the_provider_is_not_let_in_where_the_hub_asks_for_it(met, peer):
    met.book.put(peer.provider(acr=(MFA,)))
    assert told(arrive(met, somebody(met))) == (403, "E408")
    guest_by(met, somebody(met, code="123456"))


def checked(met, peer, **more):
    found = Trial(patient_wire, met.hub.clock).of(peer.provider(**more), BACK)
    return {one.about: one.standing for one in found if one.standing != "works"}


VISAS_OF_NOBODY = {"visas": {"http://127.0.0.1:9": ""}}


@pytest.mark.parametrize(
    ("told", "entered", "wrong"),
    [
        ({}, {}, {}),
        ({"clients": [client(redirect_uris=[f"{BACK}/"])]}, {}, {"return": "fails"}),
        ({}, {"client": "another"}, {"return": "fails", "secret": "fails"}),
        ({}, {"secret": "a wrong one"}, {"secret": "fails"}),
        ({}, {"secret": ""}, {"secret": "fails"}),
        ({"skew": 3600}, {}, {"clock": "fails"}),
        ({"skew": -45}, {}, {"clock": "look"}),
        ({}, {"acr": ("gold",)}, {"second factor": "look"}),
        ({}, {"acr": (MFA,)}, {}),
        ({}, {"scopes": ("openid", "strange")}, {"scopes": "look"}),
        ({}, VISAS_OF_NOBODY, {"visas": "look"}),
    ],
)
def test_an_operator_is_told_what_will_not_work(met, peer, told, entered, wrong):
    peer.tell(**told)
    assert checked(met, peer, **entered) == wrong


def test_what_the_check_says_is_what_happens(met, peer):
    peer.tell(clients=[client(redirect_uris=[f"{BACK}/"])])
    begun = met.begin("peer")
    assert "redirect_uri did not match" in somebody(met).http.get(begun["address"]).text

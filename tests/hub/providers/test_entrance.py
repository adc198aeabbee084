"""The way in by a provider, and all the ways in which a provider, or who comes back from one, can lie."""

import json
import logging

import pytest
from joserfc import jws
from tests.hub.callers import QUESTION, told
from tests.hub.people.guests import PASSWORD, guest, link, sign_in
from tests.hub.providers.arriving import meeting
from tests.hub.providers.liar import CLIENT, lying, new_key, public, signed_as_text, unsigned

from oncommons.hub.providers.book import Given
from oncommons.hub.providers.wire import Wire

FAILED = (502, "E389")
REFUSED = (401, "E381")


def test_somebody_signs_in_and_has_no_role(met):
    ana = met.guest(next="/ask")
    about = ana.about()
    assert (about["name"], about["email"], about["roles"], about["has_password"]) == ("Somebody", "", [], False)
    (identity,) = about["identities"]
    assert (identity["provider"], identity["issuer"], identity["subject"]) == (
        "keycloak",
        met.liar.issuer,
        met.liar.subject,
    )
    assert about["sessions"][0]["identity"] == identity["id"]


def test_the_same_subject_opens_the_same_account_by_a_new_session(met):
    one, two = met.guest(), met.guest()
    assert one.id == two.id
    assert one.session != two.session
    met.liar.subject += ".another"
    assert met.guest().id != one.id


def test_the_secret_is_shown_as_the_provider_wants_it(met):
    met.guest()
    shown, fields = met.liar.tokens[0]
    assert shown == "Basic aHViOnMzY3JldCUzQSt3aXRoKyUyRitzaWducw=="  # base64 of hub:s3cret%3A+with+%2F+signs
    assert "client_secret" not in fields
    met.hub.clock.now += 3_601
    met.liar.about = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    met.guest()
    shown, fields = met.liar.tokens[1]
    assert (shown, fields["client_id"], fields["client_secret"]) == ("", "hub", "s3cret: with / signs")


def test_who_signed_in_without_what_the_hub_asks_for_is_not_let_in(met):
    met.book.put(met.liar.provider(acr=("gold", "platinum")))
    for claims, person in (({}, {}), ({"acr": "silver"}, {"acr": "gold"}), ({"acr": ["gold"]}, {})):
        met.liar.claims, met.liar.person = claims, person
        assert told(met.arrive()) == (403, "E379")
    met.liar.claims = {"acr": "gold"}
    met.guest()


LIES = {
    "another issuer": {"iss": "https://evil.example"},
    "the issuer with a slash": {"iss": "SLASH"},
    "no issuer": {"iss": None},
    "another audience": {"aud": "another"},
    "audiences without us": {"aud": ["another", "third"]},
    "audiences that are not texts": {"aud": [{"hub": 1}]},
    "no audience": {"aud": None},
    "made for another": {"azp": "another"},
    "audiences besides us and made for nobody": {"aud": [CLIENT, "another"]},
    "audiences besides us and made for another": {"aud": [CLIENT, "another"], "azp": "another"},
    "ended": {"exp": -61},
    "without an end": {"exp": None},
    "an end that is a text": {"exp": "tomorrow"},
    "an end that is true": {"exp": True},
    "made before it was asked for": {"iat": -61},
    "made in the future": {"iat": 61},
    "never made": {"iat": None},
    "not yet": {"nbf": 61},
    "another nonce": {"nonce": "guess"},
    "no nonce": {"nonce": None},
    "a nonce that is a number": {"nonce": 7},
    "another access token": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
    "no subject": {"sub": None},
    "an empty subject": {"sub": ""},
    "a subject that is a list": {"sub": ["x"]},
    "a subject that is too long": {"sub": "x" * 256},
}
FAULTS = {
    "issuer": "iss", "audience": "aud", "nobody": "azp", "another": "azp", "end": "exp", "made": "iat", "nonce": "nonce",
    "subject": "sub", "access": "at_hash", "ended": "exp", "yet": "nbf",
}  # fmt: skip


def lie(met, claims):
    """Claims, of which those that are times are counted from now."""
    moved = {}
    for name, value in claims.items():
        is_time = name in {"exp", "iat", "nbf"} and isinstance(value, int) and not isinstance(value, bool)
        moved[name] = met.hub.clock.now + value if is_time else value
    return {key: f"{met.liar.issuer}/" if value == "SLASH" else value for key, value in moved.items()}


@pytest.mark.parametrize("name", LIES)
def test_a_token_that_says_what_does_not_fit_signs_nobody_in(met, caplog, name):
    met.liar.claims = lie(met, LIES[name])
    with caplog.at_level(logging.WARNING, "oncommons.http"):
        got = met.arrive()
    assert told(got) == FAILED
    (wrong,) = LIES[name].keys() - {"aud"} or {"aud"}
    wrong = "azp" if name == "audiences besides us and made for nobody" else wrong
    assert f"ID token: {wrong} does not fit" in caplog.text
    assert "does not fit" not in got.text


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": [CLIENT]},
        {"aud": [CLIENT], "azp": CLIENT},
        {"aud": [CLIENT, "another"], "azp": CLIENT},
        {"exp": -59},
        {"iat": 59},
        {"iat": -59},
        {"at_hash": None},
        {"nbf": 59},
    ],
    ids=str,
)
def test_a_token_that_says_what_may_be_signs_in(met, claims):
    met.liar.claims = lie(met, claims)
    assert met.arrive().status_code == 201


def test_a_token_without_a_signature_signs_nobody_in(met, caplog):
    met.liar.sign = unsigned
    assert told(met.arrive()) == FAILED
    assert "'none'" in caplog.text


@pytest.mark.parametrize("form", ["PEM", "DER", "point"])
def test_a_public_key_as_the_secret_of_a_signature_signs_nobody_in(met, caplog, form):
    key = met.liar.key
    point = public(key)["x"].encode()
    met.liar.sign = signed_as_text({"PEM": key.as_pem(False), "DER": key.as_der(False), "point": point}[form])
    assert told(met.arrive()) == FAILED
    assert "'HS256'" in caplog.text


@pytest.mark.parametrize(
    "header",
    [
        {"kid": "two"},
        {"alg": "ES384"},
        {"jwk": public(new_key("one"))},
        {"jku": "https://evil.example/keys"},
        {"x5u": "https://evil.example/certificate"},
    ],
    ids=lambda header: next(iter(header)),
)
def test_a_key_that_the_token_brings_or_names_itself_signs_nobody_in(met, header):
    stranger = new_key("one")

    def sign(head, said):
        return jws.serialize_compact(
            head | {"alg": "ES256"} | header | {"alg": "ES256"},
            json.dumps(said).encode(),
            stranger,
            algorithms=["ES256"],
        )

    met.liar.sign = sign
    assert told(met.arrive()) == FAILED
    assert {path for _, path in met.liar.asked} <= {"/.well-known/openid-configuration", "/keys", "/token", "/userinfo"}


def test_what_one_provider_gave_is_never_shown_to_another(met, caplog):
    """The attack of the mix-up: the browser is sent to one provider and led back to the address of another."""
    with lying(met.hub.clock) as evil:
        met.book.put(evil.provider("evil"))
        begun = met.begin("evil")
        code = {"code": "a-code-of-keycloak", "state": evil.authorize(begun["address"])["state"]}
        assert told(met.back(begun, code, "keycloak")) == REFUSED
        assert told(met.back(begun, code, "evil")) == REFUSED
        assert not met.liar.tokens
        assert not evil.tokens


def test_the_same_subject_at_another_provider_is_somebody_else_until_it_is_linked(met):
    with lying(met.hub.clock) as second:
        met.book.put(second.provider("second"))
        second.subject = met.liar.subject
        ana = met.guest()
        begun = met.begin("second")
        other = met.back(begun, second.authorize(begun["address"]), "second").json()
        assert other["person"] != ana.id
        second.subject += ".too"
        begun = ana("POST", "/api/account/identities", json={"provider": "second", "password": ""}).json()
        met.back(begun, second.authorize(begun["address"]), "second", ana.session)
        begun = met.begin("second")
        assert met.back(begun, second.authorize(begun["address"]), "second").json()["person"] == ana.id


def test_a_provider_that_signs_for_another_signs_nobody_in(met, caplog):
    """With its own key, in the name of another, at its own address."""
    with lying(met.hub.clock) as evil:
        met.book.put(evil.provider("evil"))
        evil.claims = {"iss": met.liar.issuer}
        begun = met.begin("evil")
        assert told(met.back(begun, evil.authorize(begun["address"]), "evil")) == FAILED
        evil.claims = {}
        evil.header = {"kid": met.liar.key.kid}
        begun = met.begin()
        met.liar.sign, evil.key = evil_hand(evil, met.liar), evil.key
        assert told(met.back(begun, met.liar.authorize(begun["address"]))) == FAILED


def evil_hand(evil, victim):
    """Signs with the key of the one in the name of the other."""
    return lambda head, said: jws.serialize_compact(
        head | {"kid": victim.key.kid}, json.dumps(said).encode(), evil.key, algorithms=["ES256"]
    )


@pytest.mark.parametrize("issuer", ["https://evil.example", "SLASH"])
def test_a_response_that_names_another_issuer_signs_nobody_in(met, issuer):
    begun = met.begin()
    named = f"{met.liar.issuer}/" if issuer == "SLASH" else issuer
    assert told(met.back(begun, met.liar.authorize(begun["address"], iss=named))) == FAILED


def test_a_provider_that_names_itself_in_responses_must_do_so(met):
    met.liar.about = {"authorization_response_iss_parameter_supported": True}
    begun = met.begin()
    assert told(met.back(begun, met.liar.authorize(begun["address"]))) == FAILED
    begun = met.begin()
    assert met.back(begun, met.liar.authorize(begun["address"], iss=met.liar.issuer)).status_code == 201


def test_what_was_brought_back_serves_once(met):
    begun = met.begin()
    returned = met.liar.authorize(begun["address"])
    asked = len(met.liar.tokens)
    assert met.back(begun, returned).status_code == 201
    assert told(met.back(begun, returned)) == REFUSED
    assert len(met.liar.tokens) == asked + 1


def test_a_code_that_was_used_in_another_sign_in_serves_nobody(met):
    """Injection of a code: the provider knows by PKCE that another has begun."""
    first, second = met.begin(), met.begin()
    stolen = met.liar.authorize(first["address"])["code"]
    state = met.liar.authorize(second["address"])["state"]
    assert told(met.back(second, {"code": stolen, "state": state})) == FAILED


def test_a_state_of_another_browser_signs_nobody_in_and_stays_for_its_own(met):
    """Forged sign-in: a link that would sign the victim in as the attacker."""
    begun = met.begin()
    returned = met.liar.authorize(begun["address"])
    assert told(met.back(begun, returned, browser="another")) == REFUSED
    assert told(met.back(begun, returned, state="guess")) == REFUSED
    assert met.back(begun, returned).status_code == 201


def test_a_sign_in_takes_ten_minutes_at_most(met):
    begun = met.begin()
    returned = met.liar.authorize(begun["address"])
    met.hub.clock.now += 600
    assert told(met.back(begun, returned)) == REFUSED


def test_a_provider_that_lets_nobody_in_is_not_asked_for_tokens(met):
    begun = met.begin()
    state, asked = met.liar.authorize(begun["address"])["state"], len(met.liar.tokens)
    got = met.back(begun, {"state": state, "error": "access_denied<script>"})
    assert told(got) == REFUSED
    assert "script" not in got.text
    assert len(met.liar.tokens) == asked


@pytest.mark.parametrize("person", [{"sub": "somebody else"}, {"sub": None}, {"sub": ["x"]}])
def test_userinfo_about_somebody_else_signs_nobody_in(met, caplog, person):
    met.liar.person = person
    assert told(met.arrive()) == FAILED
    assert "userinfo is about somebody else" in caplog.text


ABOUT = {
    "another issuer": {"issuer": "https://evil.example"},
    "no issuer": {"issuer": None},
    "no keys": {"jwks_uri": None},
    "plain HTTP elsewhere": {"token_endpoint": "http://id.example.org/token"},
    "keys by plain HTTP": {"jwks_uri": "http://id.example.org/keys"},
    "userinfo by plain HTTP": {"userinfo_endpoint": "http://id.example.org/userinfo"},
    "a script": {"authorization_endpoint": "javascript:alert(1)"},
    "a file": {"jwks_uri": "file:///etc/passwd"},
    "a name and password": {"token_endpoint": "https://me:you@id.example.org/token"},
    "a line break": {"authorization_endpoint": "https://id.example.org/\r\nset-cookie: x=y"},
    "a list": {"token_endpoint": ["https://id.example.org"]},
    "signatures with secrets only": {"id_token_signing_alg_values_supported": ["HS256", "none"]},
    "no signatures": {"id_token_signing_alg_values_supported": None},
}


@pytest.mark.parametrize("name", ABOUT)
def test_a_provider_that_describes_itself_wrongly_is_not_gone_to(met, name):
    met.liar.about = ABOUT[name]
    assert told(met.hub("POST", "/api/sessions/providers/keycloak", json={})) == FAILED


PAGES = {
    "moved": (302, {"location": "http://127.0.0.1:9/keys"}, b""),
    "moved to our own": (307, {"location": "/keys2"}, b""),
    "huge": (200, {}, b'{"keys": [' + b" " * 1_100_000 + b"]}"),
    "packed": (200, {"content-encoding": "gzip"}, b"\x1f\x8b\x08\x00" + bytes(50)),
    "not JSON": (200, {}, b"<html>"),
    "too deep": (200, {}, b'{"keys":' + b"[" * 200_000),
    "a list": (200, {}, b"[]"),
    "broken": (500, {}, b"{}"),
}


@pytest.mark.parametrize("path", ["/keys", "/token", "/userinfo"])
@pytest.mark.parametrize("name", PAGES)
def test_what_cannot_be_read_signs_nobody_in(met, path, name):
    met.liar.pages = {path: PAGES[name]}
    assert told(met.arrive()) == FAILED
    assert ("GET", "/keys2") not in met.liar.asked


@pytest.mark.parametrize("path", ["/keys", "/.well-known/openid-configuration"])
def test_a_provider_that_sends_a_byte_at_a_time_is_not_waited_for(met, path):
    def drip(handler):
        while not met.liar.over.wait(0.02):
            handler.wfile.write(b"H")
            handler.wfile.flush()

    class Impatient(Wire):
        def get(self, url, bearer=""):
            self.seconds = 0.5 if url.endswith(path) else 60.0  # a busy machine takes longer than a tenth to begin
            return super().get(url, bearer)

    met.entrance.make_wire = Impatient
    met.liar.pages[path] = drip
    got = met.hub("POST", "/api/sessions/providers/keycloak", json={})
    if got.status_code == 201:
        got = met.back(got.json(), met.liar.authorize(got.json()["address"]))
    assert told(got) == FAILED
    assert ("GET", path) in met.liar.asked


def test_a_provider_that_does_not_answer_is_not_asked_by_everybody(met):
    met.liar.pages = {"/.well-known/openid-configuration": PAGES["broken"]}
    begin = ("POST", "/api/sessions/providers/keycloak")
    assert {told(met.hub(*begin, json={})) for _ in range(5)} == {FAILED}
    assert len(met.liar.asked) == 1
    met.hub.clock.now += 31
    met.liar.pages = {}
    assert met.arrive().status_code == 201


def test_an_address_that_the_provider_claims_opens_no_account_and_becomes_nobodys(met):
    ana = guest(met.hub, met.mail())
    met.liar.person = {"email": ana.email, "email_verified": True, "preferred_username": ana.email, "name": "Ana"}
    thief = met.guest()
    assert thief.id != ana.id
    assert thief.about()["email"] == ""
    assert thief.about()["identities"][0]["told"]["email"] == [ana.email]
    assert [one["identities"] for one in (ana.about(),)] == [[]]
    assert sign_in(met.hub, ana.email).json()["person"] == ana.id


def test_an_address_that_nobody_has_is_not_kept_for_who_claims_it(met):
    met.liar.person |= {"email": met.mail("eva"), "email_verified": True}
    thief = met.guest()
    eva = guest(met.hub, met.mail("eva"))
    assert eva.id != thief.id
    assert eva.about()["email"] == met.mail("eva")


def test_an_invitation_is_accepted_by_a_new_account_of_a_provider(met):
    ana = met.guest(invitation=link(met.hub, met.mail("ana")))
    about = ana.about()
    assert (about["email"], about["roles"][0]["role"]) == (met.mail(), "researcher")
    assert told(sign_in(met.hub, met.mail(), "")) == REFUSED


def test_an_invitation_is_accepted_by_somebody_without_an_address(met):
    ana = met.guest()
    again = met.guest(invitation=link(met.hub, met.mail("ana")))
    assert again.id == ana.id
    assert [r["organisation"] for r in ana.about()["roles"]] == ["Athens General"]
    assert ana.about()["email"] == met.mail()


def test_an_invitation_for_another_address_is_not_accepted(met):
    met.guest(invitation=link(met.hub, met.mail("ana")))
    secret = link(met.hub, met.mail("eva"), "access-officer")
    assert told(met.arrive(invitation=secret)) == (403, "E385")
    assert [r["role"] for r in met.guest().about()["roles"]] == ["researcher"]
    assert guest(met.hub, met.mail("eva")).about()["roles"]


def test_an_invitation_whose_address_has_an_account_makes_no_second_one(met):
    ana = guest(met.hub, met.mail())
    secret = link(met.hub, ana.email, "access-officer")
    assert told(met.arrive(invitation=secret)) == (400, "E380")
    assert len(ana.about()["roles"]) == 1


@pytest.mark.parametrize("secret", ["guess", "used"])
def test_an_invitation_that_is_not_valid_makes_no_account(met, secret):
    if secret == "used":
        secret = link(met.hub, met.mail("ana"))
        met.guest(invitation=secret)
        met.liar.subject += ".another"
    assert told(met.arrive(invitation=secret)) == (403, "E385")


def test_who_is_signed_in_links_an_identity_with_the_password(met):
    ana = guest(met.hub, met.mail())
    assert told(met.link(ana, "wrong wrong wrong")) == REFUSED
    got = met.link(ana)
    assert (got.status_code, got.json()["session"], got.json()["next"]) == (201, "", "/account")
    assert met.guest().id == ana.id
    assert len(ana.about()["identities"]) == 1


def test_an_identity_is_linked_in_the_session_that_began_it_only(met):
    """A victim that is led to the address of an attacker's sign-in links nothing of the attacker's."""
    ana, eva = guest(met.hub, met.mail()), guest(met.hub, met.mail("eva"))
    assert told(met.link(ana, session=eva.session)) == REFUSED
    second = sign_in(met.hub, ana.email).json()["session"]
    assert told(met.link(ana, session=second)) == REFUSED
    assert ana.about()["identities"] == eva.about()["identities"] == []


def test_an_identity_opens_one_account(met):
    ana, eva = guest(met.hub, met.mail()), guest(met.hub, met.mail("eva"))
    met.link(ana)
    assert told(met.link(eva)) == (400, "E380")
    assert met.guest().id == ana.id


def test_a_linked_identity_is_unlinked_and_what_it_opened_ends(met):
    ana = guest(met.hub, met.mail())
    met.link(ana)
    other = met.guest()
    (identity,) = ana.about()["identities"]
    path = f"/api/account/identities/{identity['id']}"
    assert told(ana("DELETE", path, json={"password": "wrong wrong wrong"})) == REFUSED
    assert ana("DELETE", path, json={"password": PASSWORD}).status_code == 200
    assert told(other("GET", "/api/account")) == (401, "E382")
    assert ana.about()["identities"] == []
    assert met.guest().id != ana.id


def test_the_last_way_into_an_account_is_not_unlinked(met):
    ana = met.guest()
    path = f"/api/account/identities/{ana.about()['identities'][0]['id']}"
    assert told(ana("DELETE", path, json={"password": ""})) == (400, "E380")


def test_who_has_no_password_proves_who_they_are_by_signing_in_again(met):
    met.guest(invitation=link(met.hub, met.mail("ana")))
    ana = met.guest()
    met.hub.clock.now += 601
    body = {"name": "script", "scopes": ["ask"], "days": 30, "password": ""}
    assert told(ana("POST", "/api/account/tokens", json=body)) == REFUSED
    assert met.guest()("POST", "/api/account/tokens", json=body).status_code == 201


@pytest.mark.parametrize(
    ("asked", "elsewhere", "again", "proves"),
    [(-599, None, False, True), (-601, None, False, False), (-601, None, True, False), (None, None, True, True),
     (None, 0, False, False), (-601, 0, False, False), (86_400, None, False, True)],
)  # fmt: skip
def test_a_sign_in_proves_who_somebody_is_from_when_the_provider_asked(met, asked, elsewhere, again, proves):
    now = met.hub.clock.now
    met.liar.claims = {"auth_time": None if asked is None else now + asked}
    met.liar.person = {} if elsewhere is None else {"auth_time": now + elsewhere}
    body = {"name": "script", "scopes": ["ask"], "days": 30, "password": ""}
    got = met.guest(again=again)("POST", "/api/account/tokens", json=body)
    assert (got.status_code == 201) == proves


def test_who_was_invited_sets_a_password_later_and_who_was_not_does_not(met):
    ana = met.guest()
    body = {"password": "", "new": PASSWORD}
    assert told(ana("PUT", "/api/account/password", json=body)) == (400, "E380")
    met.guest(invitation=link(met.hub, met.mail("ana")))
    assert ana("PUT", "/api/account/password", json=body).status_code == 200
    assert sign_in(met.hub, met.mail()).json()["person"] == ana.id


def test_the_hubs_second_factor_is_for_passwords(met):
    ana = met.guest()
    assert told(ana("POST", "/api/account/second-factor", json={})) == (400, "E380")
    assert told(ana("PUT", "/api/account/second-factor", json={"password": "", "code": "", "sealed": ""})) == (
        400,
        "E380",
    )


def test_a_new_password_by_a_link_unlinks_what_somebody_else_may_have_linked(met):
    ana = guest(met.hub, met.mail())
    met.link(ana)
    other = met.guest()
    desk = met.hub.app.state.people
    secret = desk.links.reset(ana.email, "", met.hub.clock())
    met.hub("POST", "/api/invitations/accept", json={"secret": secret, "password": PASSWORD})
    assert told(other("GET", "/api/account")) == (401, "E382")
    assert met.guest().id != ana.id


def test_roles_follow_from_what_the_provider_says_and_go_with_it(met):
    row = Given("eduperson_entitlement", "urn:geant:athens:group:onco", "Athens General", "researcher")
    nested = Given("realm_access.roles", "officer", "Athens General", "access-officer")
    met.book.change("keycloak", lambda _: (row, nested))
    met.liar.person = {"eduperson_entitlement": [row.value, "x"], "realm_access": {"roles": ["officer"]}}
    ana = met.guest()
    assert [r["role"] for r in ana.about()["roles"]] == ["access-officer", "researcher"]
    met.liar.person = {"eduperson_entitlement": row.value}
    met.guest()
    assert [r["role"] for r in ana.about()["roles"]] == ["researcher"]
    met.liar.person = {"eduperson_entitlement": f"{row.value}:sub"}
    met.guest()
    assert ana.about()["roles"] == []


def test_a_role_that_somebody_was_given_here_does_not_go_with_what_the_provider_says(met):
    ana = met.guest(invitation=link(met.hub, met.mail("ana")))
    met.book.change("keycloak", lambda _: (Given("groups", "/onco", "Athens General", "researcher"),))
    for groups in (["/onco"], []):
        met.liar.person = {"groups": groups}
        met.guest()
    assert [r["role"] for r in ana.about()["roles"]] == ["researcher"]


def test_a_key_that_the_provider_has_changed_is_fetched_and_the_old_one_ends(met):
    met.guest()
    old, met.liar.key = met.liar.key, new_key("two")
    met.hub.clock.now += 31
    assert met.arrive().status_code == 201
    met.liar.published, met.liar.key = [public(met.liar.key)], old
    assert told(met.arrive()) == FAILED


def test_who_came_by_a_provider_asks_with_a_role_only(tmp_path):
    with meeting(tmp_path, "required") as met:
        ana = met.guest()
        assert told(ana("POST", "/api/questions", json=QUESTION)) == (403, "E383")
        token = {"name": "x", "scopes": ["ask"], "days": 1, "password": ""}
        program = ana("POST", "/api/account/tokens", json=token).json()["token"]
        shown = {"authorization": f"Bearer {program}"}
        assert told(met.hub("POST", "/api/questions", json=QUESTION, headers=shown)) == (403, "E383")
        met.guest(invitation=link(met.hub, met.mail("ana")))
        assert ana("POST", "/api/questions", json=QUESTION).status_code == 200


def test_erasing_leaves_nothing_of_an_identity(met):
    met.liar.person = {"email": met.mail(), "name": "Ana of Athens"}
    ana = met.guest()
    assert ana("DELETE", "/api/account", json={"password": ""}).status_code == 200
    with met.hub.hub.database.read() as connection:
        rows = [
            tuple(row)
            for table in ("identity", "identity_role", "session", "provider_visit", "person")
            for row in connection.exec_driver_sql(f"SELECT * FROM {table}")
        ]
    kept = [row for row in rows if ana.id in row or met.liar.subject in row or "Ana of Athens" in str(row)]
    assert [(row[0], row[1:4]) for row in kept] == [(ana.id, (None, "", ""))]
    assert met.guest().id != ana.id


def test_all_of_it_works_on_each_kind_of_database(tmp_path, url):
    given = (Given("groups", "/onco", "Athens General", "researcher"),)
    with meeting(tmp_path, database=url, given=given) as met:
        met.liar.person = {"groups": ["/onco"]}
        ana = met.guest(invitation=link(met.hub, met.mail()))
        eva = guest(met.hub, met.mail("eva"))
        assert [r["role"] for r in ana.about()["roles"]] == ["researcher"]
        met.liar.subject += ".too"
        assert met.link(eva).status_code == 201
        (identity,) = eva.about()["identities"]
        path = f"/api/account/identities/{identity['id']}"
        assert eva("DELETE", path, json={"password": PASSWORD}).status_code == 200
        assert eva.about()["roles"] == [{**eva.about()["roles"][0], "role": "researcher"}]
        assert ana("DELETE", "/api/account", json={"password": ""}).status_code == 200
        assert told(ana("GET", "/api/account")) == (401, "E382")


def test_people_are_led_to_where_they_sign_out_at_the_provider(met):
    met.liar.about = {"end_session_endpoint": f"{met.liar.issuer}/bye?x=1"}
    got = met.hub("GET", "/api/sessions/providers/keycloak/leave")
    assert got.json() == {"address": f"{met.liar.issuer}/bye?x=1&client_id={CLIENT}"}
    met.renew()
    assert told(met.hub("GET", "/api/sessions/providers/keycloak/leave")) == FAILED
    assert told(met.hub("GET", "/api/sessions/providers/nobody/leave")) == (404, "E404")

"""Pages of signing in by providers, over a real hub and a provider in this process."""

import re
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest
from tests.hub.people.guests import PASSWORD, guest, link
from tests.hub.providers.arriving import meeting
from tests.hub.providers.liar import lying, visa
from tests.web.test_people_pages import EVIL, Browser, text

from oncommons.client.inside import connect_inside
from oncommons.web.app import mount_pages

WITH, BACK = "/sign-in/with/keycloak", "/sign-in/back/keycloak"


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    with meeting(tmp_path_factory.mktemp("hub"), "required") as met:
        mount_pages(met.hub.app, connect_inside(met.hub.app), "1.2.3")
        yield met


@pytest.fixture
def met(shared):
    shared.renew()
    yield shared
    shared.renew()


@pytest.fixture
def browser(met):
    return Browser(met.hub)


def led(met, left):
    """The address to which a provider sends somebody back."""
    address = left if isinstance(left, str) else left.headers["location"]
    asked = dict(parse_qsl(urlsplit(address).query))
    assert asked["redirect_uri"] == f"http://hub.test{BACK}"
    return f"{BACK}?{urlencode(met.liar.authorize(address))}"


def test_somebody_signs_in_and_comes_to_where_they_wanted_to_go(met, browser):
    page = browser.get("/sign-in?next=/ask")
    assert 'href="/sign-in/with/keycloak?next=/ask"' in page.text
    left = browser.get(f"{WITH}?next=/ask")
    assert left.status_code == 303
    done = browser.get(led(met, left))
    assert (done.status_code, done.headers["location"]) == (303, "/ask")
    assert "Signed in by Keycloak of Athens" in text(browser.get("/account"))
    assert "You have no role now" in text(browser.get("/account"))


def test_the_browsers_secret_is_kept_from_scripts_and_forms_of_others_and_given_back(met, browser):
    left = browser.get(WITH)
    (cookie,) = left.headers.get_list("set-cookie")
    assert cookie.startswith("oncommons_visit=")
    assert {"HttpOnly", "SameSite=lax", "Max-Age=600"} <= {part.strip() for part in cookie.split(";")}
    done = browser.get(led(met, left))
    assert any(c.startswith('oncommons_visit=""') for c in done.headers.get_list("set-cookie"))
    assert not [c for c in done.headers.get_list("set-cookie") if c.startswith("oncommons_browser=")]


def test_cookies_are_sent_over_https_only_where_the_hub_is(met, browser):
    settings = met.hub.app.state.settings
    met.hub.app.state.settings = replace(settings, url="https://hub.test")
    left = browser.get(WITH)
    met.hub.app.state.settings = settings
    assert "Secure" in left.headers["set-cookie"]
    assert "redirect_uri=https%3A%2F%2Fhub.test%2Fsign-in%2Fback%2Fkeycloak" in left.headers["location"]


def test_a_session_that_was_planted_is_not_the_one_that_is_opened(met, browser):
    planted = "p" * 43
    browser.client.cookies.set("oncommons_session", planted, domain="hub.test")
    browser.get(led(met, browser.get(WITH)))
    assert browser.client.cookies.get("oncommons_session", domain="hub.test") != planted
    stranger = Browser(met.hub)
    stranger.client.cookies.set("oncommons_session", planted, domain="hub.test")
    assert stranger.get("/account").headers["location"].startswith("/sign-in")


def test_somebody_elses_way_back_signs_nobody_in(met, browser):
    """The attacker begins, and has the victim follow the way back (forged sign-in)."""
    attacker = Browser(met.hub)
    way = led(met, attacker.get(WITH))
    page = browser.get(way)
    assert (page.status_code, "was not begun in this browser" in text(page)) == (401, True)
    assert "oncommons_session" not in browser.client.cookies
    browser.get(WITH)
    assert browser.get(way).status_code == 401


@pytest.mark.parametrize(
    "where",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/\tevil",
        "///x",
    ],
)
def test_nobody_is_led_on_to_another_site(met, browser, where):
    done = browser.get(led(met, browser.get(f"{WITH}?{urlencode({'next': where})}")))
    assert done.headers["location"] == "/account"


def test_nobody_is_led_on_to_another_site_by_what_the_hub_was_told(met, browser):
    begun = met.begin(next="https://evil.example/")
    browser.client.cookies.set("oncommons_visit", begun["browser"], domain="hub.test")
    assert browser.get(led(met, begun["address"])).headers["location"] == "/account"


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_page_of_another_site_leads_to_the_form_and_not_to_the_provider(met, browser, site):
    left = browser.get(f"{WITH}?next=/ask", {"sec-fetch-site": site})
    assert left.headers["location"] == "/sign-in?next=/ask"
    secret = link(met.hub, met.mail())
    left = browser.get(f"/welcome/{secret}/with/keycloak", {"sec-fetch-site": site})
    assert left.headers["location"] == f"/welcome/{secret}"


def test_an_invitation_is_accepted_by_a_provider(met, browser):
    path = f"/welcome/{link(met.hub, met.mail(), 'coordinator')}"
    assert f'href="{path}/with/keycloak"' in browser.get(path).text
    browser.get(led(met, browser.get(f"{path}/with/keycloak")))
    assert "coordinator at Athens General" in text(browser.get("/account"))
    assert browser.get(path).status_code == 403


def test_an_account_is_linked_and_unlinked_on_its_page(met, browser):
    guest(met.hub, met.mail())
    browser.sign_in(met.mail())
    wrong = browser.send("/account", do="link", provider="keycloak", password="not the right one")
    assert (wrong.status_code, "The password is wrong" in text(wrong)) == (401, True)
    page = browser.send("/account", do="link", provider="keycloak", password=PASSWORD)
    way = re.search(r'class="way" href="([^"]+)">Go to Keycloak of Athens', page.text)[1].replace("&amp;", "&")
    assert browser.get(led(met, way)).headers["location"] == "/account"
    page = browser.get("/account")
    assert met.liar.subject in text(page)
    identity = re.search(r'value="unlink"><input type="hidden" name="id" value="([^"]+)"', page.text)[1]
    assert browser.send("/account", do="unlink", id=identity, password=PASSWORD).status_code == 303
    assert met.liar.subject not in browser.get("/account").text


def test_a_form_of_another_site_links_nothing(met, browser):
    guest(met.hub, met.mail())
    browser.sign_in(met.mail())
    fields = {"do": "link", "provider": "keycloak", "password": PASSWORD}
    assert browser.post("/account", fields).status_code == 403
    assert browser.send("/account", {"origin": "https://evil.example"}, **fields).status_code == 403


def test_a_provider_that_lies_is_told_on_the_page_without_what_it_said(met, browser):
    met.liar.claims = {"aud": "another-client"}
    page = browser.get(led(met, browser.get(WITH)))
    assert (page.status_code, "cannot be trusted" in text(page)) == (502, True)
    assert "another-client" not in page.text
    assert "With a password of this hub" in text(page)


def test_a_provider_that_there_is_not_is_told(met, browser):
    assert browser.get("/sign-in/with/another").status_code == 404
    assert browser.get("/sign-in/back/another?state=x&code=y").status_code == 401


def test_what_a_provider_says_is_shown_as_text(met, browser):
    with lying(met.hub.clock) as broker:
        now = met.hub.clock.now
        evil = {"name": EVIL, "email": EVIL, "groups": [EVIL], "eduperson_entitlement": EVIL}
        met.liar.person = evil | {"ga4gh_passport_v1": [visa(broker.key, broker.issuer, now, kind=EVIL)]}
        browser.get(led(met, browser.get(WITH)))
    page = browser.get("/account")
    assert "<script>alert" not in page.text
    assert EVIL in text(page)
    assert "untrusted" in text(page)


def test_visas_of_which_an_issuer_is_trusted_are_told_apart(met, browser):
    with lying(met.hub.clock) as broker:
        met.book.put(replace(met.known, visas={broker.issuer: f"{broker.issuer}/keys"}))
        made = [
            visa(broker.key, issuer, met.hub.clock.now, met.liar.subject)
            for issuer in (broker.issuer, "https://x.example")
        ]
        met.liar.person = {"ga4gh_passport_v1": made}
        browser.get(led(met, browser.get(WITH)))
    page = text(browser.get("/account"))
    assert page.index("✓ verified data that a committee lets somebody use") < page.index("– untrusted data that")


def test_all_that_is_known_is_in_the_file(met, browser):
    met.liar.person = {"email": "ana@elsewhere.example", "schac_home_organization": "athens.example"}
    browser.get(led(met, browser.get(WITH)))
    (identity,) = browser.get("/account/data").json()["identities"]
    assert identity["told"]["home"] == ["athens.example"]
    assert identity["subject"] == met.liar.subject


def test_who_has_no_password_is_led_to_sign_in_again(met, browser):
    browser.get(led(met, browser.get(WITH)))
    page = browser.get("/account")
    assert "/sign-in/with/keycloak?next=/account&amp;again=1" in page.text
    assert "prompt=login" in browser.get(f"{WITH}?again=1").headers["location"]
    met.hub.clock.now += 700
    refused = browser.send("/account", do="erase", password="")
    assert "Sign in by your provider again" in text(refused)
    browser.get(led(met, browser.get(f"{WITH}?again=1")))
    assert browser.send("/account", do="erase", password="").headers["location"] == "/sign-in"


def test_pages_go_on_where_a_provider_is_not_answering(met, browser):
    met.liar.pages["/.well-known/openid-configuration"] = (500, {}, b"")
    assert browser.get(WITH).status_code == 502
    assert browser.get("/sign-in").status_code == 200


def test_the_pages_say_that_nothing_is_to_be_kept(met, browser):
    left = browser.get(WITH)
    back = browser.get(led(met, left))
    assert {r.headers["cache-control"] for r in (left, back)} == {"private, no-store"}
    assert httpx.URL(left.headers["location"]).host == "127.0.0.1"


def test_who_signs_out_is_offered_to_sign_out_at_the_provider_too(met, browser):
    met.liar.about = {"end_session_endpoint": f"{met.liar.issuer}/bye"}
    browser.get(led(met, browser.get(WITH)))
    done = browser.send("/sign-out", page="/account")
    assert done.headers["location"] == "/sign-in?left=keycloak"
    page = browser.get("/sign-in?left=keycloak")
    assert "You are signed out here Keycloak of Athens may still know this browser" in text(page)
    assert 'href="/sign-in/leave/keycloak"' in page.text
    assert browser.get("/sign-in/leave/keycloak").headers["location"] == f"{met.liar.issuer}/bye?client_id=hub"
    foreign = browser.get("/sign-in/leave/keycloak", {"sec-fetch-site": "cross-site"})
    assert foreign.headers["location"] == "/sign-in"


def test_a_provider_that_does_not_say_where_to_sign_out_is_named(met, browser):
    page = browser.get("/sign-in/leave/keycloak")
    assert (page.status_code, "Keycloak of Athens does not say where people sign out" in text(page)) == (502, True)
    assert "may still know this browser" not in text(browser.get("/sign-in?left=%3Cb%3E"))


def test_who_signed_in_by_a_password_is_offered_nothing_more_when_they_sign_out(met, browser):
    ana = guest(met.hub, met.mail())
    assert met.link(ana).status_code == 201
    browser.sign_in(met.mail())
    met.hub.clock.now += 1
    assert met.guest().id == ana.id  # and so another session of hers, the newest, was opened by the provider
    assert browser.send("/sign-out", page="/account").headers["location"] == "/sign-in"

"""Pages of links by e-mail over a real hub in this process: what browsers keep, and what a mail server may look at."""

import httpx
import pytest
from tests.hub.people.guests import PASSWORD, desk_of, guest, opened
from tests.hub.people.mailing import carry, mails, secret_in
from tests.web.test_people_pages import Browser, text

from oncommons.client.inside import connect_inside
from oncommons.web.app import mount_pages

ANA, NEW = "ana@athens.example", "another long summer of 1983"
ELSEWHERE = {"sec-fetch-site": "cross-site"}


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    with opened(tmp_path_factory.mktemp("hub"), people="required") as hub:
        mount_pages(hub.app, connect_inside(hub.app), "1.2.3")
        hub.ana = guest(mails(hub), ANA)
        yield hub


@pytest.fixture
def browser(hub):
    hub.clock.now += 10 * 86_400  # nobody waits after what another test has asked for
    return Browser(hub)


def asked(hub, browser, path="/sign-in/link"):
    """The path of a link that was asked for on a page."""
    page = browser.send(path, email=ANA)
    assert "Look at your e-mail" in text(page)
    (message,) = carry(hub)
    return f"/welcome/{secret_in(message)}"


def test_a_link_signs_in_by_a_button(hub, browser):
    path = asked(hub, browser)
    page = browser.get(path, ELSEWHERE)  # as from a page of e-mail
    assert f"To the account of {ANA}" in text(page)
    done = browser.send(path)
    assert (done.status_code, done.headers["location"]) == (303, "/account")
    assert "oncommons_asked" not in browser.client.cookies
    assert browser.get("/account").status_code == 200


def test_a_forgotten_password_is_set_anew(hub, browser):
    path = asked(hub, browser, "/sign-in/forgotten")
    assert "Set a new password" in text(browser.get(path))
    assert browser.send(path, password="short").status_code == 400
    assert browser.send(path, password=NEW).headers["location"] == "/account"
    assert "Your password was set anew" in text(browser.get("/inbox"))
    assert Browser(hub).sign_in(ANA, NEW).status_code == 303
    desk_of(hub).register.change(hub.ana.id, password=desk_of(hub).entry.passwords.hash(PASSWORD))


def test_looking_uses_no_link_up(hub, browser):
    """Mail servers look at links, with HEAD and GET, before who they are for does, and without their cookies."""
    path = asked(hub, browser)
    scanner = Browser(hub)
    for _ in range(3):
        assert scanner.get(path).status_code == 403
        assert scanner.hub.portal.call(lambda: scanner.client.head(path)).status_code == 403
        assert browser.get(path).status_code == 200
    assert browser.send(path).status_code == 303


def test_a_link_that_was_passed_on_lets_nobody_in(hub, browser):
    path = asked(hub, browser)
    thief = Browser(hub)
    assert "E399" in thief.get(path).text
    assert thief.post(path, {"form": "x"}).status_code == 403
    thief.send("/sign-in/link", email="thief@athens.example")
    page = thief.send(path, page="/sign-in")
    assert (page.status_code, "E399" in page.text) == (403, True)
    assert "oncommons_session" not in thief.client.cookies
    assert browser.send(path).status_code == 303


def test_a_session_that_somebody_has_planted_is_not_the_one_that_opens(hub, browser):
    path, planted = asked(hub, browser), "p" * 43
    browser.client.cookies.set("oncommons_session", planted, domain="hub.test")
    browser.send(path)
    assert browser.client.cookies.get("oncommons_session", domain="hub.test") != planted


def test_a_page_of_another_site_asks_for_nothing(hub, browser):
    for path in ("/sign-in/link", "/sign-in/forgotten"):
        sent = browser.send(path, headers={"origin": "https://evil.example"}, email=ANA)
        assert sent.status_code == 403
    assert carry(hub) == []


def test_nothing_in_the_request_says_where_one_is_led(hub, browser):
    path = asked(hub, browser)
    done = browser.send(f"{path}?next=https://evil.example", next="//evil.example")
    assert done.headers["location"] == "/account"


def test_the_page_is_the_same_whoever_has_the_address(hub, browser):
    known = browser.send("/sign-in/link", email=ANA)
    unknown = Browser(hub).send("/sign-in/link", email="nobody@athens.example")
    assert known.text.replace(ANA, "X") == unknown.text.replace("nobody@athens.example", "X")
    assert len(carry(hub)) == 1


def test_the_cookie_is_read_by_no_script_and_comes_along_with_a_link(hub, browser):
    cookie = next(c for c in browser.send("/sign-in/link", email=ANA).headers.get_list("set-cookie") if "_asked" in c)
    assert all(word in cookie.lower() for word in ("httponly", "samesite=lax", "max-age=1800"))
    carry(hub)


def test_words_of_strangers_are_no_markup(hub, browser):
    page = browser.send("/sign-in/link", email='"><script>alert(1)</script>')
    assert (page.status_code, "<script>alert" in page.text) == (400, False)


def test_a_hub_that_sends_no_mail_offers_none(tmp_path):
    with opened(tmp_path) as hub:
        mount_pages(hub.app, connect_inside(hub.app), "1.2.3")
        browser = Browser(hub)
        assert "/sign-in/link" not in browser.get("/sign-in").text
        assert "/sign-in/forgotten" not in browser.get("/sign-in").text
        page: httpx.Response = browser.get("/sign-in/forgotten")
        assert (page.status_code, "E398" in page.text) == (409, True)

"""Pages for people over a real hub in this process: signing in, forms of other sites, words that are scripts."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from urllib.parse import urlsplit

import httpx
import pytest
from tests.hub.people.guests import PASSWORD, guest, link, opened

from oncommons.client.inside import connect_inside
from oncommons.web.app import mount_pages

EVIL = "\"><script>alert(1)</script>'{{7*7}}"
WOMEN = {"count": "person", "where": {"field": "sex", "in": ["F"]}}
KEY = (r"<code>([A-Z2-7 ]{39})</code>", r'name="sealed" value="([^"]+)"', r'href="(otpauth://[^"]+)"')
"""Parts of a page that show a new key of a second factor."""
FORM = re.compile(r'name="form" value="([^"]*)"')


class Browser:
    """Somebody with a browser that keeps cookies."""

    def __init__(self, hub):
        transport = httpx.ASGITransport(hub.app, raise_app_exceptions=False)
        self.hub, self.client = hub, httpx.AsyncClient(transport=transport, base_url="http://hub.test")

    def get(self, path, headers=None):
        return self.hub.portal.call(lambda: self.client.get(path, headers=headers or {}))

    def post(self, path, fields, headers=None):
        return self.hub.portal.call(lambda: self.client.post(path, data=fields, headers=headers or {}))

    def send(self, path, headers=None, page="", **fields):
        """A form as its page holds it."""
        token = FORM.search(self.get(page or path).text)[1]
        return self.post(path, {"form": token, **fields}, headers)

    def sign_in(self, email, password=PASSWORD, **more):
        return self.send("/sign-in", email=email, password=password, **more)


@pytest.fixture
def hub(tmp_path):
    with opened(tmp_path, people="required") as hub:
        mount_pages(hub.app, connect_inside(hub.app), "1.2.3")
        yield hub


@pytest.fixture
def browser(hub):
    return Browser(hub)


def text(page):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


def test_an_invitation_leads_to_an_account(hub, browser):
    path = f"/welcome/{link(hub, 'ana@athens.example', 'coordinator')}"
    assert "coordinator of Athens General" in text(browser.get(path))
    done = browser.send(path, name="Ana", password=PASSWORD)
    assert (done.status_code, done.headers["location"]) == (303, "/account")
    assert "Ana ana@athens.example" in text(browser.get("/account"))
    assert browser.get(path).status_code == 403


def test_signing_in_leads_back_and_makes_a_new_session(hub, browser):
    guest(hub)
    planted = "p" * 43
    browser.client.cookies.set("oncommons_session", planted, domain="hub.test")
    done = browser.sign_in("ana@athens.example", next="/ask?count=person")
    assert done.headers["location"] == "/ask?count=person"
    assert browser.client.cookies.get("oncommons_session") != planted
    assert browser.get("/account").status_code == 200
    stranger = Browser(hub)
    stranger.client.cookies.set("oncommons_session", planted, domain="hub.test")
    assert stranger.get("/account").headers["location"] == "/sign-in?next=/account"


def test_a_wrong_password_is_told_and_the_address_is_kept(hub, browser):
    guest(hub)
    page = browser.sign_in("ana@athens.example", "wrong wrong wrong")
    assert page.status_code == 401
    assert 'value="ana@athens.example"' in page.text
    assert "set-cookie" not in page.headers or "oncommons_session" not in page.headers["set-cookie"]


def test_signing_out_ends_the_session_and_the_cookie(hub, browser):
    guest(hub)
    browser.sign_in("ana@athens.example")
    session = browser.client.cookies["oncommons_session"]
    assert browser.send("/sign-out", page="/account").headers["location"] == "/sign-in"
    assert "oncommons_session" not in browser.client.cookies
    assert hub("GET", "/api/account", headers={"authorization": f"Bearer {session}"}).status_code == 401


FORMS = [
    ("/sign-in", {"email": "ana@athens.example", "password": PASSWORD}),
    ("/sign-out", {}),
    ("/account", {"do": "name", "name": "Changed"}),
    ("/account", {"do": "password", "password": PASSWORD, "new": "another long password 77"}),
    ("/account", {"do": "erase", "password": PASSWORD}),
    ("/account", {"do": "token", "name": "x", "scope-ask": "1", "days": "9", "password": PASSWORD}),
    ("/people", {"do": "invite", "email": "x@y.example", "organisation": "Hub", "role": "operator"}),
    ("/saved", {"name": "x", "question": '{"count": "person"}'}),
]


@pytest.mark.parametrize("path", ["/sign-in", "/account", "/people", "/saved"])
def test_a_form_with_too_many_fields_is_told_as_such(browser, path):
    page = browser.post(path, {f"f{n}": "" for n in range(1_001)})
    assert (page.status_code, "The form has too many fields." in text(page)) == (400, True)


@pytest.mark.parametrize(("path", "fields"), FORMS)
def test_a_form_of_another_site_changes_nothing(hub, browser, path, fields):
    op = guest(hub, "op@hub.example", "operator", "Hub")
    browser.sign_in("op@hub.example")
    before = op.about(), op("GET", "/api/people").json()
    right = FORM.search(browser.get("/sign-in" if path == "/sign-in" else "/account").text)[1]
    for headers, token in (
        ({}, None),
        ({}, ""),
        ({}, "0" * 64),
        ({"origin": "https://evil.example"}, right),
        ({"sec-fetch-site": "cross-site"}, right),
    ):
        got = browser.post(path, fields if token is None else fields | {"form": token}, headers)
        assert got.status_code == 403, (path, headers, token)
    assert (op.about(), op("GET", "/api/people").json()) == before


@pytest.mark.parametrize("path", ["/account", "/people", "/account/data"])
def test_who_is_not_signed_in_is_sent_to_the_sign_in(browser, path):
    assert urlsplit(browser.get(path).headers["location"]).path == "/sign-in"
    if path != "/account/data":
        assert urlsplit(browser.post(path, {"do": "name"}).headers["location"]).path == "/sign-in"


def test_words_that_are_scripts_are_words(hub, browser):
    guest(hub, "op@hub.example", "operator", EVIL)
    browser.sign_in("op@hub.example")
    assert browser.send("/account", do="name", name=EVIL).status_code == 303
    token = {"do": "token", "name": EVIL, "scope-ask": "1", "days": "9", "password": PASSWORD}
    assert "onc_" in browser.send("/account", **token).text
    invited = browser.send("/people", do="invite", email=f"{'<b>'}@x.example", organisation=EVIL, role="researcher")
    assert invited.status_code == 400
    invited = browser.send("/people", do="invite", email="x'&@x.example", organisation=EVIL, role="researcher")
    path = urlsplit(re.search(r"http://hub.test/welcome/[\w-]+", invited.text)[0]).path
    browser.client.headers["user-agent"] = EVIL
    browser.sign_in("op@hub.example")
    wrong = browser.sign_in(EVIL, EVIL, next=EVIL, code=EVIL)
    pages = [invited, wrong, *(browser.get(p) for p in ("/account", "/people", path, f"/sign-in?next={EVIL}"))]
    for page in pages:
        assert "<script>alert" not in page.text
        assert "49" not in re.findall(r"'(\d+)", unescape(page.text))
    assert all(unescape(page.text).count("<script>alert(1)") for page in pages[2:5])


def test_the_second_factor_is_set_up_on_the_page(hub, browser):
    guest(hub)
    browser.sign_in("ana@athens.example")
    page = browser.send("/account", do="factor-new")
    sealed = re.search(r'name="sealed" value="([^"]+)"', page.text)[1]
    assert re.search(r"<code>(?:[A-Z2-7]{4} ?){8}</code>", page.text)
    again = browser.send("/account", do="factor-on", sealed=unescape(sealed), code="1", password=PASSWORD)
    assert again.status_code == 401
    assert [re.search(part, again.text)[1] for part in KEY] == [re.search(part, page.text)[1] for part in KEY]
    strange = browser.send("/account", do="factor-on", sealed="something else", code="1", password=PASSWORD)
    assert re.search(KEY[0], strange.text)[1] != re.search(KEY[0], page.text)[1]


def test_a_question_is_asked_by_who_is_signed_in(hub, browser):
    guest(hub)
    page = browser.get("/ask?person.sex=F&do=ask")
    assert (page.status_code, 'href="/sign-in"' in page.text) == (401, True)
    browser.sign_in("ana@athens.example")
    assert browser.get("/ask?person.sex=F&do=ask").status_code == 200


@pytest.mark.parametrize(
    ("site", "asks"), [("cross-site", 0), ("same-site", 0), ("same-origin", 1), ("none", 1), ("", 1)]
)
def test_a_link_of_another_site_asks_nothing_in_the_name_of_who_is_signed_in(hub, browser, monkeypatch, site, asks):
    guest(hub)
    browser.sign_in("ana@athens.example")
    asked = counted(hub, monkeypatch)
    page = browser.get("/ask?person.sex=F&do=ask", {"sec-fetch-site": site} if site else {})
    assert (page.status_code, len(asked)) == (200, asks)
    assert "people where sex is F" in text(page)


@pytest.mark.parametrize(("site", "asks"), [("cross-site", 0), ("same-origin", 2)])
def test_a_link_of_another_site_weighs_nothing(hub, browser, monkeypatch, site, asks):
    ana = guest(hub)
    browser.sign_in("ana@athens.example")
    job = ana("POST", "/api/questions", json=WOMEN).json()["id"]
    asked = counted(hub, monkeypatch)
    page = browser.get(f"/answers/{job}/criteria?do=weigh", {"sec-fetch-site": site})
    assert (page.status_code, len(asked)) == (200, asks)
    assert ("Ask all nodes" in page.text) is (asks == 0)


def test_a_link_of_another_site_asks_at_an_open_hub_for_who_is_nobody(tmp_path, monkeypatch):
    with opened(tmp_path) as hub:
        mount_pages(hub.app, connect_inside(hub.app), "1.2.3")
        asked = counted(hub, monkeypatch)
        Browser(hub).get("/ask?person.sex=F&do=ask", {"sec-fetch-site": "cross-site"})
        assert len(asked) == 1


def counted(hub, monkeypatch):
    """The questions that the hub puts to its nodes from now on."""
    exchange, asked = hub.app.state.exchange, []
    ask = exchange.ask

    async def noting(*words, **named):
        asked.append(words)
        return await ask(*words, **named)

    monkeypatch.setattr(exchange, "ask", noting)
    return asked


def test_ones_data_come_as_a_file_that_nobody_keeps(hub, browser):
    guest(hub)
    browser.sign_in("ana@athens.example")
    got = browser.get("/account/data")
    assert got.json()["email"] == "ana@athens.example"
    assert "my-data.json" in got.headers["content-disposition"]
    assert {browser.get(p).headers["cache-control"] for p in ("/account", "/sign-in", "/account/data")} == {
        "private, no-store"
    }


def test_erasing_ends_it_all(hub, browser):
    guest(hub)
    guest(hub, "op@hub.example", "operator", "Hub")
    browser.sign_in("ana@athens.example")
    for name in ("oncommons_permit", "oncommons_asked"):
        browser.client.cookies.set(name, "P-7.a-secret-of-a-browser-24", domain="hub.test")
    assert browser.send("/account", do="erase", password=PASSWORD).headers["location"] == "/sign-in"
    assert dict(browser.client.cookies) == {}
    assert browser.sign_in("ana@athens.example").status_code == 401


def test_strangers_at_many_addresses_are_told_apart_by_the_pages(hub):
    hub.app.state.settings = replace(hub.app.state.settings, url="http://127.0.0.1")
    for i in range(60):
        page = Browser(hub).sign_in(f"x{i}@athens.example", "wrong wrong wrong")
    assert page.status_code == 429

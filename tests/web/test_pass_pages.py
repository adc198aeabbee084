"""The page on which a browser is given a pass, over a real hub and a real node that needs permits."""

import json
import re
from urllib.parse import urlencode

import pytest
from tests.hub.people.guests import guest, opened
from tests.hub.permitted_node import answering
from tests.permits import BEGIN, body
from tests.web.test_people_pages import Browser, text

from oncommons.client.inside import connect_inside
from oncommons.schema.permit import parse_permit
from oncommons.web.app import mount_pages

WOMEN = {"count": "person", "where": {"field": "sex", "in": ["F"]}}
OLD = {"count": "person", "where": {"field": "age", "between": [60, None]}}
KEPT = "oncommons_permit"


def asked(question):
    return "/ask?" + urlencode({"question": json.dumps(question), "do": "ask"})


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hub")
    with opened(folder, people="required") as hub:
        hub.clock.now = BEGIN + 5.0
        mount_pages(hub.app, connect_inside(hub.app), "1.2.3")
        permit = parse_permit(body(datasets=[{"node": "athens", "dataset": "d"}], budget=0))
        hub.passes = hub.app.state.permits.issue(permit, "https://hub.test", hub.clock())[1]
        with answering(hub, "athens", folder):
            yield hub


@pytest.fixture
def browser(hub):
    return Browser(hub)


@pytest.fixture
def ana(browser, hub):
    got = browser.send("/permit", do="show", **{"pass": f" {hub.passes['ana']} "})
    assert (got.status_code, got.headers["location"]) == (303, "/ask")
    return browser


def test_a_browser_asks_under_the_permit_of_its_pass(hub, browser):
    assert browser.get(asked(WOMEN)).status_code == 401
    browser.send("/permit", do="show", **{"pass": str(hub.passes["ana"])})
    page = browser.get(asked(WOMEN))
    assert page.status_code == 200
    assert "You ask under the permit P-7" in text(page)
    assert "under permit P-7" in text(page).split("You ask")[1]
    assert page.headers["cache-control"] == "private, no-store"
    refused = browser.get(asked(OLD))
    assert (refused.status_code, "The rule variable says" in text(refused)) == (403, True)


def test_no_page_shows_the_pass(hub, ana):
    for path in ("/permit", asked(WOMEN), "/saved", "/about"):
        assert hub.passes["ana"].secret not in ana.get(path).text


def test_the_cookie_is_read_by_no_script_and_sent_by_no_other_site(hub, browser):
    got = browser.send("/permit", do="show", **{"pass": str(hub.passes["ana"])})
    (cookie,) = [c for c in got.headers.get_list("set-cookie") if c.startswith(KEPT)]
    assert {"httponly", "samesite=strict"} <= {part.strip().lower() for part in cookie.split(";")}
    assert "max-age" not in cookie.lower()


def test_a_pass_that_is_nobodys_is_told_and_not_kept(browser, hub):
    for wrong in ("x", "P-7.guess", "P-9.guess", f"{hub.passes['ana']}x", ""):
        got = browser.send("/permit", do="show", **{"pass": wrong})
        assert (got.status_code, "E375" in text(got)) == (404, True)
    assert KEPT not in browser.client.cookies


def test_a_form_of_another_site_changes_nothing(hub, browser):
    fields = {"do": "show", "pass": str(hub.passes["ana"])}
    assert browser.post("/permit", fields).status_code == 403
    evil = {"origin": "https://evil.example"}
    assert browser.send("/permit", headers=evil, **fields).status_code == 403
    assert KEPT not in browser.client.cookies


def test_the_pass_is_forgotten_when_one_says_so(ana):
    got = ana.send("/permit", do="stop")
    assert (got.status_code, got.headers["location"]) == (303, "/permit")
    assert "You ask under" not in text(ana.get("/permit"))
    assert ana.get(asked(WOMEN)).status_code == 401


def test_what_a_browser_asks_is_looked_at_and_weighed_under_it(hub, ana):
    page = ana.get(asked({"count": "person", "where": {"all": [WOMEN["where"], {"field": "sex", "missing": False}]}}))
    answer = page.text.split("/answers/")[1].split('"')[0].split("/")[0]
    assert ana.get(f"/answers/{answer}").status_code == 200
    assert ana.get(f"/answers/{answer}/criteria?do=weigh").status_code == 200
    assert Browser(hub).get(f"/answers/{answer}").status_code == 401
    eve = Browser(hub)
    eve.send("/permit", do="show", **{"pass": str(hub.passes["ben"])})
    assert eve.get(f"/answers/{answer}").status_code == 404


def test_who_is_signed_in_asks_under_it_too(hub, browser):
    guest(hub, "ina@athens.example")
    browser.sign_in("ina@athens.example")
    assert "E373" in text(browser.get(asked(WOMEN)))  # the node needs a permit
    assert "Your permits" in text(browser.get("/permit"))
    browser.send("/permit", do="show", **{"pass": str(hub.passes["ben"])})
    assert "You ask under the permit P-7" in text(browser.get(asked(WOMEN)))
    assert "E373" not in text(browser.get(asked(WOMEN)))
    browser.send("/sign-out", page="/permit")
    assert KEPT not in browser.client.cookies


def test_a_pass_that_was_just_made_is_shown_to_the_browser_by_a_button(hub, browser):
    ina = guest(hub, "ida@athens.example")
    browser.sign_in("ida@athens.example")
    permit = parse_permit(body(id="P-9", people=[ina.id], datasets=[{"node": "athens", "dataset": "d"}]))
    hub.app.state.permits.issue(permit, "https://hub.test", hub.clock())
    made = browser.send("/permits", permit="P-9")
    fields = dict(re.findall(r'name="(form|do|pass)" value="([^"]+)"', made.text.split('action="/permit"')[1]))
    assert browser.post("/permit", fields).status_code == 303
    assert "You ask under the permit P-9" in text(browser.get("/saved"))

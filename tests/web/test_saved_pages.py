"""Pages of saved questions under a permit, over a real hub; those that everybody sees have their tests in test_app."""

import json
from urllib.parse import urlsplit

import pytest
from tests.hub.people.guests import opened
from tests.permits import BEGIN, body
from tests.web.test_people_pages import Browser, text

from oncommons.client.inside import connect_inside
from oncommons.schema.permit import parse_permit
from oncommons.web.app import mount_pages

WOMEN = json.dumps({"count": "person", "where": {"field": "sex", "in": ["F"]}})


@pytest.fixture
def hub(tmp_path):
    with opened(tmp_path, people="required") as hub:
        hub.clock.now = BEGIN + 5.0
        mount_pages(hub.app, connect_inside(hub.app), "1.2.3")
        permit = parse_permit(body(datasets=[{"node": "athens", "dataset": "d"}]))
        hub.passes = hub.app.state.permits.issue(permit, "https://hub.test", hub.clock())[1]
        yield hub


def with_pass(hub, person):
    browser = Browser(hub)
    browser.send("/permit", do="show", **{"pass": str(hub.passes[person])})
    return browser


@pytest.fixture
def ana(hub):
    return with_pass(hub, "ana")


def saved(ana):
    got = ana.post("/saved", {"question": WOMEN, "name": "Our women"})
    assert got.status_code == 303, text(got)
    return urlsplit(got.headers["location"]).path


def test_what_is_saved_under_a_permit_is_seen_by_who_saved_it_alone(hub, ana):
    place = saved(ana)
    assert "Saved under the permit P-7" in text(ana.get(place))
    assert "Under the permit P-7 , seen by you alone." in text(ana.get("/saved"))
    for other in (Browser(hub), with_pass(hub, "ben")):
        assert other.get(place).status_code == 404
        assert "Our women" not in other.get("/saved").text


def test_when_the_permit_ends_the_list_says_by_which_rule(hub, ana):
    place = saved(ana)
    hub.app.state.permits.revoke("P-7", hub.clock())
    listed = ana.get("/saved")
    assert "It is asked no more." in text(listed)
    assert "The rule revoked says" in text(listed)
    assert place not in listed.text
    assert (ana.get(place).status_code, "The rule revoked says" in text(ana.get(place))) == (403, True)


def test_nobody_saves_without_a_pass_or_an_account(hub):
    assert Browser(hub).post("/saved", {"question": WOMEN, "name": "x"}).status_code == 401

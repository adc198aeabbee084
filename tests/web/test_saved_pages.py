"""Pages of saved questions under a permit, over a real hub; those that everybody sees have their tests in test_app."""

import json
import re
from urllib.parse import urlencode, urlsplit

import pytest
from tests.hub.people.guests import opened
from tests.hub.permitted_node import answering
from tests.permits import BEGIN, body
from tests.web.test_people_pages import Browser, text

from oncommons.client.inside import connect_inside
from oncommons.node.permitting import Manager
from oncommons.schema.permit import parse_permit
from oncommons.storage.decisions import Person
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


@pytest.fixture
def consenting(hub, tmp_path):
    """Athens, whose data manager consents to each question; what is called agrees to all that waits."""
    with answering(hub, "athens", tmp_path) as gate:
        gate.desk.home = gate.desk.home.with_demand("run")

        def agree():
            manager = Manager(gate.desk.home, Person("dm", "command"), hub.clock)
            for run in gate.ledger.runs.all(hub.clock()):
                if run.state == "waiting":
                    manager.agree(run.id)

        yield agree


def test_of_a_node_at_which_it_waits_for_consent_the_page_does_not_say_that_it_never_answered(hub, ana, consenting):
    place = urlsplit(ana.post("/saved", {"question": WOMEN, "name": "N", "reach": "5"}).headers["location"]).path
    words = text(ana.get(place))
    assert "Waits for the consent of its data manager: athens." in words
    assert "never answered" not in words
    assert "No answer when asked last" not in words
    consenting()
    hub.clock.now += 60
    hub.app.state.exchange.registry.called("athens", "1", hub.clock())
    hub.clock.now += 1
    ana.post("/saved", {"question": WOMEN, "name": "N", "reach": "5"})
    words = text(ana.get(place))
    assert "reached" in words
    assert "consent" not in words


def test_of_a_criterion_that_waits_for_consent_no_number_is_shown(hub, ana, consenting):
    asked = "/ask?" + urlencode({"question": WOMEN, "do": "ask"})
    ana.get(asked)
    consenting()
    weigh = re.search(r'href="(/answers/[^"/]+)', ana.get(asked).text)[1] + "/criteria?do=weigh"
    refused = ana.get(weigh)
    assert (refused.status_code, "It waits for the consent of the node's data manager" in text(refused)) == (409, True)
    consenting()
    page = ana.get(weigh)
    words = text(page)
    assert "sex is F waits for consent at athens" in words
    assert "nothing: any number, or none" in words
    assert "No node has told yet what any criterion costs." in words
    assert "too rough" not in words
    assert '<svg class="chart"' not in page.text
    assert "not answered by" not in words

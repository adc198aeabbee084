"""HTTP of signing in by providers."""

from dataclasses import replace

import pytest
from sqlalchemy import select, update
from tests.hub.callers import told
from tests.hub.people.guests import guest, link
from tests.hub.providers.liar import lying, visa

from oncommons.hub.people.tables import TRIES

BEGIN = "/api/sessions/providers/keycloak"


def test_everybody_sees_which_providers_there_are_and_nothing_else_of_them(met):
    got = met.hub("GET", "/api/sessions/providers")
    assert got.json() == {"providers": [{"name": "keycloak", "title": "Keycloak of Athens"}]}
    assert got.headers["cache-control"] == "no-store"


def test_nobody_is_led_to_a_provider_that_there_is_not(met):
    assert told(met.hub("POST", "/api/sessions/providers/another", json={})) == (404, "E404")
    assert told(met.hub("POST", "/api/sessions/providers/another/back", json={"state": "x", "browser": "y"})) == (
        401,
        "E381",
    )
    ana = guest(met.hub, met.mail())
    assert told(met.link(replace_provider(ana))) == (404, "E404")


def replace_provider(ana):
    """Somebody who wants to link an identity of a provider that there is not."""
    return lambda method, path, json: ana(method, path, json=json | {"provider": "another"})


@pytest.mark.parametrize(
    "body",
    [{"next": 7}, {"next": "x" * 2001}, {"invitation": "x" * 101}, {"browser": "x" * 101}, {"else": "x"}, [], "x"],
    ids=str,
)
def test_what_is_not_a_beginning_is_refused(met, body):
    assert told(met.hub("POST", BEGIN, json=body)) == (400, "E405")


@pytest.mark.parametrize(
    "body", [{}, {"state": "x"}, {"state": 1, "browser": "x"}, {"state": "x" * 2001, "browser": "x"}], ids=str
)
def test_what_is_not_a_return_is_refused(met, body):
    assert told(met.hub("POST", f"{BEGIN}/back", json=body)) == (400, "E405")


def test_somebody_comes_back_to_where_they_wanted_to_go(met):
    assert met.arrive(next="/ask?count=person").json()["next"] == "/ask?count=person"


def test_a_browser_keeps_its_secret_for_several_sign_ins_at_once(met):
    first = met.begin()
    second = met.begin(browser=first["browser"])
    assert second["browser"] == first["browser"]
    for begun in (second, first):
        assert met.back(begun, met.liar.authorize(begun["address"])).status_code == 201


def test_sign_ins_that_are_begun_for_ever_are_slowed_down_and_those_that_are_finished_do_not_count(met):
    settings = met.hub.app.state.settings
    met.hub.app.state.settings = replace(settings, url="http://127.0.0.1")  # then callers of this machine are counted
    met.guest()
    assert met.hub("POST", BEGIN, json={}).status_code == 201
    with met.hub.hub.database.write() as connection:
        mine = TRIES.c.name == "begun:127.0.0.1"
        assert connection.execute(select(TRIES.c.count).where(mine)).scalar() == 1
        connection.execute(update(TRIES).where(mine).values(count=199))
    codes = [met.hub("POST", BEGIN, json={}).status_code for _ in range(3)]
    met.hub.app.state.settings = settings
    assert codes == [201, 429, 429]


def test_the_passport_is_told_on_the_account_and_ends(met):
    with lying(met.hub.clock) as broker:
        met.book.put(replace(met.known, visas={broker.issuer: ""}))
        now = met.hub.clock.now
        met.liar.person = {"ga4gh_passport_v1": [visa(broker.key, broker.issuer, now, met.liar.subject)]}
        ana = met.guest()
    (seen,) = ana.about()["identities"][0]["visas"]
    assert (seen["standing"], seen["type"], seen["issuer"]) == ("verified", "ControlledAccessGrants", broker.issuer)
    met.hub.clock.now += 3_601
    assert [one["standing"] for one in ana.about()["identities"][0]["visas"]] == ["ended"]


def test_who_is_seen_by_operators_has_no_secret_of_a_provider(met):
    met.guest()
    op = guest(met.hub, met.mail("op"), "operator")
    got = op("GET", "/api/people")
    assert got.status_code == 200
    assert met.liar.issuer not in got.text


def test_a_link_and_an_identity_in_the_same_sign_in_give_one_account(met):
    secret = link(met.hub, met.mail())
    ana = met.guest(invitation=secret)
    assert met.guest().id == ana.id

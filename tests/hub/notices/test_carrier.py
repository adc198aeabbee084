"""Sending links that people have asked for."""

import asyncio
from dataclasses import replace

import pytest
from tests.hub.notices.catcher import catching
from tests.hub.people.guests import desk_of, guest, opened
from tests.hub.people.mailing import ask, carry, mails, secret_in

from oncommons.hub.notices.carrier import Carrier, carrying, links_sent
from oncommons.hub.notices.post import MailSettings
from oncommons.schema.errors_of_notices import MailNotSent, MailRefused

ANA = "ana@athens.example"


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    with opened(tmp_path_factory.mktemp("hub")) as hub:
        guest(mails(hub), ANA)
        yield hub


@pytest.fixture(autouse=True)
def later(hub):
    """Nobody has to wait after what another test has asked for."""
    hub.clock.now += 10 * 86_400


def test_a_link_arrives_at_the_address_and_says_what_it_is(hub):
    ask(hub, ANA, "password")
    with catching() as caught:
        MailSettings("127.0.0.1", "commons@hub.test", "none", caught.port).keep(hub.hub.settings.folder)
        assert Carrier(desk_of(hub).mailed, hub.hub.settings, hub.clock).round() == 1
    mails(hub)
    (message,) = caught.messages
    assert (message["to"], message["subject"]) == (ANA, "test: a link to set a new password")
    assert "http://hub.test/welcome/" in message.get_content()
    assert caught.envelopes == [("commons@hub.test", ANA)]


def test_a_link_is_sent_once(hub):
    ask(hub, ANA)
    assert (len(carry(hub)), len(carry(hub))) == (1, 0)


def test_a_server_that_is_away_gets_it_later(hub):
    ask(hub, ANA)

    def away(message):
        raise MailNotSent("away")

    assert carry(hub, away) == []
    assert carry(hub) == []
    hub.clock.now += 15
    assert len(carry(hub)) == 1


def test_a_server_that_says_no_for_good_is_not_asked_again(hub):
    ask(hub, ANA)

    def never(message):
        raise MailRefused("never")

    assert carry(hub, never) == []
    hub.clock.now += 60
    assert carry(hub) == []


def test_a_link_is_made_when_it_is_sent_and_lives_from_then(hub):
    browser = ask(hub, ANA).json()["browser"]
    hub.clock.now += 600
    (message,) = carry(hub)
    hub.clock.now += 899
    body = {"secret": secret_in(message), "browser": browser}
    assert hub("POST", "/api/invitations/accept", json=body).status_code == 201


@pytest.mark.parametrize(
    ("links", "url", "sends"),
    [("all", "http://hub.test", ("sign-in", "password")), ("password", "http://hub.test", ("password",)),
     ("none", "http://hub.test", ()), ("all", "", ())],
)  # fmt: skip
def test_the_operator_says_which_links_are_sent(hub, links, url, sends):
    assert links_sent(replace(hub.hub.settings, links=links, url=url)) == sends


def test_what_was_asked_for_before_links_were_turned_off_is_forgotten(hub):
    ask(hub, ANA)
    box = []
    off = replace(hub.hub.settings, links="password")
    assert Carrier(desk_of(hub).mailed, off, hub.clock, lambda _: box.append).round() == 0
    assert (box, carry(hub)) == ([], [])


def test_links_are_sent_in_the_background(hub):
    ask(hub, ANA)
    hub.portal.call(_carried, hub)
    assert carry(hub) == []


async def _carried(hub):
    done, loop = asyncio.Event(), asyncio.get_running_loop()
    carrier = Carrier(
        desk_of(hub).mailed, hub.hub.settings, hub.clock, lambda _: lambda _: loop.call_soon_threadsafe(done.set), 0.0
    )
    async with carrying(carrier):
        await done.wait()

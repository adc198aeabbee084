"""Signing in by a certified provider in a real browser, and out again at both."""

from dataclasses import replace

import pytest
from tests.hub.callers import listening
from tests.hub.providers.arriving import meeting
from tests.hub.providers.certifying import NEEDS_CERTIFIED, certified, client, introduced
from tests.web.browsing import LIGHT_AND_WIDE, NEEDS_CHROMIUM, examine, looking

from oncommons.client.inside import connect_inside
from oncommons.hub.providers.book import Given
from oncommons.web.app import mount_pages

pytestmark = [NEEDS_CHROMIUM, NEEDS_CERTIFIED, pytest.mark.timeout(120)]
ANA = {
    "name": "Ana Papadopoulou",
    "groups": ["/onco/researchers"],
    "visas": [
        {"type": "ResearcherStatus", "value": "https://doi.org/10.1038/s41431-018-0219-y", "source": "https://athens.example",
         "by": "so", "asserted": 1_700_000_000},
    ],
}  # fmt: skip
UNFOLD = "for (const d of document.querySelectorAll('main details')) d.open = true"


@pytest.fixture
def hub(tmp_path):
    with meeting(tmp_path, "required") as met, certified() as peer, introduced(met, peer):
        mount_pages(met.hub.app, connect_inside(met.hub.app), "0.1.0")
        with listening(met.hub) as url:
            met.hub.app.state.settings = replace(met.hub.app.state.settings, url=url)
            peer.tell(people={"ana": ANA}, clients=[client(redirect_uris=[f"{url}/sign-in/back/peer"])])
            given = (Given("groups", "/onco/researchers", "Athens General", "researcher"),)
            met.book.put(peer.provider(given=given, visas={peer.issuer: ""}))
            yield url


def test_a_whole_journey_through_the_pages_of_both(chromium, hub):
    with looking(chromium, hub, **LIGHT_AND_WIDE) as (page, _):
        page.goto(f"{hub}/sign-in?next=/account")
        page.click("text=Peer")
        page.fill("input[name=login]", "ana")
        page.click("button:text-is('Sign in')")
        page.click("button:text-is('Allow')")
        page.wait_for_url(f"{hub}/account")
        told = page.inner_text("main")
        assert "Ana Papadopoulou" in told
        assert "researcher" in told
        assert "ResearcherStatus" in page.content()
        examine(page, UNFOLD, narrow=360)
        page.click("button:text-is('Sign out')")
        page.wait_for_url(f"{hub}/sign-in?left=peer")
        examine(page, UNFOLD, narrow=360)
        page.click("text=Sign out of Peer too")
        page.click("button:text-is('Sign out')")
        page.goto(f"{hub}/sign-in/with/peer")
        assert page.inner_text("h1") == "Sign in at the provider"
        page.goto(f"{hub}/account")
        assert "/sign-in" in page.url

"""Writing an application in a real browser: saved as it is typed, two tabs lose nothing, accessible."""

from __future__ import annotations

import socket
import threading

import pytest
import uvicorn
from tests.hub.applications.writers import attach, begun, fill, look
from tests.hub.people.guests import guest, opened
from tests.web.browsing import LIGHT_AND_WIDE, NEEDS_CHROMIUM, begin, examine, looking

from oncommons.client.inside import connect_inside
from oncommons.web.app import mount_pages

UNFOLD = 'for (const d of document.querySelectorAll("main details.talk, main details:not([data-pick])")) d.open = true'
SAVED = "#saved:has-text('Saved at')"

pytestmark = NEEDS_CHROMIUM


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    with opened(tmp_path_factory.mktemp("hub"), people="required") as hub:
        fill(hub)
        mount_pages(hub.app, connect_inside(hub.app), "0.1.0")
        yield hub


@pytest.fixture(scope="module")
def url(hub):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        server = uvicorn.Server(uvicorn.Config(hub.app, log_config=None, lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [taken]}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"
        server.should_exit = True
        thread.join(10)


@pytest.fixture(scope="module")
def ana(hub):
    return guest(hub)


def enter(page, url, ana):
    """Have a browser keep the session of somebody."""
    page.context.add_cookies([{"name": "oncommons_session", "value": ana.session, "url": url}])


def test_what_is_typed_is_saved_and_two_tabs_lose_nothing(chromium, url, ana):
    made = begun(ana, title="First")
    with looking(chromium, url, **LIGHT_AND_WIDE) as (page, heard):
        enter(page, url, ana)
        page.goto(f"{url}/applications/{made}/write/project")
        other = page.context.new_page()
        other.goto(f"{url}/applications/{made}/write/project")
        other.fill("#i-title", "From the other tab")
        other.wait_for_selector(SAVED)
        page.fill("#i-summary", "Nobody else wrote here.")
        page.fill("#i-title", "From this tab")
        page.wait_for_selector(".conflict:has-text('From the other tab')")
        answers = look(ana, made)["application"]["answers"]
        assert answers == {"title": "From the other tab", "summary": "Nobody else wrote here."}
        assert page.input_value("#i-title") == "From this tab"
        page.click("text=Let mine stand")
        page.wait_for_selector(SAVED)
        assert look(ana, made)["application"]["answers"]["title"] == "From this tab"
        assert not heard


def test_the_pages_are_accessible_and_fit(chromium, url, ana):
    made = begun(ana, title="A title", begin="soon", datasets=["athens/lung"], ehds=["CARE"], question="{")
    attach(ana, made)
    ana("POST", f"/api/applications/{made}/comments", json={"paragraph": "title", "text": "Too short?"})
    with looking(chromium, url, **LIGHT_AND_WIDE) as (page, heard):
        enter(page, url, ana)
        for path in ("", f"/{made}", f"/{made}/write/data", f"/{made}/write/ethics"):
            begin(page, [])
            assert page.goto(f"{url}/applications{path}").status == 200
            examine(page, UNFOLD, narrow=360)
        assert not heard

"""Pages of projects and of the audit log, over a real hub in this process."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.hub.audit.logs import PERMITS, a_story
from tests.hub.people.guests import guest
from tests.hub.projects.test_routes import issue
from tests.web.test_people_pages import EVIL, Browser, browser, hub, text  # noqa: F401  fixtures

from oncommons.hub.projects.rules import Report, Story
from oncommons.storage.audit_hub import AUDIT_ENTRY, HubLog
from oncommons.storage.chain import Event


@pytest.fixture
def officer(hub, browser):  # noqa: F811
    """An operator who is signed in, at a hub with a story."""
    hub.app.state.index = replace(hub.app.state.index, permits=lambda: PERMITS)
    a_story(hub.hub.database, 70)
    found = guest(hub, "op@hub.example", "operator", "Hub")
    browser.sign_in(found.email)
    return found


def test_strangers_see_which_projects_use_which_data_for_what(hub, browser):  # noqa: F811
    assert "No project uses data of this federation now" in text(browser.get("/projects"))
    issue(hub, title="Lung", id="A/1 x".replace("/", "-").replace(" ", "_"))
    hub.app.state.stories = lambda _: {"A-1_x": Story("In plain words.", (Report("It works.", hub.clock()),))}
    got = text(browser.get("/projects"))
    for words in ("1 project uses data", "Lung", "may ask now", "0 questions answered", "In plain words.",
                  "scientific research about health or care", "Data of athens-general: 1 dataset"):  # fmt: skip
        assert words in got, words
    one = text(browser.get("/projects/A-1_x"))
    for words in ("In plain words.", "It works.", "EHDS, Article 53(1)(e)", "disease specific research", "A-1_x"):
        assert words in one, words
    assert "ana@athens" not in got + one
    assert browser.get("/projects/none").status_code == 404


def test_projects_are_in_the_navigation(browser):  # noqa: F811
    assert 'href="/projects"' in browser.get("/about").text


def test_the_first_line_says_whether_the_log_is_whole(hub, browser, officer):  # noqa: F811
    size = HubLog(hub.hub.database).head().size
    assert f"The log is whole: {size} entries" in text(browser.get("/audit/entries"))
    with hub.hub.database.write() as connection:
        connection.execute(AUDIT_ENTRY.delete().where(AUDIT_ENTRY.c.number == 5))
    again = browser.get("/audit/entries?kind=asked&prove=anew")
    assert "The log is not what it was" in text(again)
    assert "Entry 5 is not where it should be" in text(again)


def test_an_officer_searches_page_by_page(hub, browser, officer):  # noqa: F811
    first = browser.get("/audit/entries")
    assert "Earlier entries" in text(first)
    assert first.text.count('<tr id="e') == 50
    found = browser.get("/audit/entries?kind=answered&permit=P-7")
    assert found.text.count("<strong>answered</strong>") == found.text.count('<tr id="e') > 3
    assert "Released: d: 7" in text(found)
    assert "Rule threshold" in text(found)
    assert "No entry fits" in text(browser.get("/audit/entries?permit=none"))


def test_what_cannot_be_looked_for_is_told_beside_the_log(browser, officer):  # noqa: F811
    wrong = browser.get("/audit/entries?since=yesterday&node=athens")
    assert (wrong.status_code, "since is a day" in text(wrong), 'value="athens"' in wrong.text) == (400, True, True)
    assert wrong.text.count('<tr id="e') == 50


def test_who_may_not_look_is_told_or_led_to_sign_in(hub, browser):  # noqa: F811
    assert browser.get("/audit/entries").headers["location"] == "/sign-in?next=/audit/entries"
    browser.sign_in(guest(hub).email)
    assert browser.get("/audit/entries").status_code == 403
    officer_ = Browser(hub)
    officer_.sign_in(guest(hub, "off@athens.example", "access-officer").email)
    got = officer_.get("/audit/entries")
    assert "No node is named for your organisation" in text(got)
    assert got.headers["cache-control"] == "private, no-store"


def test_words_that_are_scripts_are_words(hub, browser, officer):  # noqa: F811
    issue(hub, title="<script>alert(1)</script>", id="P-77")
    hub.app.state.stories = lambda _: {"P-77": Story(EVIL, (Report(EVIL, hub.clock()),))}
    HubLog(hub.hub.database).enter(
        Event(EVIL, {"node": EVIL, EVIL: EVIL, "permit": EVIL, "project": EVIL}, hub.clock())
    )
    pages = ["/projects", "/projects/P-77", "/audit/entries", "/audit/entries?text=%22%3E%3Cscript%3Ealert(1)"]
    for path in pages:
        got = browser.get(path)
        assert got.status_code == 200, path
        assert "<script>alert" not in got.text, path
        assert "alert(1)" in got.text, path

"""Pages of the inbox over a real hub in this process."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.hub.notices.test_telling import DAY, notice
from tests.hub.people.guests import PASSWORD, guest
from tests.permits import body
from tests.web.test_people_pages import EVIL, Browser, browser, hub, text  # noqa: F401  fixtures

from oncommons.hub.notices.inbox import Inbox
from oncommons.hub.notices.reminding import remind
from oncommons.hub.notices.telling import tell
from oncommons.hub.saved.drawer import Drawer
from oncommons.hub.saved.waiters import Waiters
from oncommons.hub.search.permitted import Under
from oncommons.schema.parsing import parse_question
from oncommons.schema.permit import parse_permit


@pytest.fixture
def ana(hub, browser):  # noqa: F811
    found = guest(hub)
    browser.client.cookies.set("oncommons_browser", found.device, domain="hub.test")  # a new one would be news
    browser.sign_in(found.email, PASSWORD)
    return found


def say(hub, *notices):  # noqa: F811
    with hub.hub.database.write() as connection:
        tell(connection, notices, hub.clock())


def test_what_waits_stands_before_the_news_with_the_time_that_is_left(hub, browser, ana):  # noqa: F811
    soon, late = notice(ana.id, "a", says="Vote.", until=hub.clock() + 3 * DAY), notice(ana.id, "b", says="Issued.")
    say(hub, soon, late, notice(ana.id, "c", says="Check.", until=hub.clock() - 1))
    got = text(browser.get("/inbox"))
    assert "2 things wait for you 1 unread notice besides" in got
    order = [got.index(word) for word in ("Check.", "has just passed", "Vote.", "in 3 days", "News", "Issued.")]
    assert order == sorted(order)


def test_every_page_shows_how_much_there_is_to_who_is_signed_in(hub, browser, ana):  # noqa: F811
    stranger = Browser(hub)
    assert "Inbox" not in text(stranger.get("/about"))
    assert "Inbox 0" not in text(browser.get("/about"))
    say(hub, notice(ana.id, "a", until=hub.clock() + DAY), notice(ana.id, "b"))
    for path in ("/", "/about", "/account", "/inbox", "/nothing/here"):
        assert "Inbox 2 new or waiting" in text(browser.get(path)), path


def test_notices_are_marked_as_read_one_by_one_and_all(hub, browser, ana):  # noqa: F811
    say(hub, *[notice(ana.id, str(i), says=f"News {i}.") for i in range(3)])
    first = Inbox(hub.hub.database).news(ana.id)[0][0]["id"]
    assert browser.send("/inbox", id=first).status_code == 303
    assert "Inbox 2 new" in text(browser.get("/inbox"))
    browser.send("/inbox")
    assert "Mark all as read" not in browser.get("/inbox").text


def test_how_one_is_told_is_chosen_on_a_page(hub, browser, ana):  # noqa: F811
    assert "This hub sends no e-mail" in text(browser.get("/inbox/wishes"))
    got = browser.send("/inbox/wishes", permit="daily", decision="none")
    assert got.headers["location"] == "/inbox/wishes?kept=1"
    assert Inbox(hub.hub.database).wishes(ana.id)["permit"] == "daily"
    assert "It is kept" in text(browser.get("/inbox/wishes?kept=1"))
    wrong = browser.send("/inbox/wishes", permit="weekly")
    assert (wrong.status_code, "E405" in wrong.text) == (400, True)


@pytest.mark.parametrize("path", ["/inbox", "/inbox/wishes"])
def test_nobody_is_led_to_sign_in_and_a_form_of_another_site_does_nothing(hub, browser, ana, path):  # noqa: F811
    assert Browser(hub).get(path).headers["location"] == f"/sign-in?next={path}"
    say(hub, notice(ana.id))
    assert browser.post(path, {"form": "x", "permit": "none"}).status_code == 403
    assert browser.send(path, {"origin": "https://evil.example"}, permit="none").status_code == 403
    assert Inbox(hub.hub.database).wishes(ana.id)["permit"] == "at once"
    assert Inbox(hub.hub.database).counts(ana.id)["unread"] == 1


def test_words_that_are_scripts_are_words(hub, browser, ana):  # noqa: F811
    say(hub, notice(ana.id, "a", says=EVIL), notice(ana.id, "b", says=EVIL, until=hub.clock() + DAY))
    got = browser.get("/inbox").text
    assert "<script>alert" not in got
    assert got.count("&lt;script&gt;alert(1)&lt;/script&gt;&#39;{{7*7}}") >= 2


def test_pages_of_news_lead_on_and_back(hub, browser, ana):  # noqa: F811
    say(hub, *[notice(ana.id, str(i)) for i in range(51)])
    assert 'href="/inbox?page=2"' in browser.get("/inbox").text
    assert 'href="/inbox?page=1"' in browser.get("/inbox?page=2").text
    assert "There is no page 3" in text(browser.get("/inbox?page=3"))
    assert browser.get("/inbox?page=x").status_code == 200


def test_numbers_that_somebody_waits_for_are_listed_and_left(hub, browser, ana):  # noqa: F811
    assert "You wait for no number" in text(browser.get("/inbox/watches"))
    body = {"name": EVIL[:60], "question": {"count": "person"}, "reach": 50}
    saved = ana("POST", "/api/saved", json=body).json()["id"]
    page = browser.get("/inbox/watches")
    assert ("You wait for 1 number" in text(page), "<script>alert" in page.text) == (True, False)
    assert browser.post("/inbox/watches", {"form": "x", "id": saved}).status_code == 403
    for _ in range(2):  # what is left already may be left again
        sent = browser.send("/inbox/watches", page="/inbox/wishes", id=saved)
        assert sent.headers["location"] == "/inbox/watches"
    assert "You wait for no number" in text(browser.get("/inbox/watches"))
    assert Browser(hub).get("/inbox/watches").headers["location"] == "/sign-in?next=/inbox/watches"


def test_a_reminder_is_called_one(hub, browser, ana):  # noqa: F811
    say(hub, notice(ana.id, says="Vote.", until=hub.clock() + 3 * DAY))
    assert "reminder" not in text(browser.get("/inbox"))
    remind(hub.hub.database, 7, hub.clock() + 2 * DAY)
    assert "Vote. reminder" in text(browser.get("/inbox"))


def test_what_is_waited_for_under_a_permit_is_listed_once_its_pass_was_shown(hub, browser, ana):  # noqa: F811
    now = hub.clock()
    permit = replace(parse_permit(body(people=[ana.id])), not_before=int(now))
    given = hub.app.state.permits.issue(permit, "https://hub.test", now)[1][ana.id]
    drawer, under = Drawer(hub.hub.database, "Hub", "https://hub.test"), Under("P-7", ana.id)
    saved = drawer.save("Secret", parse_question({"count": "person", "nodes": [permit.datasets[0].node]}), now, under)
    drawer.watch(saved.id, 50, now, under)
    Waiters(hub.hub.database).wait(saved.id, 50, ana.id, now)
    assert "You wait for no number" in text(browser.get("/inbox/watches"))
    assert browser.send("/permit", do="show", **{"pass": str(given)}).status_code == 303
    page = text(browser.get("/inbox/watches"))
    assert ("You wait for 1 number" in page, "Secret under permit P-7 50" in page) == (True, True)

"""The page about people who opted out, over a real node."""

import re
from html import unescape

import pytest
from tests.node.tables import import_rows
from tests.web.visitor import visiting

from oncommons.client.inside import steward_inside
from oncommons.node.desk import Desk
from oncommons.node.home import make_home
from oncommons.node.optouts import opted_out, pseudonyms_of
from oncommons.node.steward.routes import steward_app
from oncommons.policy.disclosure.counts import Policy
from oncommons.storage.journal import records
from oncommons.web.console import make_console_pages


@pytest.fixture
def home(tmp_path):
    made = make_home(tmp_path / "node", Policy("open"))
    import_rows(made, tmp_path, *({"person": f"p{n}"} for n in range(5)))
    return made


@pytest.fixture
def browser(home):
    with visiting(make_console_pages(steward_inside(steward_app(home)), "0.1.0")) as found:
        yield found


def words(page):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


def send(browser, **fields):
    return browser.post("/optouts", data=fields)


def test_people_are_listed_and_let_back_in(browser, home):
    assert "Nobody is listed." in words(browser.get("/optouts"))
    found = words(send(browser, way="out", numbers="p1\r\n\r\np2\r\nelsewhere", by="Mira"))
    assert "3 listed now, 0 had been before. Of those named, the node has data of 2." in found
    assert all(name in found for name in opted_out(home))
    assert "p1" not in found
    assert Desk(home).answer({"count": "person"}).certain.at_least == 3
    assert {(one["by"], one["way"]) for one in records(home.optouts_log)} == {("Mira", "console")}
    (pseudonym,) = pseudonyms_of(home, ["p1"])
    assert "1 came back, 0 were not on the list." in words(send(browser, way="back", pseudonyms=pseudonym))
    assert Desk(home).answer({"count": "person"}).certain.at_least == 4


def test_what_cannot_be_a_number_is_told_beside_what_was_typed(browser, home):
    page = send(browser, way="out", numbers="p1\n<a\\b>", by="Mira")
    assert (page.status_code, opted_out(home)) == (400, {})
    assert "number 2" in words(page)
    assert "p1\n&lt;a\\b&gt;</textarea>" in page.text
    assert 'value="Mira"' in page.text


@pytest.mark.parametrize("fields", [{"way": "out"}, {"way": "away", "numbers": "p1"}])
def test_a_form_that_says_nothing_changes_nothing(fields, browser, home):
    assert (send(browser, **fields).status_code, opted_out(home)) == (400, {})


def test_another_site_can_list_nobody(browser, home):
    page = browser.post("/optouts", data={"way": "out", "numbers": "p1"}, headers={"sec-fetch-site": "cross-site"})
    assert (page.status_code, opted_out(home)) == (403, {})


def test_a_list_that_is_lost_is_told(browser, home):
    send(browser, way="out", numbers="p1")
    home.optouts_file.unlink()
    page = browser.get("/optouts")
    assert page.status_code == 503
    assert "E366" in words(page)

"""The page of a node's console about analyses, over a real node."""

import re
import time
from contextlib import closing
from html import unescape

import pytest
from tests.web.visitor import visiting

from oncommons.client.inside import steward_inside
from oncommons.node.home import make_home, open_home
from oncommons.node.steward.routes import steward_app
from oncommons.policy.disclosure.counts import Policy
from oncommons.storage.analysed import Analysed
from oncommons.web.admitted_pages import crowds_in_words
from oncommons.web.console import make_console_pages


@pytest.fixture
def home(tmp_path):
    return make_home(tmp_path / "node", Policy("threshold", 10))


@pytest.fixture
def browser(home):
    with visiting(make_console_pages(steward_inside(steward_app(home)), "0.1.0")) as found:
        yield found


def words(page):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


def send(browser, **fields):
    return browser.post("/analyses", data=fields)


def test_analyses_are_admitted_and_withdrawn(browser, home):
    assert "This node makes no analyses" in words(browser.get("/analyses"))
    page = words(send(browser, do="admit", analysis=["cox", "survival"], by="Mira"))
    assert "Admitted from now on: cox, survival." in page
    assert "analyses are made here" in page
    assert open_home(home.folder).analyses == {"cox", "survival"}
    assert "Withdrawn from now on: cox." in words(send(browser, do="withdraw", analysis="cox"))
    assert open_home(home.folder).analyses == {"survival"}


def test_each_stands_with_what_it_tells_and_the_rules_that_guard_it(browser):
    page = words(browser.get("/analyses"))
    assert "Hazard ratios of Cox's model" in page
    assert "several rounds, with some settings or all; these are secured with those of other hospitals" in page
    assert "A result rests upon at least 10 people; nobody is too few." in page
    assert "Nothing was analysed here yet." in page


@pytest.mark.parametrize("fields", [{"do": "admit"}, {"do": "admit", "analysis": "nothing"}, {"analysis": "cox"}])
def test_a_form_that_cannot_be_read_changes_nothing_and_says_why(fields, browser, home):
    page = send(browser, **fields)
    assert page.status_code in {400, 422}
    assert "Nothing was changed" in words(page)
    assert open_home(home.folder).analyses == frozenset()


def test_another_site_admits_nothing(browser, home):
    page = browser.post("/analyses", data={"do": "admit", "analysis": "cox"}, headers={"sec-fetch-site": "cross-site"})
    assert (page.status_code, open_home(home.folder).analyses) == (403, frozenset())


def test_what_stayed_here_is_told_by_project_where_there_is_any(browser, home):
    assert "What stayed here" not in words(browser.get("/analyses"))
    with closing(Analysed(home.analysed_file)) as ledger:
        for number in range(100):
            ledger.enter_withheld("lung-2026", bytes([number]), time.time())
        ledger.enter_withheld("skin", b"1", time.time())
    page = words(browser.get("/analyses"))
    assert "lung-2026 100 none are made skin 1 goes on" in page
    assert "of which 100 analyses were refused within 30 days" in page


def test_the_ledger_is_told_in_plain_words(browser, home):
    with closing(Analysed(home.analysed_file)) as ledger:
        ledger.enter("lung", 0b111, "cox", 1_790_000_000.0)
        ledger.enter("lung", 0b011, "cox", 1_790_100_000.0)
    page = words(browser.get("/analyses"))
    assert "In one dataset, 2 different crowds of people were analysed; the last that was new on 2026-09-22." in page
    one = [{"dataset": "a", "crowds": 1, "last": "2026-01-01"}]
    assert "one crowd of people was analysed" in crowds_in_words(one)


def test_under_private_it_is_said_that_nothing_is_made(tmp_path):
    home = make_home(tmp_path / "private", Policy("private"))
    with visiting(make_console_pages(steward_inside(steward_app(home)), "0.1.0")) as browser:
        assert "Under the rule private this node makes no analyses" in words(browser.get("/analyses"))

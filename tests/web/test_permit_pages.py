"""The pages of a node's console about permits, over a real node."""

import re
import shutil
from html import unescape

import pytest
from tests.node.steward.asked import EVIL, asked_home
from tests.web.visitor import visiting

from oncommons.client.inside import steward_inside
from oncommons.node.home import open_home
from oncommons.node.steward.permits import DOINGS, permit_json, permits_json
from oncommons.node.steward.routes import steward_app
from oncommons.web.console import make_console_pages
from oncommons.web.permit_pages import _DONE


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    return asked_home(tmp_path_factory.mktemp("template"))


@pytest.fixture
def asked(template, tmp_path):
    """A copy of the node, and the name of the question that waits."""
    return open_home(shutil.copytree(template[0].folder, tmp_path / "athens")), template[1]


@pytest.fixture
def home(asked):
    return asked[0]


@pytest.fixture
def browser(home):
    with visiting(make_console_pages(steward_inside(steward_app(home)), "0.1.0")) as found:
        yield found


def words(page):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


def state(home, name):
    return next(run["state"] for run in permits_json(home)["runs"] if run["run"] == name)


def test_what_waits_stands_first_with_who_asks_what_and_for_what(browser):
    page = browser.get("/permits")
    text = words(page)
    assert page.status_code == 200
    for part in ("One question waits for you", "Count people, by dataset and sex.", "Who asks ana", "Scientific"):
        assert part in text
    assert "Permits 1 wait" in text, "the number is on every page"
    assert EVIL not in page.text


def test_a_permit_tells_what_was_asked_and_what_left(browser):
    page = browser.get("/permits/P-7")
    text = words(page)
    for part in ("d: 20–29 certain", "it waited for consent", "Declined by mira", "not among the variables", "holds"):
        assert part in text
    assert EVIL not in page.text


@pytest.mark.parametrize("path", ["/permits", "/permits/P-7"])
def test_a_question_is_agreed_to_from_either_page(path, browser, asked):
    home, name = asked
    page = browser.post(path, data={"do": "agree", "run": name, "days": "3", "reason": "", "by": "Mira"})
    assert (page.status_code, state(home, name)) == (200, "agreed")
    assert "Agreed: the question is answered once" in words(page)
    assert permit_json(home, "P-7")["history"][0]["by"] == "Mira"


def test_a_reason_that_may_not_leave_is_told_beside_what_was_typed(browser, asked):
    home, name = asked
    page = browser.post("/permits", data={"do": "decline", "run": name, "reason": 'Only 3 "match".', "by": "Mira"})
    assert (page.status_code, state(home, name)) == (400, "waiting")
    assert "without digits" in words(page)
    assert "Only 3 &#34;match&#34;." in page.text
    assert browser.post("/permits", data={"do": "decline", "run": name, "reason": "Too broad."}).status_code == 200
    assert state(home, name) == "declined"


def test_a_permit_is_taken_back_where_the_box_is_ticked(browser, home):
    told = {"do": "revoke", "permit": "P-7"}
    assert browser.post("/permits/P-7", data=told).status_code == 400
    assert permit_json(home, "P-7")["standing"] == "holds"
    page = browser.post("/permits/P-7", data={**told, "sure": "yes"})
    assert "The permit holds no more at this node." in words(page)
    assert permit_json(home, "P-7")["standing"] == "taken back here"
    assert "Take it back" not in words(page)


def test_consent_and_restriction_are_given_and_taken_by_forms(browser, home):
    for do, shown in (("consent", "Withdraw consent"), ("withdraw", "Consent to questions")):
        assert shown in words(browser.post("/permits/P-7", data={"do": do, "project": "lung"}))
    taken = {"do": "restrict", "project": "lung", "variables": ["person.sex"], "groups": "no", "until": "2027-01-31"}
    page = browser.post("/permits/P-7", data=taken)
    assert "without counts by codes, without person.sex, until 2027-01-31" in words(page)
    assert 'value="person.sex" checked disabled' in page.text
    browser.post("/permits/P-7", data={"do": "lift", "project": "lung"})
    assert permit_json(home, "P-7")["decided"]["words"] == "no consent"


@pytest.mark.parametrize("fields", [{}, {"do": "agree"}, {"do": "agree", "run": "x", "days": "many"}])
def test_a_form_that_says_nothing_changes_nothing(fields, browser):
    page = browser.post("/permits", data=fields)
    assert (page.status_code, "Nothing was changed" in words(page)) == (400, True)


def test_what_does_not_wait_any_more_is_told(browser):
    page = browser.post("/permits", data={"do": "agree", "run": "nobody"})
    assert (page.status_code, "E404" in words(page)) == (404, True)


def test_another_site_can_decide_nothing(browser, asked):
    home, name = asked
    foreign = {"sec-fetch-site": "cross-site"}
    assert browser.post("/permits", data={"do": "agree", "run": name}, headers=foreign).status_code == 403
    away = {"do": "revoke", "permit": "P-7", "sure": "yes"}
    assert browser.post("/permits/P-7", data=away, headers=foreign).status_code == 403
    assert (state(home, name), permit_json(home, "P-7")["standing"]) == ("waiting", "holds")


def test_a_permit_that_was_not_shown_has_no_page(browser):
    assert browser.get("/permits/P-none").status_code == 404


def test_everything_that_can_be_done_has_words_for_its_end():
    assert _DONE.keys() == DOINGS.keys()

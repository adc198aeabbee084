"""The pages in a real browser: accessible in light and dark, quiet, and complete without JavaScript."""

from __future__ import annotations

import importlib
import socket
import threading
from collections.abc import Iterator

import pytest
import uvicorn
from tests.web.browsing import LIGHT_AND_WIDE, NEEDS_CHROMIUM, RULES, WIDTH, begin, examine, looking
from tests.web.fake_hub import FakeHub, cards_of
from tests.web.fake_runs import record

from oncommons.service.http import Guard
from oncommons.web.app import make_pages

UNFOLD = """for (const d of document.querySelectorAll("main details:not([data-pick], .others), [id='also.modality']"))
d.open = true"""
"""Opens what is folded; of the many lists of codes, which are all alike, one."""
PAGES = {
    "/": 200,
    "/ask": 200,
    "/ask?person.sex=F&series.modality=MR&series.manufacturer=SIEMENS&do=ask": 200,
    "/ask?count=series&by=sex&by=modality&do=ask": 200,
    "/ask?person.sex=F&nodes=athens&nodes=cork&do=ask": 200,
    "/ask?person.age.from=abc": 422,
    "/datasets?q=breast": 200,
    "/datasets/bologna/breast_00": 200,
    "/nodes": 200,
    "/analyses": 200,
    "/runs": 200,
    "/runs/r1": 200,
    "/runs/r2?still=1": 200,
    "/dictionary": 200,
    "/about": 200,
    "/audit": 200,
    "/sign-in": 200,
    "/permit": 200,
    "/help/errors": 200,
    "/help/errors/E103": 200,
    "/nowhere": 404,
}

pytestmark = NEEDS_CHROMIUM


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """The pages behind a real server, with the headers that a hub sends."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        hub = FakeHub(cards_of(each=6))
        hub.runs.put("r1", "done", record=record())
        hub.runs.put("r2", "running")
        app = Guard(make_pages(hub.connection(), "0.1.0"))
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [taken]}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"
        server.should_exit = True
        thread.join(10)


@pytest.fixture(scope="module")
def tabs(chromium, url):
    """Two pages, one with JavaScript and one without, and what they say; they go from address to address, as readers do."""
    with (
        looking(chromium, url, **LIGHT_AND_WIDE) as scripted,
        looking(chromium, url, java_script_enabled=False) as plain,
    ):
        yield scripted, plain


@pytest.fixture
def looker(tabs):
    """The page with JavaScript, as it was at first."""
    begin(*tabs[0])
    return tabs[0]


@pytest.fixture
def plain(tabs):
    """The page without JavaScript, as it was at first."""
    begin(*tabs[1])
    return tabs[1]


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_accessible_fits_and_is_quiet(looker, url, path):
    page, heard = looker
    assert page.goto(url + path).status == PAGES[path]
    examine(page, UNFOLD, narrow=360)
    assert [text for text in heard if f"status of {PAGES[path]}" not in text] == []


def test_what_each_criterion_costs_is_accessible(looker, url):
    axe = importlib.import_module("axe_playwright_python.sync_playwright").Axe()
    page, heard = looker
    page.goto(f"{url}/ask?person.sex=F&series.modality=MR&series.manufacturer=SIEMENS&do=ask")
    page.get_by_role("link", name="/answers/").click()
    page.get_by_role("link", name="What does each criterion cost?").wait_for()
    found = axe.run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()
    page.get_by_role("link", name="What does each criterion cost?").click()
    page.get_by_role("img", name="More people without a criterion").wait_for()
    examine(page, UNFOLD, narrow=360)
    assert page.get_by_role("row").count() == 1 + 3
    assert heard == []


def test_a_kept_question_is_accessible_and_needs_no_javascript(looker, plain, url):
    axe = importlib.import_module("axe_playwright_python.sync_playwright").Axe()
    page, heard = plain
    page.goto(f"{url}/ask?person.sex=F&do=ask")
    page.get_by_role("link", name="/answers/").click()
    page.get_by_label("Name").fill("Women of the federation")
    page.get_by_label("Wait until so many are certain").fill("60")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("heading", name="How to cite it").wait_for()
    page.get_by_role("img", name="People certain at each node").wait_for()
    address = page.url
    feed = page.locator("link[rel=alternate]").get_attribute("href")
    assert page.get_by_role("link", name="Feed of its changes").get_attribute("href") == feed
    assert heard == []
    page, _ = looker
    page.set_viewport_size({"width": 360, "height": 800})
    page.goto(f"{url}/ask?person.sex=F&series.modality=MR&do=ask")
    price = page.get_by_role("link", name="/answers/").get_attribute("href")
    for path in (address, f"{url}/saved", f"{url}{price}/criteria"):
        page.goto(path)
        page.evaluate(UNFOLD)
        assert page.evaluate(WIDTH) <= 360
        found = axe.run(page, options=RULES)
        assert found.violations_count == 0, found.generate_report()


def test_an_analysis_is_made_without_javascript(plain, url):
    page, heard = plain
    page.goto(f"{url}/analyses/survival")
    for role, field in (("time", "person.follow_up"), ("event", "person.vital_status"), ("by", "person.sex")):
        page.locator(f"[id='v.{role}.0.field']").select_option(field)
    page.get_by_role("button", name="Fit the form to the fields").click()
    page.locator("[name='v.event.0.codes'][value=DEAD]").check()
    page.locator("[id='v.event.0.name']").fill("9 died")
    page.locator("[id='v.event.0.name']").press("Enter")
    page.get_by_role("link", name="go to it").click()
    page.locator("[id='v.event.0.name']").fill("died")
    page.get_by_role("button", name="Show the run").last.click()
    page.get_by_role("heading", name="The run, before it is made").wait_for()
    assert '"event": "died"' in page.locator("#run").input_value()
    page.get_by_role("button", name="Make the analysis").click()
    page.get_by_role("heading", name="Being made: round 1").wait_for()
    assert [text for text in heard if "status of 422" not in text] == []


def test_a_form_that_is_filled_in_is_accessible(looker, url):
    page, heard = looker
    page.goto(f"{url}/analyses/cox")
    for i, (field, kind) in enumerate(
        (("person.sex", "yes"), ("condition.age_at_diagnosis", "code"), ("person.age", "yes"))
    ):
        page.locator(f"[id='v.covariates.{i}.field']").select_option(field)
        page.locator(f"[id='v.covariates.{i}.kind']").select_option(kind)
    page.get_by_role("button", name="Show the run").last.click()
    page.get_by_role("alert").wait_for()
    examine(page, "0", narrow=360)
    assert [text for text in heard if "status of 422" not in text] == []


@pytest.mark.parametrize("field", ["from", "to", "Code"])
def test_enter_in_a_field_asks_and_nothing_is_twice_in_the_order_of_tabs(plain, url, field):
    page, heard = plain
    page.goto(f"{url}/ask?person.sex=F&condition.code=ICD10:C34")  # a part that is in use stands open
    name = {"from": "person.age.from", "to": "person.age.to", "Code": "condition.code"}[field]
    box = page.locator(f'[name="{name}"]').first
    box.fill("ICD10:C50" if field == "Code" else "40")
    box.press("Enter")
    page.get_by_role("heading", name="The answer", exact=True).wait_for()
    assert page.get_by_role("button", name="Ask the federation").count() == 1
    assert page.locator('#builder button:not([tabindex="-1"])').count() == 3
    assert heard == []


def test_enter_beside_find_finds(looker, url):
    page, _ = looker
    page.goto(f"{url}/ask?person.sex=F")
    page.get_by_label("Find a code by words").fill("lung cancer")
    page.get_by_label("Find a code by words").press("Enter")
    page.get_by_role("link", name="ICD10:C34").first.wait_for()
    assert page.locator("#answer").count() == 0


def test_a_question_is_asked_without_javascript(plain, url):
    page, heard = plain
    page.goto(url)
    page.get_by_role("link", name="Ask the federation").click()
    page.get_by_role("checkbox", name="F female").check()
    page.get_by_label("from").first.fill("40")
    series = page.get_by_role("group", name="A series")
    series.get_by_text("Modality", exact=True).first.click()
    series.get_by_role("checkbox", name="MR magnetic resonance").check()
    page.get_by_role("button", name="Show the question").click()
    words = "Count people where sex is F and age is at least 40 and some series has (modality is MR), by dataset."
    page.get_by_text(words).wait_for()
    page.get_by_role("button", name="Ask the federation").click()
    page.get_by_role("heading", name="Not in these numbers: 2 of 5 nodes").wait_for()
    page.get_by_role("img", name="People by node").wait_for()
    page.get_by_role("link", name="/answers/").click()
    page.get_by_role("heading", name=words).wait_for()
    assert heard == []


def test_nodes_are_chosen_without_javascript(plain, url):
    page, heard = plain
    page.goto(f"{url}/ask?person.sex=F")
    page.get_by_text("Nodes to ask").first.click()
    page.get_by_role("checkbox", name="athens").check()
    page.get_by_role("button", name="Ask the federation").click()
    page.get_by_role("heading", name="Not the total of the federation: 4 of 5 nodes were not asked").wait_for()
    page.get_by_role("link", name="/answers/").click()
    page.get_by_role("heading", name="Count people where sex is F, by dataset, asking only athens.").wait_for()
    page.get_by_text("Not asked: bologna, cork, dresden, evora.").wait_for()
    assert heard == []


def test_a_wrong_value_leads_back_to_its_field(looker, url):
    page, _ = looker
    page.goto(f"{url}/ask?person.age.to=old")
    page.get_by_role("link", name="go to it").click()
    field = page.locator('[id="person.age.to"]')
    assert field.input_value() == "old"
    assert field.get_attribute("aria-invalid") == "true"


def test_the_script_only_adds_comfort(looker, url):
    page, heard = looker
    page.goto(f"{url}/ask")
    series = page.get_by_role("group", name="A series")
    series.get_by_text("Modality", exact=True).first.click()
    series.get_by_label("Narrow down the codes").first.fill("magnetic")
    assert series.get_by_role("checkbox", name="MR magnetic resonance").is_visible()
    assert not series.get_by_role("checkbox", name="CT computed tomography").is_visible()
    series.get_by_role("checkbox", name="MR magnetic resonance").check()
    page.get_by_role("button", name="Ask the federation").click()
    page.get_by_role("heading", name="The answer").wait_for()
    assert "series.modality=MR" in page.url
    assert "body_part" not in page.url
    assert heard == []


def test_the_keyboard_reaches_the_content_first(looker, url):
    page, _ = looker
    page.goto(url)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")

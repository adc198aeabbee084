"""The pages that list analyses and make one, over a fake hub."""

import json
import re
from html import unescape

import pytest
from tests.node.followed import COX
from tests.web.fake_hub import FakeHub, cards_of, saved_one
from tests.web.test_run_form import FILLED
from tests.web.visitor import visiting

from oncommons.schema.errors import UnknownValue
from oncommons.schema.errors_of_permits import PermitNeeded
from oncommons.service.analyses import analyses
from oncommons.web.app import make_pages

EVIL = '"><script>alert(1)</script>'
RUN = re.compile(r'(?s)<textarea id="run".*?>(.*?)</textarea>')


@pytest.fixture
def hub():
    return FakeHub(cards_of(each=3))


@pytest.fixture
def pages(hub):
    with visiting(make_pages(hub.connection(), "1.2.3")) as visitor:
        yield visitor


def text(page):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


def send(pages, do, path="/analyses/cox", **fields):
    token = re.search(r'name="form" value="([^"]*)"', pages.get(path).text)[1]
    return pages.post(path, data={"form": token, "do": do, **fields})


def shown(page):
    return json.loads(unescape(RUN.search(page.text)[1]))


def test_the_list_tells_of_each_what_it_takes_and_where_it_is_made(pages):
    page = text(pages.get("/analyses"))
    assert "Hazard ratios of Cox's model" in page
    cox, survival = (analyses()[name].version for name in ("cox", "survival"))
    assert f"Made by athens (version {cox}), bologna (version {cox}). dresden has not told." in page
    assert f"Made by athens (version {survival}). In another version at bologna." in page
    assert "Not admitted by athens, bologna." in page
    assert "but for quantiles and histogram, which are near" in page
    assert "Of nodes it asks At least 2 nodes. Each node tells its sums once of the same people." in page
    assert page.count("tell them only together, where at least three take part") == 3


def test_a_form_is_filled_in_step_by_step_and_shown_before_it_is_made(hub, pages):
    chosen = {key: value for key, value in FILLED.items() if key.endswith("field")}
    fitted = send(pages, "fit", **chosen)
    assert fitted.status_code == 200
    assert '<option value="person.follow_up" selected>' in fitted.text
    assert "DEAD" in text(fitted)
    page = send(pages, "show", **FILLED)
    assert page.status_code == 200
    assert "Make the analysis cox of everybody" in text(page)
    assert "oncommons run - --permit PERMIT.SECRET --hub http://pages.test" in text(page)
    assert shown(page)["settings"] == COX["settings"]
    assert hub.runs.begun == []
    made = send(pages, "make", run=json.dumps(shown(page)), **FILLED)
    assert (made.status_code, made.headers["location"]) == (303, "/runs/r9")
    assert hub.runs.begun == [shown(page)]


def test_a_fault_is_told_at_its_field_and_nothing_that_was_typed_is_lost(pages):
    page = send(pages, "show", **FILLED | {"v.event.0.codes": "GONE", "person.age.from": "40", "run": "my notes"})
    assert page.status_code == 422
    assert 'href="#v.event.0.codes"' in page.text
    assert re.search(r'id="v.event.0.codes"[^>]*value="GONE"[^>]*aria-invalid="true"', page.text)
    for kept in ('value="died"', 'value="age"', 'value="40"'):
        assert kept in page.text
    wrong = send(pages, "check", **FILLED | {"run": "{my notes"})
    assert (wrong.status_code, "{my notes" in wrong.text, 'value="died"' in wrong.text) == (422, True, True)


def test_what_the_hub_refuses_is_told_on_the_form(hub, pages):
    hub.runs.refuses = UnknownValue("level is a number from 0.5 to 0.999.", at="settings.level")
    page = send(pages, "make", run=json.dumps(COX), **FILLED)
    assert page.status_code == 422
    assert re.search(r'id="s.level"[^>]*aria-invalid="true"', page.text)
    hub.runs.refuses = PermitNeeded("Analyses are made under a permit only: show its pass.")
    refused = send(pages, "make", run=json.dumps(COX))
    assert "show its pass" in text(refused)
    assert shown(refused)["analysis"] == "cox"


def test_a_saved_question_gives_its_cohort(hub, pages):
    hub.saved = [
        saved_one({"name": "Our women", "question": {"count": "person", "where": {"field": "sex", "in": ["F"]}}})
    ]
    page = send(pages, "take", saved=hub.saved[0].id, **FILLED)
    assert re.search(r'name="person.sex" value="F" checked', page.text)
    assert 'value="died"' in page.text
    hub.saved = []
    assert "go to it" in text(send(pages, "take", saved="gone")) or send(pages, "take", saved="x").status_code == 404


def test_a_run_made_before_can_be_changed(hub, pages):
    hub.runs.put("r1", "done", record={"run": COX})
    assert shown(pages.get("/analyses/cox?again=r1"))["settings"] == COX["settings"]


def test_a_run_that_failed_can_be_changed_too(hub, pages):
    hub.runs.put("r3", "failed", error={"code": "E103", "message": "No."}, run=COX)
    assert shown(pages.get("/analyses/cox?again=r3"))["settings"] == COX["settings"]


def test_what_was_typed_is_text_and_a_foreign_form_makes_nothing(hub, pages):
    page = send(pages, "show", **FILLED | {"v.time.0.name": EVIL, "cohort": EVIL, "run": EVIL})
    assert EVIL not in page.text
    assert pages.post("/analyses/cox", data={"do": "make", "run": json.dumps(COX)}).status_code == 403
    assert hub.runs.begun == []


def test_there_is_no_page_of_an_analysis_that_there_is_not(pages):
    assert pages.get("/analyses/nothing").status_code == 404

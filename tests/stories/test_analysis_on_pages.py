"""A researcher makes an analysis on pages: over a real hub and three hospitals, from the form to the files."""

import io
import json
import re
import zipfile
from html import unescape

import pytest
from lifelines import CoxPHFitter
from tests.hub.dispatch.hospitals import INSTITUTIONS, made_homes, serving
from tests.hub.people.guests import opened
from tests.node.followed import lung
from tests.permits import BEGIN, body
from tests.web.test_people_pages import Browser, text
from tests.web.test_run_form import FILLED

from oncommons.client.inside import connect_inside
from oncommons.policy.disclosure.counts import Policy
from oncommons.schema.permit import parse_permit
from oncommons.web.app import mount_pages

VARIABLES = ["person.sex", "person.follow_up", "person.vital_status", "condition.age_at_diagnosis"]
DATASETS = [{"node": name, "dataset": "lung"} for name in INSTITUTIONS]
PERMIT = {"datasets": DATASETS, "variables": VARIABLES, "analyses": ["cox"], "budget": 0}
RUN = re.compile(r'(?s)<textarea id="run".*?>(.*?)</textarea>')


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    folder = tmp_path_factory.mktemp("federation")
    with opened(folder, people="required") as hub:
        hub.clock.now = BEGIN + 5.0
        mount_pages(hub.app, connect_inside(hub.app), "1.2.3")
        hub.passes = hub.app.state.permits.issue(parse_permit(body(**PERMIT)), "https://hub.test", hub.clock())[1]
        with serving(hub, made_homes(folder, Policy("open"))):
            yield hub


def with_pass(hub, person):
    browser = Browser(hub)
    browser.send("/permit", do="show", **{"pass": str(hub.passes[person])})
    return browser


@pytest.fixture
def ana(hub):
    return with_pass(hub, "ana")


def ended(browser, place):
    """The page of a run when it is not being made any more; each look waits for a second for the end."""
    for _ in range(60):
        page = browser.get(place)
        if "refresh" not in page.headers:
            return page
    raise AssertionError(text(page))


def test_from_the_form_to_the_result_and_its_files(hub, ana):
    shown = ana.send("/analyses/cox", do="show", **FILLED)
    run = unescape(RUN.search(shown.text)[1])
    assert "oncommons run - --permit P-7.SECRET" in text(shown)
    made = ana.send("/analyses/cox", do="make", run=run, **FILLED)
    assert made.status_code == 303, text(made)
    page = ended(ana, made.headers["location"])
    assert "people in the result 227" in text(page)
    record = json.loads(ana.get(f"{made.headers['location']}/run.json").text)
    home = lung()["inst"].map({one: name for name, of in INSTITUTIONS.items() for one in of})
    oracle = lung()[["time", "status", "age", "sex"]].assign(sex=lung()["sex"] - 1, home=home)
    fit = CoxPHFitter(strata=["home"]).fit(oracle, "time", "status", fit_options={"precision": 1e-14})
    assert record["result"]["coefficients"]["age"] == pytest.approx(fit.params_["age"], abs=1e-9)
    assert f"{fit.params_['age']:.5g}" in text(page)
    assert "<svg" in page.text
    crate = ana.get(f"{made.headers['location']}/run.zip").content
    assert "ro-crate-metadata.json" in zipfile.ZipFile(io.BytesIO(crate)).namelist()
    assert "Proportional hazards" in text(ana.get("/runs"))
    again = RUN.search(ana.get(f"/analyses/cox?again={record['id']}").text)[1]
    assert json.loads(unescape(again)) == record["run"]


def test_a_run_is_seen_by_who_made_it_alone(hub, ana):
    run = unescape(RUN.search(ana.send("/analyses/cox", do="show", **FILLED).text)[1])
    place = ana.send("/analyses/cox", do="make", run=run).headers["location"]
    ben = with_pass(hub, "ben")
    for path in (place, f"{place}/run.json", f"{place}/run.zip"):
        assert ben.get(path).status_code == 404
        assert Browser(hub).get(path).status_code == 401
    assert place.rpartition("/")[2][:8] not in ben.get("/runs").text
    assert "E404" in text(ben.send(place, page="/analyses/cox", do="cancel"))
    assert ana.send(place, page="/analyses/cox", do="cancel").status_code == 303
    assert "refresh" not in ana.get(place).headers


def test_what_the_permit_does_not_name_and_what_the_hub_refuses_is_told_on_the_form(hub, ana):
    run = json.loads(unescape(RUN.search(ana.send("/analyses/cox", do="show", **FILLED).text)[1]))
    old = run | {"cohort": {"field": "age", "between": [60, None]}}
    page = ana.send("/analyses/cox", do="make", run=json.dumps(old), **FILLED)
    assert (page.status_code, "E374" in text(page)) == (403, True)
    level = {"s.level": "7"}
    wrong = unescape(RUN.search(ana.send("/analyses/cox", do="show", **FILLED, **level).text)[1])
    page = ana.send("/analyses/cox", do="make", run=wrong, **FILLED, **level)
    assert page.status_code == 422
    assert re.search(r'id="s.level"[^>]*value="7"[^>]*aria-invalid="true"', page.text)
    nobody = Browser(hub).send("/analyses/cox", do="make", run=json.dumps(run))
    assert nobody.status_code in {401, 403}
    assert RUN.search(nobody.text)

"""Samply Lens, as its makers publish it, asks a hub from a browser; its pages show the numbers of brute force."""

import json
import os
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from tests.hub.callers import listening
from tests.hub.lens.test_spot import least_of
from tests.oracle import columns
from tests.web.browsing import NEEDS_CHROMIUM, started

PACKAGE = Path(os.environ.get("ONCOMMONS_LENS", ""))
EXPLORER = Path(__file__).with_name("explorer.html")
HELD = {"athens": ("lctsc", "prostate_diagnosis"), "bologna": ("soft_tissue_sarcoma", "qin_pet_phantom")}

pytestmark = [
    pytest.mark.skipif(
        not (PACKAGE / "dist" / "lens.js").is_file(),
        reason="ONCOMMONS_LENS does not name the npm package @samply/lens; .ci/peers gets it",
    ),
    NEEDS_CHROMIUM,
    pytest.mark.timeout(120),
]


def choice(key, name, **criteria):
    told = [{"key": code, "name": title} for title, code in criteria.items()]
    return {"key": key, "name": name, "fieldType": "single-select", "type": "EQUALS", "criteria": told}


CATALOGUE = [
    choice("SNOMEDCT263495000", "Sex", man="SNOMEDCT248153007", woman="SNOMEDCT248152002"),
    choice("RID10311", "Modality", CT="RID10321", MR="RID10312", PET="RID10337"),
    choice("SNOMEDCT123037004", "Body part", lung="SNOMEDCT39607008", prostate="SNOMEDCT41216001"),
    {"key": "person.age", "name": "Age", "fieldType": "number", "type": "BETWEEN"},
    choice("IMG1005459", "BI-RADS", four="BI-RADS 4"),
]


def options(hub):
    heads = [{"title": "Site", "dataKey": "site"}] + [{"title": key, "dataKey": key} for key in ("patients", "studies")]
    return {
        "spotUrl": f"{hub}/api/lens",
        "tableOptions": {"headerData": heads},
        "resultSummaryOptions": {"dataTypes": [{"title": "People", "dataKey": "patients"}]},
    }


class Pages(SimpleHTTPRequestHandler):
    """The explorer, its settings, and the package."""

    def do_GET(self):
        path = self.path.partition("?")[0]
        if path.startswith("/lens/"):
            self.path = path.removeprefix("/lens")
            super().do_GET()
            return
        body = EXPLORER.read_bytes() if path == "/" else json.dumps(self.server.settings).encode()
        self.send_response(200)
        self.send_header("content-type", "text/html" if path == "/" else "application/json")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Say nothing."""


@contextmanager
def site():
    """A web server of another origin than the hub's."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Pages, directory=str(PACKAGE)))
    server.settings = {}
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server, f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


@pytest.fixture(scope="module")
def page(real_hub):
    with site() as (server, address), listening(real_hub, address) as hub, started() as browser:
        server.settings = {"options": options(hub), "catalogue": CATALOGUE}
        page = browser.new_page()
        page.goto(address)
        page.wait_for_function("window.lens !== undefined")
        yield page
        page.close()


def item(key, name, *values):
    """An item of the search bar, as Lens keeps it."""
    kept = [{"name": str(v), "value": v, "queryBindId": f"{key}-{i}"} for i, v in enumerate(values)]
    kind = "BETWEEN" if isinstance(values[0], dict) else "EQUALS"
    return {"id": key, "key": key, "name": name, "type": kind, "values": kept}


def search(page, groups):
    page.evaluate(
        "groups => { window.seen.error = ''; window.seen.failed = {}; window.lens.setQueryStore(groups) }", groups
    )
    press(page)


def press(page):
    page.click("lens-search-button button")
    page.wait_for_function(
        "() => window.seen.error || Object.keys(window.seen.failed).length"
        " || ['athens', 'bologna'].every(site => window.lens.getSiteResult(site))",
        timeout=30_000,
    )


def shown(page):
    """Site to the numbers in Lens's own table."""
    page.locator("lens-result-table tbody").filter(has_not_text="Loading").wait_for(timeout=10_000)
    rows = page.locator("lens-result-table tbody tr").all()
    cells = [[cell.strip() for cell in row.locator("td").all_inner_texts()] for row in rows]
    return {row[-3]: tuple(map(int, row[-2:])) for row in cells}


MEN, CT_OR_PET = (
    item("SNOMEDCT263495000", "Sex", "SNOMEDCT248153007"),
    item("RID10311", "Modality", "RID10321", "RID10337"),
)
LUNG, OLD = item("SNOMEDCT123037004", "Body part", "SNOMEDCT39607008"), item("person.age", "Age", {"min": 60})
CASES = [
    ([[]], None),
    (
        [[MEN, CT_OR_PET]],
        {
            "all": [
                {"some": "series", "where": {"field": "modality", "in": ["CT", "PT"]}},
                {"field": "sex", "in": ["M"]},
            ]
        },
    ),
    (
        [[CT_OR_PET, LUNG], [OLD]],
        {
            "any": [
                {
                    "some": "series",
                    "where": {
                        "all": [{"field": "modality", "in": ["CT", "PT"]}, {"field": "body_part", "in": ["LUNG"]}]
                    },
                },
                {"field": "age", "between": [60, None]},
            ]
        },
    ),
]


@pytest.mark.parametrize(("groups", "where"), CASES)
def test_the_table_of_lens_shows_the_numbers_of_brute_force(page, pool, groups, where):
    search(page, groups)
    assert page.evaluate("window.seen.error") == ""
    numbers = shown(page)
    assert numbers.keys() == HELD.keys()
    for place, entity in enumerate(("person", "study")):
        expected = columns.answer({"count": entity} | ({"where": where} if where else {}), pool)
        true = {node: sum(expected[name].certain for name in held) for node, held in HELD.items()}
        assert numbers["athens"][place] == true["athens"]
        people = columns.answer({"count": "person"} | ({"where": where} if where else {}), pool)
        assert numbers["bologna"][place] == least_of(people, expected) > 0


def test_what_is_chosen_in_the_catalogue_is_asked_and_summed(page, pool):
    page.evaluate("window.lens.setQueryStore([[]])")
    catalogue = page.locator("lens-catalogue")
    for title in ("Expand Catalogue", "Modality"):
        catalogue.get_by_text(title).click(timeout=10_000)
    catalogue.get_by_label("Add to query").nth(1).click(timeout=10_000)
    press(page)
    assert "RID10312" in json.dumps(page.evaluate("window.seen.ast"))
    people = sum(number for number, _ in shown(page).values())
    summary = page.locator("lens-result-summary [part~=lens-result-summary-content-type]")
    assert summary.inner_text().strip() == f"People: {people}"
    where = {"some": "series", "where": {"field": "modality", "in": ["MR"]}}
    expected = columns.answer({"count": "person", "where": where}, pool)
    assert shown(page)["athens"][0] == sum(expected[name].certain for name in HELD["athens"])


def test_what_cannot_be_carried_reaches_the_user_as_the_reason(page):
    search(page, [[item("IMG1005459", "BI-RADS", "BI-RADS 4")]])
    assert "E341" in page.evaluate("window.seen.error")


def test_a_page_of_a_site_that_the_hub_does_not_name_reads_nothing(page):
    with site() as (server, address):
        server.settings = page.evaluate("fetch('settings.json').then(answer => answer.json())")
        stranger = page.context.browser.new_page()
        stranger.goto(address)
        stranger.wait_for_function("window.lens !== undefined")
        stranger.click("lens-search-button button")
        stranger.wait_for_function("window.seen.error !== ''")
        assert "Failed to fetch" in stranger.evaluate("window.seen.error")
        assert stranger.evaluate("window.lens.getSiteResult('athens') === undefined")
        stranger.close()

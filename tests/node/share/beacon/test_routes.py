"""A node's own Beacon: official schemas, what its policy releases and nothing else, and never around the policy."""

import json
from contextlib import closing
from functools import partial

import httpx
import pytest
from anyio.from_thread import start_blocking_portal
from starlette.applications import Starlette
from tests.official import faults, framework

from oncommons.node.console import ConsoleSettings, console_token, make_console
from oncommons.node.desk import Desk
from oncommons.node.home import make_home
from oncommons.node.recording import open_log
from oncommons.node.share.beacon.routes import BeaconAtHome
from oncommons.policy.disclosure.counts import Policy

PEOPLE = [
    {"person": f"p{i}", "PatientSex": "F" if i < 23 else "M", "Modality": "MR" if i < 4 else "CT"} for i in range(30)
]


def rows_of(people):
    names = {"PatientSex": "sex", "Modality": "modality"}
    return [{names.get(key, key): value for key, value in one.items()} for one in people]


@pytest.fixture(params=["open", "threshold"])
def home(request, tmp_path, with_rows):
    made = make_home(tmp_path / "athens", Policy.of(request.param))
    with_rows(made, *rows_of(PEOPLE))
    return made


@pytest.fixture
def call(home):
    desk = Desk(home)
    routes = BeaconAtHome("athens", "1.0", desk.answer, desk.cards).routes()
    with start_blocking_portal() as portal:
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(Starlette(routes=routes)), base_url="http://athens.test"
        )

        def called(method, path, **options):
            return portal.call(lambda: client.request(method, path, **options))

        yield called
        portal.call(client.aclose)


def count(call, filters, path="individuals"):
    response = call("GET", f"/{path}", params={"filters": filters, "requestedGranularity": "count"})
    assert response.status_code == 200, response.text
    returned = response.json()["meta"]["returnedGranularity"].capitalize()
    assert not faults(response.json(), framework(f"responses/beacon{returned}Response"))
    return response.json()["responseSummary"]


def test_what_it_says_of_itself_fits_the_official_schemas(call):
    for path, schema in (
        ("/", "Info"),
        ("/info", "Info"),
        ("/configuration", "Configuration"),
        ("/map", "Map"),
        ("/entry_types", "EntryTypes"),
        ("/filtering_terms", "FilteringTerms"),
    ):
        assert not faults(call("GET", path).json(), framework(f"responses/beacon{schema}Response"))
    assert not faults(call("GET", "/service-info").json(), framework("responses/ga4gh-service-info-1-0-0-schema"))
    security = call("GET", "/configuration").json()["response"]["securityAttributes"]
    assert security["securityLevels"] == ["CONTROLLED"]


def test_only_what_the_policy_releases_is_told(call, home):
    women, magnetic, angiography = (count(call, f) for f in ("NCIT:C16576", "DCM:MR", "DCM:XA"))
    if home.policy.rule == "open":
        assert (women["numTotalResults"], magnetic["numTotalResults"], angiography["numTotalResults"]) == (23, 4, 0)
        assert angiography["exists"] is False
    else:
        assert (women["numTotalResults"], women["countAdjustedTo"]) == (20, [20, 29])
        assert magnetic == angiography
        assert magnetic == {
            "exists": True,
            "countPrecision": "imprecise",
            "countAdjustedTo": ["<10"],
        }


def test_its_numbers_are_those_that_it_tells_the_hub(call, home):
    question = {"count": "series", "where": {"field": "modality", "in": ["CT"]}}
    released = Desk(home).answer(question).certain
    told = count(call, "DCM:CT", "imaging_series")
    assert told["numTotalResults"] == released.at_least
    body = call("GET", "/imaging_series?filters=DCM:CT&requestedGranularity=record").json()
    assert not faults(body, framework("responses/beaconResultsetsResponse"))
    assert [one["id"] for one in body["response"]["resultSets"]] == ["athens:d"]
    assert body["response"]["resultSets"][0]["results"] == []


def test_counts_by_a_field_are_those_that_the_policy_releases(call, home):
    """Of 30 people 23 are women; the seven men are fewer than a threshold of 10."""
    body = call("GET", "/individuals?requestedGranularity=aggregated&aggregators=sex").json()
    assert not faults(body, framework("responses/beaconResultsetsResponse"))
    (one,) = body["response"]["resultSets"]
    assert one["results"] == []
    assert body["info"]["responseAggregation"] == one["info"]["resultsAggregation"]
    cells = {c["conceptValues"][0]["id"]: c for c in one["info"]["resultsAggregation"][0]["distribution"]}
    if home.policy.rule == "open":
        assert {term: cell["count"] for term, cell in cells.items()} == {"NCIT:C16576": 23, "NCIT:C20197": 7}
    else:
        assert {term: cell["countAdjustedTo"] for term, cell in cells.items()} == {"NCIT:C16576": [20, 29]}


def test_what_it_cannot_carry_it_refuses_in_beacons_shape(call):
    for path, status in (("/individuals?filters=HP:1", 400), ("/individuals/p1", 403), ("/datasets/x", 404)):
        response = call("GET", path)
        assert response.status_code == status
        assert not faults(response.json(), framework("responses/beaconErrorResponse"))
    assert call("POST", "/individuals?limit=3", json={"meta": {"apiVersion": "v2.1.1"}}).status_code == 400
    assert call("POST", "/individuals", content=b"{").status_code == 400


def test_a_node_without_data_says_so(tmp_path):
    desk = Desk(make_home(tmp_path / "empty", Policy.of("open")))
    assert desk.cards() == ()
    app = Starlette(routes=BeaconAtHome("empty", "1.0", desk.answer, desk.cards).routes())
    with start_blocking_portal() as portal:
        client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://athens.test")
        response = portal.call(client.get, "/individuals")
        portal.call(client.aclose)
    assert response.status_code == 400
    assert "E306" in response.json()["error"]["errorMessage"]


def test_the_console_serves_it_behind_its_token_and_only_when_asked(home):
    def get(settings, **headers):
        app = make_console(home, settings)
        with start_blocking_portal() as portal:
            client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost")
            response = portal.call(lambda: client.get("/beacon/info", headers=headers))
            portal.call(client.aclose)
        return response

    bearer = {"authorization": f"Bearer {console_token(home)}"}
    assert get(ConsoleSettings(beacon=True)).status_code == 401
    assert get(ConsoleSettings(), **bearer).status_code == 404
    told = get(ConsoleSettings(beacon=True, url="https://images.hospital.example"), **bearer).json()
    assert told["response"]["alternativeUrl"] == "https://images.hospital.example/beacon"


def in_console(home, *paths, **params):
    """What the Beacon of one and the same console says at each of these paths, with its status."""
    app = make_console(home, ConsoleSettings(dicomweb=False, beacon=True))
    bearer = {"authorization": f"Bearer {console_token(home)}"}
    with start_blocking_portal() as portal:
        client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost", headers=bearer)
        said = [portal.call(partial(client.get, path, params=params)) for path in paths]
        portal.call(client.aclose)
    return [(one.status_code, one.json()) for one in said]


def entered(home, kind):
    with closing(open_log(home)) as log:
        return [e["body"] for e in map(json.loads, log.lines()) if e["kind"] == kind]


@pytest.mark.parametrize("demand", ["required", "consent"])
def test_a_beacon_of_a_node_that_needs_permits_tells_no_count(home, demand):
    asked = {"filters": "NCIT:C16576", "requestedGranularity": "count"}
    assert in_console(home, "/beacon/individuals", **asked)[0][0] == 200
    ((status, said),) = in_console(home.with_demand(demand), "/beacon/individuals", **asked)
    assert (status, said["error"]["errorMessage"][:4]) == (403, "E373")
    assert [one["code"] for one in entered(home, "refused")] == ["E373"]
    assert len(entered(home, "released")) == 1


def test_cards_that_a_beacon_shows_are_entered_once(home):
    assert [status for status, _ in in_console(home, *["/beacon/datasets"] * 2)] == [200, 200]
    assert [one["datasets"] for one in entered(home, "published")] == [["d"]]

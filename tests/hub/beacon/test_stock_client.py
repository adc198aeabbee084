"""ai4gh, a Beacon client that others make, asks the hub over HTTP; its numbers are those of brute force."""

import json
import math
import os
import subprocess
from pathlib import Path

import pytest
from tests.hub.callers import calling, listening
from tests.hub.permitted_node import answering
from tests.oracle import columns
from tests.permits import BEGIN, body

from oncommons.schema.permit import parse_permit

PYTHON = Path(os.environ.get("ONCOMMONS_BEACON_CLIENT", ""))
SCRIPT = Path(__file__).with_name("stock_client.py")
OPEN = ("lctsc", "prostate_diagnosis")
OLD_MEN = [{"id": "NCIT:C20197"}, {"id": "person.age", "operator": ">=", "value": "60"}]
CT_OF_CHEST = [{"id": "DCM:CT"}, {"id": "series.body_part", "operator": "=", "value": "LUNG"}]
CASES = [
    ("individuals", [], {"count": "person"}),
    (
        "individuals",
        OLD_MEN,
        {"count": "person", "where": {"all": [{"field": "sex", "in": ["M"]}, {"field": "age", "between": [60, None]}]}},
    ),
    (
        "imaging_studies",
        CT_OF_CHEST,
        {
            "count": "study",
            "where": {
                "some": "series",
                "where": {"all": [{"field": "modality", "in": ["CT"]}, {"field": "body_part", "in": ["LUNG"]}]},
            },
        },
    ),
    ("imaging_series", [{"id": "DCM:MR"}], {"count": "series", "where": {"field": "modality", "in": ["MR"]}}),
]

pytestmark = [
    pytest.mark.skipif(
        not PYTHON.is_file(),
        reason="ONCOMMONS_BEACON_CLIENT does not name a Python that has the package ai4gh; .ci/peers gets it",
    ),
    pytest.mark.timeout(120),
]


@pytest.fixture(scope="module")
def told(real_hub):
    """What the client made of every case, first with counts, then by dataset; and of a filter that nobody has."""
    queries = [
        {"entry": entry, "filters": filters, "granularity": granularity}
        for granularity in ("count", "record")
        for entry, filters, _ in CASES
    ]
    queries += [
        {"entry": f"{kind}/athens:{name}/imaging_series", "filters": [{"id": "DCM:CT"}], "granularity": "count"}
        for kind in ("datasets", "cohorts")
        for name in OPEN
    ]
    queries.append({"entry": "individuals", "filters": [{"id": "NCIT:C99999999"}], "granularity": "count"})
    return ran(real_hub, queries)


def ran(hub, queries, **more):
    """What the client writes."""
    with listening(hub) as url:
        sent = json.dumps({"url": f"{url}/api/beacon", "queries": queries, **more})
        command = [str(PYTHON), str(SCRIPT)]
        done = subprocess.run(command, input=sent, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def bounds_of(adjusted):
    """What ``countAdjustedTo`` says: two numbers, or a text where there is no upper end, as of rows."""
    return adjusted if len(adjusted) == 2 else (int(adjusted[0].removeprefix(">=")), math.inf)


def true_counts(pool, question):
    return {name: count.certain for name, count in columns.answer(question, pool).items()}


def least_of(pool, question):
    """What two open datasets and a threshold of 10 tell together: of rows of fewer than ten people nothing."""
    where = question.get("where")
    if where and question["count"] != "person":
        where = where if "some" in where else {"some": question["count"], "where": where}
    people = true_counts(pool, {"count": "person"} | ({"where": where} if where else {}))
    rows = true_counts(pool, question)
    return sum(n if name in OPEN else n // 10 * 10 * (people[name] >= 10) for name, n in rows.items())


@pytest.mark.parametrize("place", range(len(CASES)))
def test_the_sum_that_the_client_reads_is_bounded_by_what_is_true(told, pool, place):
    summary = told["answers"][place]["responseSummary"]
    true = sum(true_counts(pool, CASES[place][2]).values())
    assert summary["exists"] is True
    low, high = bounds_of(summary.get("countAdjustedTo", [true, true]))
    assert low <= true <= high
    assert summary["numTotalResults"] == low == least_of(pool, CASES[place][2])


@pytest.mark.parametrize("place", range(len(CASES)))
def test_the_counts_of_open_datasets_are_those_of_brute_force(told, pool, place):
    answer = told["answers"][len(CASES) + place]
    true = true_counts(pool, CASES[place][2])
    read = {one["id"]: one["resultsCount"] for one in answer["response"]["resultSets"]}
    for name in OPEN:
        assert read.get(f"athens:{name}", 0) == true[name]


def test_images_of_one_dataset_are_those_of_brute_force_where_the_map_has_them(told, pool):
    true = true_counts(pool, {"count": "series", "where": {"field": "modality", "in": ["CT"]}})
    nested = told["answers"][2 * len(CASES) : -1]
    assert [one["responseSummary"]["numTotalResults"] for one in nested] == [true[name] for name in OPEN] * 2
    for kind in ("dataset", "cohort"):
        assert told["places"][kind]["endpoints"]["imagingSeries"]["url"].endswith("/{id}/imaging_series")
    assert told["types"] == told["configured"]
    assert told["types"].keys() == told["places"].keys()


def test_a_filter_that_cannot_be_carried_reaches_the_user_as_the_reason(told):
    refused = told["answers"][-1]
    assert refused["fault"] == "TransportError"
    assert "E341" in refused["message"]


def test_its_own_checks_of_a_beacon_pass(told):
    assert len(told["checks"]) == 6
    assert set(told["checks"].values()) == {"pass"}
    assert (told["about"], told["service"], told["terms"]) == ("test", "beacon", 5)


def test_at_a_hub_that_lets_only_its_people_ask_the_pass_of_a_permit_is_its_token(tmp_path):
    women = {"entry": "individuals", "filters": [{"id": "NCIT:C16576"}], "granularity": "count"}
    old = {"entry": "individuals", "filters": OLD_MEN, "granularity": "count"}
    with calling(tmp_path, people="required") as hub:
        hub.clock.now = BEGIN + 5.0
        permit = parse_permit(body(datasets=[{"node": "athens", "dataset": "d"}]))
        passes = hub.app.state.permits.issue(permit, "https://hub.test", hub.clock())[1]
        with answering(hub, "athens", tmp_path):
            found, refused = ran(hub, [women, old], token=str(passes["ana"]))
            (nobody,) = ran(hub, [women], token="onc_nobodys")
    assert found["responseSummary"]["numTotalResults"] == 7
    assert "The rule variable says" in refused["message"]
    assert "E382" in nobody["message"]

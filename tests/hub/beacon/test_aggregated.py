"""Granularity ``aggregated`` at the hub: real collections at an open node, one with a threshold and one with noise."""

import json
import math
import re
from pathlib import Path

import pytest
from tests.hub.federated import federated
from tests.official import faults, framework
from tests.oracle import columns

from oncommons.policy.disclosure.counts import Policy
from oncommons.schema.dialects.entry_types import entry_of
from oncommons.schema.dialects.terms import fields_by, term_of

SETS = framework("responses/beaconResultsetsResponse")
HELD = {
    "athens": (("lctsc",), Policy("open")),
    "bologna": (("soft_tissue_sarcoma", "qin_pet_phantom"), Policy("threshold", 10)),
    "cracow": (("prostate_diagnosis",), Policy("noise", 10)),
}
POLICIES = {f"{node}:{name}": policy.rule for node, (names, policy) in HELD.items() for name in names}
MERGED = 2 * 38
"""Under noise a number may be that of another group (docs/explanation-disclosure.md), or what that of a whole leaves of another;
each of the two differs by at most 38 people."""
CASES = [
    ("person", (), ("sex",), ""),
    ("person", ("sex",), ("sex",), "DCM:CT"),
    ("series", ("series.modality",), ("modality",), ""),
    ("series", ("modality", "sex"), ("modality", "sex"), ""),
    ("study", (), ("sex",), "DCM:MR"),
]
"""What is counted, the fields that are named, those that it is grouped by, and a filter."""


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    with federated(tmp_path_factory.mktemp("aggregated"), HELD) as running:
        yield running


def ask(hub, path, names=(), version="v2.1.1", **query):
    query |= {"requestedGranularity": "aggregated", "includeResultsetResponses": "ALL"}
    if names:
        query["aggregators"] = [[{"id": name} for name in names]]
    response = hub("POST", f"/api/beacon/{path}", json={"meta": {"apiVersion": version}, "query": query})
    assert response.status_code == 200, response.text
    return response.json()


def asked(entity, term):
    """The filter in our own words."""
    modality = {"field": "modality", "in": [term.removeprefix("DCM:")]}
    return modality if entity == "series" else {"some": "series", "where": modality}


def named(by, codes):
    """The terms of a group."""
    fields = [fields_by(name)[0] for name in by]
    return tuple("undefined" if code is None else term_of(f, code) for f, code in zip(fields, codes, strict=True))


def both(count):
    """The ends of a count of ours."""
    return count["at_least"], math.inf if count["at_most"] is None else count["at_most"]


def truth(pool, entity, by, term):
    """Dataset to the terms of a group to its true number."""
    question = {"count": entity, "by": list(by)} | ({"where": asked(entity, term)} if term else {})
    return {
        name: {named(by, key): certain for key, (certain, _) in told.groups.items()}
        for name, told in columns.answer(question, pool).items()
    }


def cells(aggregation):
    return {tuple(value["id"] for value in cell["conceptValues"]): cell for cell in aggregation["distribution"]}


def ends(told):
    """The ends between which a number is said to lie."""
    if told["countPrecision"] == "exact":
        return told["count"], told["count"]
    first, *last = told["countAdjustedTo"]
    if last:
        return first, last[0]
    return (0, int(first[1:]) - 1) if first.startswith("<") else (int(first[2:]), math.inf)


def allows(told, number, slack=0):
    """Whether what is told of a number is true of it, or of one that is nearly the same."""
    low, high = ends(told)
    return low - slack <= number <= high + slack


@pytest.mark.parametrize("case", CASES)
def test_the_numbers_of_groups_are_those_of_brute_force(hub, pool, case):
    """Under noise a number may be that of a group of nearly the same people; how far rows are then off depends on both."""
    entity, names, by, term = case
    body = ask(hub, entry_of(entity).path, names, **({"filters": [{"id": term}]} if term else {}))
    assert not faults(body, SETS)
    true = truth(pool, entity, by, term)
    shown = {one["id"]: one for one in body["response"]["resultSets"]}
    assert shown.keys() == POLICIES.keys()
    for name, one in shown.items():
        (spread,) = one["info"]["resultsAggregation"]
        found, really, rule = cells(spread), true[name.partition(":")[2]], POLICIES[name]
        assert one["results"] == []
        for key in (found.keys() | really.keys()) if rule != "noise" or entity == "person" else ():
            slack = MERGED if rule == "noise" else 0
            assert allows(found.get(key, spread["notListed"]), really.get(key, 0), slack), (name, key)
        if rule == "open":
            assert {key: cell["count"] for key, cell in found.items()} == {k: n for k, n in really.items() if n}
        else:
            assert "exact" not in {cell["countPrecision"] for cell in found.values()}


@pytest.mark.parametrize("case", CASES)
def test_they_are_the_numbers_of_our_own_question_and_the_whole_is_their_sum(hub, case):
    entity, names, by, term = case
    body = ask(hub, entry_of(entity).path, names, **({"filters": [{"id": term}]} if term else {}))
    own = hub("POST", "/api/questions", json=body["info"]["question"]).json()
    assert own["question"] == {"count": entity, "by": list(by)} | ({"where": asked(entity, term)} if term else {})
    datasets = {f"{n['node']}:{d['dataset']}": d for n in own["nodes"] for d in n["datasets"]}
    parts = {one["id"]: one["info"]["resultsAggregation"][0] for one in body["response"]["resultSets"]}
    for name, spread in parts.items():
        groups = {named(by, [g["key"][f] for f in by]): g["certain"] for g in datasets[name]["groups"]}
        assert {key: ends(cell) for key, cell in cells(spread).items()} == {key: both(n) for key, n in groups.items()}
        assert ends(spread["notListed"]) == both(datasets[name]["unlisted"])
    (whole,) = body["info"]["responseAggregation"]
    assert cells(whole).keys() == {key for spread in parts.values() for key in cells(spread)}
    for key, cell in cells(whole).items():
        each = [ends(cells(spread).get(key, spread["notListed"])) for spread in parts.values()]
        assert ends(cell) == tuple(map(sum, zip(*each, strict=True)))


def test_few_people_of_a_threshold_have_no_group_and_its_numbers_are_rounded(hub):
    body = ask(hub, "individuals", ["sex"])
    by_id = {one["id"]: one["info"]["resultsAggregation"][0] for one in body["response"]["resultSets"]}
    few, many = by_id["bologna:qin_pet_phantom"], by_id["bologna:soft_tissue_sarcoma"]
    assert few["distribution"] == []
    assert "count" not in few["notListed"]
    assert {(cell["countPrecision"], cell["count"] % 10) for cell in many["distribution"]} == {("rounded", 0)}
    assert {cell["countPrecision"] for cell in by_id["cracow:prostate_diagnosis"]["distribution"]} == {"imprecise"}


def test_each_version_hears_its_own_words_and_the_same_numbers(hub):
    new, old = (ask(hub, "individuals", version=version) for version in ("v2.1.1", "v2.0.0"))
    assert not faults(new, SETS)
    assert new["meta"]["returnedGranularity"] == "count"
    assert old["meta"]["returnedGranularity"] == "aggregated"
    assert new["info"] == old["info"]
    assert new["response"] == old["response"]
    gone = faults(old, SETS)
    assert len(gone) == 2
    assert all("'aggregated' is not one of ['boolean', 'count', 'record']" in fault for fault in gone)


def test_a_get_asks_the_same(hub):
    query = "requestedGranularity=aggregated&aggregators=series.modality::person.sex&includeResultsetResponses=ALL"
    got = hub("GET", f"/api/beacon/imaging_series?{query}").json()
    assert got["response"] == ask(hub, "imaging_series", ["modality", "sex"])["response"]


def test_one_dataset_alone_is_grouped_by_its_node_alone(hub):
    body = ask(hub, "datasets/athens:lctsc/individuals", ["sex"])
    assert body["info"]["asked"] == ["athens"]
    assert [one["id"] for one in body["response"]["resultSets"]] == ["athens:lctsc"]


def test_datasets_are_counted_and_a_test_is_answered(hub):
    body = ask(hub, "datasets")
    assert not faults(body, framework("responses/beaconCountResponse"))
    assert (body["meta"]["returnedGranularity"], body["responseSummary"]["numTotalResults"]) == ("count", len(POLICIES))
    assert not faults(ask(hub, "individuals", testMode=True), SETS)


@pytest.mark.parametrize(
    ("path", "query", "code"),
    [
        ("individuals", {"aggregators": [[{"id": "modality"}]]}, "E341"),
        ("datasets", {"aggregators": [[{"id": "sex"}]]}, "E341"),
        ("individuals", {"aggregators": [[{"id": "sex"}]], "requestedGranularity": "record"}, "E340"),
    ],
)
def test_what_cannot_be_grouped_is_refused_in_beacons_own_shape(hub, path, query, code):
    body = {"meta": {"apiVersion": "v2.1.1"}, "query": {"requestedGranularity": "aggregated"} | query}
    response = hub("POST", f"/api/beacon/{path}", json=body)
    assert response.status_code == 400
    assert not faults(response.json(), framework("responses/beaconErrorResponse"))
    assert code in response.json()["error"]["errorMessage"]


def test_the_page_for_clients_shows_what_is_answered(hub):
    page = (Path(__file__).parents[3] / "docs" / "how-to-use-a-beacon-client.md").read_text("utf-8")
    url = re.search(r"https://hub.example.org(/api/beacon/\S*aggregators[^']*)'", page)[1]
    assert hub("GET", url).json()["info"]["responseAggregation"][0]["distribution"]
    shown = next(b for b in map(json.loads, re.findall(r"```json\n(.*?)```", page, re.DOTALL)) if "concepts" in b)
    sets = ask(hub, "individuals", ["sex"])["response"]["resultSets"]
    (told,) = next(s["info"]["resultsAggregation"] for s in sets if s["id"] == "bologna:soft_tissue_sarcoma")
    assert shown.keys() == told.keys()
    assert shown["concepts"] == told["concepts"]
    assert shown["notListed"].keys() == told["notListed"].keys()
    assert shown["distribution"][0].keys() == told["distribution"][0].keys()
    assert shown["distribution"][0]["conceptValues"] in [cell["conceptValues"] for cell in told["distribution"]]

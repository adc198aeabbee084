"""The hub's Beacon over real data: official schemas, right numbers, nothing dropped, nothing told that is suppressed."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.hub.federated import federated
from tests.official import faults, framework, model
from tests.oracle import columns

from oncommons.schema.dialects.entry_types import ENTRIES
from oncommons.schema.dictionary import ENTITIES, FIELDS

BOOLEAN, COUNT, SETS, COLLECTION, ERROR = (
    framework(f"responses/beacon{kind}Response") for kind in ("Boolean", "Count", "Resultsets", "Collections", "Error")
)
OPEN = ["athens:lctsc", "athens:prostate_diagnosis"]


@pytest.fixture(scope="module")
def hub(real_hub):
    return real_hub


def ask(hub, path="individuals", filters=(), granularity="count", status=200, **query):
    body = {"meta": {"apiVersion": "v2.1.1"}, "query": {"requestedGranularity": granularity, **query}}
    if filters:
        body["query"]["filters"] = list(filters)
    assert not faults(body, framework("requests/beaconRequestBody"))
    response = hub("POST", f"/api/beacon/{path}", json=body)
    assert response.status_code == status, response.text
    return response.json()


def sets_of(hub, path="individuals", filters=(), **query):
    body = ask(hub, path, filters, "record", includeResultsetResponses="ALL", **query)
    assert not faults(body, SETS)
    return {one["id"]: one for one in body["response"]["resultSets"]}


@pytest.mark.parametrize(
    ("path", "schema"),
    [
        ("", "responses/beaconInfoResponse"),
        ("/", "responses/beaconInfoResponse"),
        ("/info", "responses/beaconInfoResponse"),
        ("/service-info", "responses/ga4gh-service-info-1-0-0-schema"),
        ("/configuration", "responses/beaconConfigurationResponse"),
        ("/map", "responses/beaconMapResponse"),
        ("/entry_types", "responses/beaconEntryTypesResponse"),
        ("/filtering_terms", "responses/beaconFilteringTermsResponse"),
        ("/imaging_studies/filtering_terms", "responses/beaconFilteringTermsResponse"),
    ],
)
def test_what_the_beacon_says_of_itself_fits_the_official_schema(hub, path, schema):
    response = hub("GET", f"/api/beacon{path}")
    assert response.status_code == 200
    assert not faults(response.json(), framework(schema))


def test_the_official_schemas_can_find_a_fault(hub):
    body = hub("GET", "/api/beacon/info").json()
    del body["response"]["organization"]["name"]
    assert faults(body, framework("responses/beaconInfoResponse"))


def test_every_address_of_the_map_is_there_and_answers_by_schema(hub):
    sets = hub("GET", "/api/beacon/map").json()["response"]["endpointSets"]
    assert {"individual", "imagingStudy", "imagingSeries", "dataset", "cohort"} <= sets.keys()
    urls = [(s["rootUrl"], name) for name, s in sets.items()]
    urls += [
        (e["url"].replace("{id}", OPEN[0]), e["returnedEntryType"])
        for s in sets.values()
        for e in s.get("endpoints", {}).values()
    ]
    for url, kind in urls:
        response = hub("GET", url.removeprefix("http://hub.test"))
        assert response.status_code == 200, url
        assert not faults(response.json(), COLLECTION if kind in {"dataset", "cohort"} else BOOLEAN), url


def test_every_entity_of_the_dictionary_is_an_entry_type_and_every_field_a_filter(hub):
    types = hub("GET", "/api/beacon/entry_types").json()["response"]["entryTypes"]
    assert len(types) == len(ENTITIES) + 2
    terms = hub("GET", "/api/beacon/filtering_terms").json()["response"]["filteringTerms"]
    assert {f"{f.entity}.{f.name}" for f in FIELDS} == {t["id"] for t in terms if t["type"] == "alphanumeric"}
    for entry in ENTRIES:
        if not entry.schema:
            assert hub("GET", types[entry.id]["defaultSchema"]["referenceToSchemaDefinition"]).status_code == 200


def test_every_filtering_term_that_is_offered_is_taken(hub):
    terms = hub("GET", "/api/beacon/filtering_terms").json()["response"]["filteringTerms"]
    named = [t["id"] for t in terms if t["type"] != "alphanumeric"]
    assert {"NCIT:C16576", "DCM:MR"} <= set(named)
    for term in named:
        ask(hub, filters=[{"id": term}], testMode=True)


# Filters as a client sends them, and the same question in our own words, written by hand.
SERIES_OF_BOTH = {"all": [{"field": "modality", "in": ["CT"]}, {"field": "body_part", "in": ["CHEST"]}]}
SAME = [
    ("individuals", [], {"count": "person"}),
    ("individuals", ["NCIT:C20197"], {"count": "person", "where": {"field": "sex", "in": ["M"]}}),
    ("individuals", ["NCIT:C17998"], {"count": "person", "where": {"field": "sex", "missing": True}}),
    (
        "individuals",
        ["DCM:CT", "series.body_part=CHEST"],
        {"count": "person", "where": {"some": "series", "where": SERIES_OF_BOTH}},
    ),
    (
        "individuals",
        ["DCM:CT", "DCM:RTSTRUCT"],
        {
            "count": "person",
            "where": {
                "all": [
                    {"some": "series", "where": {"field": "modality", "in": ["CT"]}},
                    {"some": "series", "where": {"field": "modality", "in": ["RTSTRUCT"]}},
                ]
            },
        },
    ),
    (
        "individuals",
        ["age>=P40Y", "age<70", "modality!CT"],
        {
            "count": "person",
            "where": {
                "all": [
                    {"field": "age", "between": [40, None]},
                    {"field": "age", "between": [None, 69]},
                    {"not": {"some": "series", "where": {"field": "modality", "in": ["CT"]}}},
                ]
            },
        },
    ),
    ("imaging_series", ["DCM:MR"], {"count": "series", "where": {"field": "modality", "in": ["MR"]}}),
    (
        "imaging_series",
        ["modality!MR", "sex=M"],
        {
            "count": "series",
            "where": {"all": [{"not": {"field": "modality", "in": ["MR"]}}, {"field": "sex", "in": ["M"]}]},
        },
    ),
    (
        "imaging_studies",
        ["series.instances>100", "study_year<=2012"],
        {
            "count": "study",
            "where": {
                "all": [
                    {"field": "study_year", "between": [None, 2012]},
                    {"some": "series", "where": {"field": "instances", "between": [101, None]}},
                ]
            },
        },
    ),
]


@pytest.mark.parametrize(("path", "filters", "question"), SAME)
def test_counts_are_those_of_brute_force_and_of_our_own_question(hub, pool, path, filters, question):
    response = hub(
        "GET",
        f"/api/beacon/{path}",
        params={"filters": ",".join(filters), "requestedGranularity": "record", "includeResultsetResponses": "ALL"},
    )
    assert response.status_code == 200, response.text
    body = response.json()
    assert not faults(body, SETS)
    told = {one["id"]: one for one in body["response"]["resultSets"]}
    expected = columns.answer(question, pool)
    for name in OPEN:
        truth = expected[name.partition(":")[2]]
        assert told[name]["resultsCount"] == truth.certain
        assert told[name]["info"]["possible"]["resultsCount"] == truth.possible
        assert told[name]["countPrecision"] == "exact"
    assert {name.partition(":")[2] for name in told} == set(pool.datasets)
    own = hub("POST", "/api/questions", json=question).json()
    assert own["sentence"] == body["info"]["sentence"] or len(filters) > 1
    counts = {f"{n['node']}:{d['dataset']}": d for n in own["nodes"] for d in n["datasets"]}
    for name, one in told.items():
        bounds = counts[name]["certain"]
        unbounded = bounds["value"] is None and bounds["at_most"] is None  # rows of few people; 0 would be wrong
        shown = bounds["at_most"] if bounds["value"] is None else bounds["value"]
        assert one["resultsCount"] == (1 if unbounded else shown)
    assert body["responseSummary"]["exists"] is (own["total"]["certain"]["at_most"] != 0)


def test_the_numbers_are_not_all_zero(pool):
    found = [columns.answer(question, pool) for _, _, question in SAME]
    assert sum(any(c.certain for c in one.values()) for one in found) > 6


@pytest.mark.parametrize(("granularity", "schema"), [("boolean", BOOLEAN), ("count", COUNT), ("record", SETS)])
@pytest.mark.parametrize("filters", [[], [{"id": "DCM:PT"}]])
def test_every_granularity_fits_its_schema_and_gives_no_record(hub, granularity, schema, filters):
    body = ask(hub, filters=filters, granularity=granularity)
    assert not faults(body, schema)
    assert body["meta"]["returnedGranularity"] == {"record": "count"}.get(granularity, granularity)
    if granularity == "boolean":
        assert "number" not in json.dumps(body).lower().replace("numbers", "")
    if granularity == "record":
        assert "never given" in body["info"]["records"]
        assert not faults(body, COUNT)
        assert all(one["results"] == [] for one in body["response"]["resultSets"])


@pytest.mark.parametrize(("granularity", "schema"), [("boolean", BOOLEAN), ("count", BOOLEAN), ("record", SETS)])
def test_nobody_at_one_node_and_a_number_withheld_at_another_make_no_zero(hub, granularity, schema):
    body = ask(hub, filters=[{"id": "DCM:XA", "includeDescendantTerms": False}], granularity=granularity)
    assert not faults(body, schema)
    assert body["responseSummary"]["exists"]
    assert "numTotalResults" not in body["responseSummary"]
    assert body["meta"]["returnedGranularity"] == "boolean"


def test_a_suppressed_count_is_never_a_bare_zero_and_does_not_tell_whether_there_are_any(hub, pool):
    told = sets_of(hub, filters=[{"id": "DCM:PT"}])
    truth = columns.answer(
        {"count": "person", "where": {"some": "series", "where": {"field": "modality", "in": ["PT"]}}}, pool
    )
    assert 0 < truth["qin_pet_phantom"].certain < 10
    none = sets_of(hub, filters=[{"id": "DCM:XA"}])["bologna:qin_pet_phantom"]
    few = told["bologna:qin_pet_phantom"]
    assert {key: few[key] for key in ("exists", "resultsCount", "countPrecision", "countAdjustedTo")} == {
        "exists": True,
        "resultsCount": 9,
        "countPrecision": "imprecise",
        "countAdjustedTo": ["<10"],
    }
    assert few == none
    assert told["athens:lctsc"]["resultsCount"] == 0
    assert told["athens:lctsc"]["exists"] is False


def test_a_rounded_count_carries_its_interval(hub, pool):
    one = sets_of(hub)["bologna:soft_tissue_sarcoma"]
    truth = columns.answer({"count": "person"}, pool)["soft_tissue_sarcoma"].certain
    low, high = one["countAdjustedTo"]
    assert (one["countPrecision"], low % 10, high - low) == ("rounded", 0, 9)
    assert low <= truth <= high
    assert one["resultsCount"] == low


@pytest.mark.parametrize(("include", "wanted"), [("ALL", 4), ("HIT", 3), ("MISS", 1), ("NONE", 0)])
def test_result_sets_are_chosen_as_the_client_asks(hub, include, wanted):
    body = ask(hub, filters=[{"id": "DCM:RTSTRUCT"}], granularity="record", includeResultsetResponses=include)
    assert len(body["response"]["resultSets"]) == wanted


def test_a_client_can_ask_about_some_datasets_only(hub, pool):
    parts = {"datasets": {"datasetIds": [OPEN[0]]}}
    body = ask(hub, requestParameters=parts)
    people = columns.answer({"count": "person"}, pool)["lctsc"].certain
    assert body["responseSummary"]["numTotalResults"] == people
    inside = hub("GET", f"/api/beacon/datasets/{OPEN[0]}/individuals", params={"requestedGranularity": "count"}).json()
    assert inside["responseSummary"] == body["responseSummary"]


REFUSED = [
    ({"id": "HP:0002664"}, "HP:0002664"),
    ({"id": "modalty", "operator": "=", "value": "CT"}, "Did you mean"),
    ({"id": "modality", "operator": ">", "value": "CT"}, "can be = or !"),
    ({"id": "modality", "operator": "=", "value": "CAT"}, "not a value"),
    ({"id": "modality", "operator": "=", "value": "CAT%"}, "No code"),
    ({"id": "modality"}, "needs an operator"),
    ({"id": "age", "operator": ">", "value": "old"}, "whole number"),
    ({"id": "instances", "operator": ">", "value": "P3Y"}, "whole number"),
    ({"id": "DCM:CT", "scope": "biosamples"}, "no entry type"),
    ({"id": "DCM:CT", "scope": "imaging_studies"}, "cannot be applied"),
    ({"id": "DCM:CT", "similarity": "high"}, "similar"),
]


@pytest.mark.parametrize(("sent", "reason"), REFUSED)
def test_a_filter_that_cannot_be_carried_is_refused_with_a_reason(hub, sent, reason):
    body = ask(hub, filters=[{"id": "NCIT:C20197"}, sent], status=400)
    assert not faults(body, ERROR)
    assert body["error"]["errorCode"] == 400
    assert reason in body["error"]["errorMessage"]
    assert "E341" in body["error"]["errorMessage"]
    assert "responseSummary" not in body


@pytest.mark.parametrize(
    ("path", "filters"),
    [
        ("imaging_series", ["DCM:CT", "DCM:MR"]),
        ("individuals", ["sex=M", "sex=F"]),
        ("individuals", ["DCM:CT", "DCM:MR", "body_part=CHEST"]),
    ],
)
def test_two_values_that_no_row_can_have_are_refused(hub, path, filters):
    response = hub("GET", f"/api/beacon/{path}", params={"filters": ",".join(filters)})
    assert response.status_code == 400
    assert "two values" in response.json()["error"]["errorMessage"]


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        {"$schema": "x"},
        {"query": {}, "meta": None},
        {"meta": {"apiVersion": "v1.0"}},
        {"meta": {"apiVersion": "v2.0", "more": 1}},
        {"meta": {"apiVersion": "v2.0"}, "query": {"filter": []}},
        {"meta": {"apiVersion": "v2.0"}, "query": {"filters": ["DCM:CT"]}},
        {"meta": {"apiVersion": "v2.0"}, "query": {"filters": [{"id": "DCM:CT", "descendants": True}]}},
        {"meta": {"apiVersion": "v2.0"}, "query": {"requestedGranularity": "summary"}},
        {"meta": {"apiVersion": "v2.0"}, "query": {"pagination": {"skip": -1}}},
        {"meta": {"apiVersion": "v2.0"}, "query": {"pagination": {"nextPage": "x"}}},
        {"meta": {"apiVersion": "v2.0"}, "query": {"requestParameters": {"g_variant": {"start": [1]}}}},
        {"meta": {"apiVersion": "v2.0"}, "query": {"testMode": "yes"}},
    ],
)
def test_a_request_that_is_not_a_beacon_request_is_refused_in_beacons_own_shape(hub, body):
    response = hub("POST", "/api/beacon/individuals", json=body)
    assert response.status_code == 400
    assert not faults(response.json(), ERROR)


@pytest.mark.parametrize("word", ["\\ud800", "\\udc00\\ud800", "a\\udfff"])
def test_half_a_character_is_refused_since_it_cannot_be_told_again(hub, word):
    sent = f'{{"meta": {{"apiVersion": "v2.0"}}, "query": {{"filters": [{{"id": "{word}"}}]}}}}'
    response = hub("POST", "/api/beacon/individuals", content=sent)
    assert response.status_code == 400
    assert not faults(response.json(), ERROR)


def test_a_client_that_leaves_meta_out_is_answered_since_no_criterion_is_there(hub):
    left_out, given = ({"query": {"filters": []}}, {"query": {"filters": []}, "meta": {"apiVersion": "v2.1.1"}})
    answers = [hub("POST", "/api/beacon/individuals", json=body).json() for body in (left_out, given)]
    assert answers[0]["responseSummary"] == answers[1]["responseSummary"]
    assert answers[0]["meta"]["receivedRequestSummary"] == answers[1]["meta"]["receivedRequestSummary"]


def test_a_filter_with_its_first_scope_can_be_asked_of_every_entry_type_and_changes_nothing(hub):
    terms = hub("GET", "/api/beacon/filtering_terms?limit=0").json()["response"]["filteringTerms"]
    chosen = [t for t in terms if t["id"] in {"DCM:CT", "NCIT:C20197", "series.body_part:LUNG"}]
    assert len(chosen) == 3
    for term in chosen:
        for entry in ENTRIES:
            scoped = ask(hub, entry.path, [{"id": term["id"], "scope": term["scopes"][0]}])
            assert scoped["responseSummary"] == ask(hub, entry.path, [{"id": term["id"]}])["responseSummary"]


def test_the_root_is_found_with_and_without_a_slash(hub):
    assert hub("GET", "/api/beacon/").json() == hub("GET", "/api/beacon").json()


@pytest.mark.parametrize(
    "query", ["colour=red", "limit=x", "limit=1&limit=2", "testMode=1", "requestedGranularity=all"]
)
def test_a_parameter_that_is_not_understood_is_refused(hub, query):
    response = hub("GET", f"/api/beacon/individuals?{query}")
    assert response.status_code == 400
    assert not faults(response.json(), ERROR)


@pytest.mark.parametrize("path", ["individuals/p1", "imaging_series/1.2.3", "imaging_studies/a/b"])
def test_a_record_of_one_person_or_image_is_refused(hub, path):
    response = hub("GET", f"/api/beacon/{path}")
    assert response.status_code == 403
    assert not faults(response.json(), ERROR)
    assert "E342" in response.json()["error"]["errorMessage"]


def test_runs_are_those_of_sequencers_and_are_not_there(hub):
    for path in ("runs", "biosamples/x", "g_variants"):
        response = hub("GET", f"/api/beacon/{path}")
        assert response.status_code == 404
        assert not faults(response.json(), ERROR)


def test_what_the_specification_asks_by_post_is_answered_by_post(hub):
    body = {"meta": {"apiVersion": "v2.1.1"}}
    for path in ("filtering_terms", "individuals/filtering_terms", f"datasets/{OPEN[0]}", "cohorts"):
        got, sent = (
            hub(method, f"/api/beacon/{path}", **more) for method, more in (("GET", {}), ("POST", {"json": body}))
        )
        assert got.json() == sent.json()
        assert sent.status_code == 200


@pytest.mark.parametrize("kind", ["datasets", "cohorts"])
def test_datasets_and_cohorts_come_from_the_cards_in_pages(hub, kind):
    pages = []
    for skip in range(3):
        body = hub("GET", f"/api/beacon/{kind}", params={"limit": 2, "skip": skip}).json()
        assert not faults(body, COLLECTION)
        assert body["responseSummary"] == {"exists": True, "numTotalResults": 4}
        assert body["meta"]["receivedRequestSummary"]["pagination"] == {"skip": skip, "limit": 2}
        pages.append([one["id"] for one in body["response"]["collections"]])
        assert not [fault for one in body["response"]["collections"] for fault in faults(one, model(kind))]
    assert [len(page) for page in pages] == [2, 2, 0]
    assert sorted(one for page in pages for one in page) == sorted(
        f"{d['node']}:{d['dataset']}" for d in hub("GET", "/api/datasets").json()["datasets"]
    )


def test_the_size_of_a_cohort_is_told_only_where_it_is_exact(hub, pool):
    found = {c["id"]: c for c in hub("GET", "/api/beacon/cohorts").json()["response"]["collections"]}
    assert found["athens:lctsc"]["cohortSize"] == columns.answer({"count": "person"}, pool)["lctsc"].certain
    assert "cohortSize" not in found["bologna:soft_tissue_sarcoma"]


def test_datasets_can_be_found_by_filters(hub):
    body = hub("GET", "/api/beacon/datasets", params={"filters": "DCM:RTSTRUCT", "limit": 0}).json()
    assert not faults(body, COLLECTION)
    assert [one["id"] for one in body["response"]["collections"]] == [
        "athens:lctsc",
        "bologna:qin_pet_phantom",
        "bologna:soft_tissue_sarcoma",
    ]
    assert body["info"]["existence"]["athens:lctsc"] == "certain"
    assert body["info"]["existence"]["bologna:qin_pet_phantom"].startswith("not told")


def test_one_dataset_can_be_looked_at_and_an_unknown_one_is_not_there(hub):
    body = hub("GET", f"/api/beacon/datasets/{OPEN[0]}").json()
    assert [one["id"] for one in body["response"]["collections"]] == [OPEN[0]]
    for path in ("datasets/athens:none", "datasets/none/individuals", "cohorts/x"):
        response = hub("GET", f"/api/beacon/{path}")
        assert response.status_code == 404
        assert not faults(response.json(), ERROR)


def test_filtering_terms_come_in_pages(hub):
    every = hub("GET", "/api/beacon/filtering_terms").json()["response"]["filteringTerms"]
    page = hub("GET", "/api/beacon/filtering_terms", params={"skip": 1, "limit": 5}).json()
    assert page["response"]["filteringTerms"] == every[5:10]


def test_one_dataset_has_the_terms_that_its_card_tells_of(hub):
    def named(path):
        body = hub("GET", f"/api/beacon/{path}filtering_terms").json()
        assert not faults(body, framework("responses/beaconFilteringTermsResponse"))
        return {term["id"] for term in body["response"]["filteringTerms"]}

    assert named(f"datasets/{OPEN[1]}/") < named("")
    assert "DCM:RTSTRUCT" not in named(f"datasets/{OPEN[1]}/")
    assert "DCM:RTSTRUCT" in named(f"cohorts/{OPEN[0]}/")
    assert hub("GET", "/api/beacon/datasets/none/filtering_terms").status_code == 404


def test_a_test_asks_nobody_and_says_so(hub):
    body = ask(hub, filters=[{"id": "DCM:CT"}], testMode=True)
    assert not faults(body, COUNT)
    assert body["meta"]["testMode"] is True
    assert body["info"]["includes"] == []


def test_the_requests_of_the_page_for_clients_are_answered(hub):
    page = (Path(__file__).parents[3] / "docs" / "how-to-use-a-beacon-client.md").read_text("utf-8")
    sent = json.loads(re.search(r"```json\n(.*?)```", page, re.DOTALL)[1])
    assert not faults(sent, framework("requests/beaconRequestBody"))
    assert hub("POST", "/api/beacon/individuals", json=sent).status_code == 200
    url = re.search(r"https://hub.example.org(/api/beacon/individuals[^']*)'", page)[1]
    assert hub("GET", url).json()["responseSummary"]["exists"] is True


def test_a_federation_in_which_nobody_answers_tells_no_number(tmp_path):
    with federated(tmp_path, {}) as alone:
        assert ask(alone)["responseSummary"] == {"exists": False, "numTotalResults": 0, "countPrecision": "exact"}
        alone.join("athens")
        body = ask(alone, status=503)
        assert not faults(body, ERROR)
        assert "Has never called the hub" in body["error"]["errorMessage"]


@settings(max_examples=25, deadline=None)
@given(
    body=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["meta", "query", "filters", "id", "value", "operator", "apiVersion", "scope"]),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_no_body_breaks_the_beacon(hub, body):
    response = hub("POST", "/api/beacon/individuals", json=body)
    assert response.status_code in {200, 400}
    assert not faults(response.json(), ERROR if response.status_code == 400 else BOOLEAN)

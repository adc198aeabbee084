"""Imaging studies and series as entry types of their own: told of, described, filtered by what is theirs, and nested."""

import pytest
from jsonschema import Draft202012Validator
from tests.official import faults, framework
from tests.oracle import columns

from oncommons.schema.dialects.entry_types import ENTRIES, entry_of
from oncommons.schema.dictionary import FIELDS

IMAGING = (entry_of("study"), entry_of("series"))
OWN = {
    "study": (
        {"id": "study.study_year", "operator": "<=", "value": "2010"},
        {"field": "study_year", "between": [None, 2010]},
    ),
    "series": (
        {"id": "series.instances", "operator": ">", "value": "100"},
        {"field": "instances", "between": [101, None]},
    ),
}
"""A filter on a field of the entry's own, and the same in our own words."""
OPEN = ("lctsc", "prostate_diagnosis")


def get(hub, url):
    response = hub("GET", url.removeprefix("http://hub.test/api/beacon"))
    assert response.status_code == 200, url
    return response.json()


@pytest.fixture(scope="module")
def beacon(real_hub):
    def called(method, path, **options):
        return real_hub(method, f"/api/beacon{path}", **options)

    return called


@pytest.mark.parametrize("entry", IMAGING, ids=lambda e: e.id)
def test_it_is_in_the_entry_types_the_configuration_and_the_map_with_a_schema_of_its_own(beacon, entry):
    told = get(beacon, "/entry_types")["response"]["entryTypes"][entry.id]
    assert told == get(beacon, "/configuration")["response"]["entryTypes"][entry.id]
    assert not faults(told, framework("configuration/entryTypeDefinition"))
    assert told["partOfSpecification"] == "oncommons"
    assert told["ontologyTermForThisType"]["id"].startswith("DCM:")
    place = get(beacon, "/map")["response"]["endpointSets"][entry.id]
    assert place["rootUrl"].endswith(f"/{entry.path}")
    schema = get(beacon, told["defaultSchema"]["referenceToSchemaDefinition"])
    Draft202012Validator.check_schema(schema)
    own = {f"{f.entity}.{f.name}": f.type for f in FIELDS if f.entity == entry.entity}
    assert {k: {"string": "code"}.get(p["type"], p["type"]) for k, p in schema["properties"].items() if k in own} == own
    terms = get(beacon, place["filteringTermsUrl"])["response"]["filteringTerms"]
    assert own.keys() <= {t["id"] for t in terms if entry.id in t["scopes"]}


@pytest.mark.parametrize("entry", IMAGING, ids=lambda e: e.id)
@pytest.mark.parametrize("outer", ["dataset", "cohort"])
def test_filters_of_its_own_are_right_at_its_address_and_inside_collections_as_the_map_says(beacon, pool, entry, outer):
    sent, where = OWN[entry.entity]
    true = {n: c.certain for n, c in columns.answer({"count": entry.entity, "where": where}, pool).items()}
    assert any(true[name] for name in OPEN)
    url = get(beacon, "/map")["response"]["endpointSets"][outer]["endpoints"][entry.id]["url"]
    body = {"meta": {"apiVersion": "v2.1.1"}, "query": {"filters": [sent], "requestedGranularity": "count"}}
    for name in OPEN:
        path = url.replace("{id}", f"athens:{name}").removeprefix("http://hub.test/api/beacon")
        assert beacon("POST", path, json=body).json()["responseSummary"]["numTotalResults"] == true[name]
    body["query"] |= {"requestedGranularity": "record", "includeResultsetResponses": "ALL"}
    sets = beacon("POST", f"/{entry.path}", json=body).json()["response"]["resultSets"]
    assert {s["id"]: s["resultsCount"] for s in sets}.items() >= {f"athens:{name}": true[name] for name in OPEN}.items()


def test_collections_say_that_they_hold_images_and_those_of_one_person_are_refused(beacon):
    types = get(beacon, "/entry_types")["response"]["entryTypes"]
    for outer in ("dataset", "cohort"):
        assert {e["id"] for e in types[outer]["aCollectionOf"]} == {e.id for e in ENTRIES}
    response = beacon("GET", "/individuals/p1/imaging_series")
    assert response.status_code == 403
    assert "E342" in response.json()["error"]["errorMessage"]
    assert "run" not in types

"""A run as a research object: what the specification asks for, checked by hand and by reading it back."""

import json
import zipfile
from io import BytesIO

import pytest
from tests.client.figures.records import record

from oncommons.client.crate import CRATE, PROFILE, crate

ASKED = {
    "analysis": "cox", "cohort": {"some": "condition", "where": {"field": "code", "in": ["ICD10:C50"]}},
    "variables": {"time": {"value": "follow_up"}, "died": {"is": {"field": "vital_status", "in": ["DEAD"]}}},
    "settings": {"time": "time", "event": "died", "covariates": ["age"], "ties": "efron"},
}  # fmt: skip
TOLD = record(
    "Proportional hazards", run=ASKED, by="ana@example.org", asked_at="2026-11-23T10:00:00+00:00",
    ended_at="2026-11-23T10:00:03+00:00", warnings=["Few events."],
    tables={"terms": [["term", "coefficient", "low", "high", "p"], ["age", 0.017, 0.01, 0.02, 0.001]]},
)  # fmt: skip


@pytest.fixture(scope="module")
def packed():
    return zipfile.ZipFile(BytesIO(crate(TOLD)))


@pytest.fixture(scope="module")
def graph(packed):
    body = json.loads(packed.read("ro-crate-metadata.json"))
    assert body["@context"] == f"{CRATE}/context"
    return {one["@id"]: one for one in body["@graph"]}


def references(value):
    """Every identifier that something refers to."""
    if isinstance(value, dict):
        if set(value) == {"@id"}:
            yield value["@id"]
        for one in value.values():
            yield from references(one)
    elif isinstance(value, list):
        for one in value:
            yield from references(one)


def test_the_descriptor_points_to_the_root_and_the_root_has_what_must_be(graph):
    descriptor, root = graph["ro-crate-metadata.json"], graph["./"]
    assert (descriptor["about"], descriptor["conformsTo"]) == ({"@id": "./"}, {"@id": CRATE})
    assert root["conformsTo"] == {"@id": PROFILE}
    assert all(root[name] for name in ("name", "description", "datePublished", "license", "hasPart"))
    assert root["datePublished"] == "2026-11-23T10:00:03+00:00"
    assert root["description"].startswith("Make the analysis cox of people where")
    assert root["description"].endswith("Few events.")


def test_every_file_is_described_and_nothing_else(packed, graph):
    files = {one["@id"] for one in graph.values() if one["@type"] == "File"}
    assert files == {one["@id"] for one in graph["./"]["hasPart"]}
    assert set(packed.namelist()) == files | {"ro-crate-metadata.json", "ro-crate-preview.html"}
    assert {"asked.json", "run.json", "tables/terms.csv", "tables/terms.parquet", "figures/forest.svg"} <= files
    assert all(int(graph[name]["contentSize"]) == len(packed.read(name)) for name in files)


def test_everything_that_is_referred_to_is_there(graph):
    outside = {CRATE}
    assert {name for one in graph.values() for name in references(one)} - outside <= set(graph)


def test_the_run_is_an_action_with_its_software_settings_people_and_results(graph):
    run = graph["#run"]
    assert run["@type"] == "CreateAction"
    assert graph[run["instrument"]["@id"]]["softwareVersion"].startswith("analysis 1, written by oncommons ")
    assert graph[run["agent"]["@id"]]["name"] == "ana@example.org"
    inputs = {graph[one["@id"]]["name"]: graph[one["@id"]].get("value") for one in run["object"]}
    assert (inputs["ties"], inputs["covariates"], "asked.json" in inputs) == ("efron", '["age"]', True)
    assert {"@id": "figures/forest.pdf"} in run["result"]
    nodes = {graph[one["@id"]]["name"]: graph[one["@id"]] for one in run["participant"]}
    people = [graph[one["@id"]]["value"] for one in nodes["athens"]["additionalProperty"]]
    assert (people, nodes["bergen"]["description"]) == ([1200, 3], "refused: No.")
    assert graph[graph["./"]["license"]["@id"]]["identifier"] == "P-7"


def test_what_was_asked_can_be_asked_again(packed):
    assert json.loads(packed.read("asked.json")) == ASKED
    assert json.loads(packed.read("run.json")) == TOLD


def test_the_same_record_gives_the_same_bytes():
    assert crate(TOLD) == crate(TOLD)


def test_a_record_of_another_version_has_a_crate_all_the_same():
    old = {name: TOLD[name] for name in ("title", "tables", "warnings", "nodes", "result")}
    body = json.loads(zipfile.ZipFile(BytesIO(crate(old))).read("ro-crate-metadata.json"))
    root = next(one for one in body["@graph"] if one["@id"] == "./")
    assert root["description"].startswith("Proportional hazards. ")
    assert root["datePublished"]

"""A permit as others read it: each view says what the permit says."""

import json
from dataclasses import replace

import pytest
from tests.permits import BEGIN, END, HUB, NOW, a_permit

from oncommons.schema.permit import Holding
from oncommons.schema.permit_views import CRATE, FIVE_SAFES, address_of, crate_of, odrl_of, visas_of

PERMIT = a_permit(output={"least": 10, "groups": False}, title="Lung nodules")


def operands(policy):
    (permission,) = policy["permission"]
    return {(c["leftOperand"], c["operator"]): c["rightOperand"] for c in permission["constraint"]}


def test_a_visa_grants_one_dataset_by_its_address():
    visas = visas_of(PERMIT, NOW)
    assert [v["value"] for v in visas] == [
        "https://hub.test/datasets/athens/d",
        "https://hub.test/datasets/bergen/lung#version=v1",
    ]
    assert {(v["type"], v["by"], v["asserted"], v["source"]) for v in visas} == {
        ("ControlledAccessGrants", "dac", NOW, "https://hub.test")
    }


def test_a_hub_without_an_address_gives_names_of_its_own():
    permit = a_permit()
    bare = type(permit)(**{**vars(permit), "address": ""})
    assert address_of(bare, Holding("athens", "a/b c")) == f"{HUB.name}:datasets/athens/a%2Fb%20c"


def test_the_policy_permits_the_people_the_datasets_within_the_period():
    policy = odrl_of(PERMIT)
    (permission,) = policy["permission"]
    found = operands(policy)
    assert (policy["@type"], policy["@context"][0]) == ("Agreement", "http://www.w3.org/ns/odrl.jsonld")
    assert permission["assigner"] == HUB.name
    assert [a.rpartition("/")[2] for a in permission["assignee"]] == ["ana", "ben"]
    assert permission["target"] == [address_of(PERMIT, h) for h in PERMIT.datasets]
    assert found["dateTime", "gteq"]["@value"] == "2026-12-01T00:00:00Z"
    assert found["dateTime", "lt"]["@value"] == "2027-12-01T00:00:00Z"
    assert (PERMIT.not_before, PERMIT.not_after) == (BEGIN, END)


def test_the_policy_says_what_for_and_how_strictly():
    found = operands(odrl_of(PERMIT))
    assert found["purpose", "isAnyOf"] == ["http://data.europa.eu/eli/reg/2025/327/oj#53(1)(e)"]
    assert found["oncommons:dataUse", "isAllOf"] == [{"@id": "http://purl.obolibrary.org/obo/DUO_0000007"}]
    assert found["oncommons:variable", "isPartOf"] == ["person.sex", "series.modality"]
    assert (found["oncommons:smallestNumber", "gteq"], found["oncommons:cost", "lteq"]) == (10, 100)


@pytest.mark.parametrize(("groups", "prohibited"), [(True, None), (False, "oncommons:group")])
def test_counts_by_codes_are_prohibited_where_the_permit_has_none(groups, prohibited):
    policy = odrl_of(a_permit(output={"groups": groups}))
    assert [p["action"] for p in policy.get("prohibition", [])] == ([prohibited] if prohibited else [])


def test_the_crate_has_a_root_a_descriptor_and_no_dangling_reference():
    graph = {e["@id"]: e for e in crate_of(PERMIT)["@graph"]}
    assert graph["ro-crate-metadata.json"]["conformsTo"] == {"@id": CRATE}
    assert graph["./"]["conformsTo"] == {"@id": FIVE_SAFES}
    for entity in graph.values():
        for key, value in entity.items():
            for ref in value if isinstance(value, list) else [value]:
                inside = isinstance(ref, dict) and key not in {"conformsTo", "additionalType", "agent"}
                assert not inside or ref["@id"] in graph, (entity["@id"], key)


def test_the_crate_names_project_people_data_and_how_answers_leave():
    graph = {e["@id"]: e for e in crate_of(PERMIT)["@graph"]}
    assert graph["#project"]["name"] == "Lung nodules"
    assert sorted(e["name"] for e in graph.values() if e["@type"] == "Person") == ["ana", "ben"]
    assert graph[address_of(PERMIT, PERMIT.datasets[1])]["version"] == "v1"
    assert graph["./"]["temporalCoverage"] == "2026-12-01T00:00:00Z/2027-12-01T00:00:00Z"
    assert "no number below 10, no counts by codes" in graph["#approval"]["description"]
    assert "as the node's own rule has it" in str(crate_of(a_permit()))


@pytest.mark.parametrize("view", [odrl_of, crate_of])
def test_a_view_is_json_and_a_function_of_the_permit(view):
    assert json.dumps(view(PERMIT)) == json.dumps(view(PERMIT))


def test_conditions_are_duties():
    assert "duty" not in odrl_of(a_permit())["permission"][0]
    bound = replace(a_permit(), conditions=("publish openly",))
    assert odrl_of(bound)["permission"][0]["duty"][0]["oncommons:condition"] == ["publish openly"]

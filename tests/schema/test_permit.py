"""A permit's JSON form is strict, and reading it gives the permit again."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from tests.permits import BEGIN, BODY, END, a_permit, body

from oncommons.policy.disclosure.budget import EVERYBODY
from oncommons.schema.dictionary import FIELDS
from oncommons.schema.errors_of_permits import BadPermit
from oncommons.schema.permit import (
    MAX_BYTES,
    MAX_LISTED,
    NO_PROJECTS,
    VARIABLES,
    Holding,
    Output,
    parse_permit,
    parse_permit_text,
    written,
)


def test_a_permit_is_read_as_it_was_meant():
    found = parse_permit(BODY)
    assert (found.id, found.project, found.people, found.budget) == ("P-7", "lung", ("ana", "ben"), 100)
    assert found.datasets == (Holding("athens", "d"), Holding("bergen", "lung", "v1"))
    assert (found.not_before, found.not_after) == (BEGIN, END)
    assert (found.ehds, found.duo, found.output) == (("RESEARCH",), ("DUO:0000007",), Output(0, groups=True))


def test_days_begin_at_midnight_utc():
    assert datetime(2026, 12, 1, tzinfo=UTC).timestamp() == BEGIN
    found = parse_permit(body(period={"not_before": "2026-12-01T08:30:00Z", "not_after": "2027-12-01"}))
    assert (found.not_before - BEGIN, written(found.not_before)) == (30_600, "2026-12-01T08:30:00Z")


@pytest.mark.parametrize(
    "parts", [{}, {"output": {"least": 20, "groups": False}}, {"variables": []}, {"title": "Lung"}]
)
def test_parsing_what_it_writes_gives_the_same_permit(parts):
    permit = a_permit(**parts)
    assert parse_permit_text(json.dumps(permit.to_json())) == permit


def test_lists_are_kept_in_order_and_once():
    assert parse_permit(body(people=["ben", "ana", "ben"])).people == ("ana", "ben")


@pytest.mark.parametrize("key", sorted(BODY.keys() - {"output", "budget"}))
def test_what_is_needed_is_missed_by_name(key):
    with pytest.raises(BadPermit, match=f"'{key}' is missing"):
        parse_permit({k: v for k, v in BODY.items() if k != key})


@pytest.mark.parametrize(
    ("parts", "at"),
    [
        ({"colour": "red"}, "permit"),
        ({"purpose": {"ehds": ["RESEARCH"], "why": "so"}}, "purpose"),
        ({"period": {"not_before": "2026-12-01"}}, "period"),
        ({"output": {"least": 1, "most": 2}}, "output"),
        ({"datasets": [{"node": "athens", "dataset": "d", "rows": 3}]}, "datasets[0]"),
        ({"id": "a.b"}, "id"),
        ({"id": ""}, "id"),
        ({"id": 7}, "id"),
        ({"project": EVERYBODY}, "project"),
        ({"project": ""}, "project"),
        ({"project": "Lung"}, "project"),
        ({"people": []}, "people"),
        ({"people": ["ana maria"]}, "people[0]"),
        ({"people": "ana"}, "people"),
        ({"people": ["a"] * (MAX_LISTED + 1)}, "people"),
        ({"datasets": []}, "datasets"),
        ({"datasets": [{"node": "Athens!", "dataset": "d"}]}, "datasets[0].node"),
        ({"datasets": [{"node": "athens", "dataset": "d\n"}]}, "datasets[0].dataset"),
        ({"datasets": [{"node": "a", "dataset": "d"}, {"node": "a", "dataset": "d", "version": "2"}]}, "datasets"),
        ({"variables": ["person.shoe_size"]}, "variables[0]"),
        ({"variables": ["sex"]}, "variables[0]"),
        ({"analyses": []}, "analyses"),
        ({"analyses": ["Count"]}, "analyses[0]"),
        ({"purpose": {"ehds": []}}, "purpose.ehds"),
        ({"purpose": {"ehds": ["PROFIT"]}}, "purpose.ehds[0]"),
        ({"purpose": {"ehds": ["CARE"], "duo": ["DUO:0000001"]}}, "purpose.duo[0]"),
        ({"period": {"not_before": "2026-12-01", "not_after": "2026-12-01"}}, "period"),
        ({"period": {"not_before": "2026-12-01", "not_after": "2036-12-03"}}, "period"),
        ({"period": {"not_before": "2026-13-01", "not_after": "2027-12-01"}}, "period.not_before"),
        ({"period": {"not_before": "2026-12-01T00:00:00", "not_after": "2027-12-01"}}, "period.not_before"),
        ({"period": {"not_before": 5, "not_after": "2027-12-01"}}, "period.not_before"),
        ({"output": {"least": True}}, "output.least"),
        ({"output": {"least": -1}}, "output.least"),
        ({"output": {"groups": 1}}, "output.groups"),
        ({"budget": 1.5}, "budget"),
        ({"hub": "urn:oncommons:hub:short"}, "hub"),
        ({"title": "a\nb"}, "title"),
    ],
)
def test_what_cannot_stand_in_a_permit_is_refused_where_it_stands(parts, at):
    with pytest.raises(BadPermit) as caught:
        parse_permit(body(**parts))
    assert caught.value.at == at


@pytest.mark.parametrize("value", [None, [], "permit", 3])
def test_what_is_no_object_is_no_permit(value):
    with pytest.raises(BadPermit):
        parse_permit(value)


@pytest.mark.parametrize("text", ["", "{", '{"id": 1, "id": 2}', b"\xff", "[" * 100_000, " " * (MAX_BYTES + 1)])
def test_text_that_is_no_json_is_no_permit(text):
    with pytest.raises(BadPermit):
        parse_permit_text(text)


def test_every_field_of_the_dictionary_can_be_named_with_its_entity():
    assert {f"{f.entity}.{f.name}" for f in FIELDS} <= VARIABLES
    assert "series" in VARIABLES


def test_no_project_is_called_as_all_who_ask_without_one():
    assert EVERYBODY in NO_PROJECTS


def test_a_node_finds_its_own_datasets():
    assert a_permit().at("bergen") == (Holding("bergen", "lung", "v1"),)
    assert a_permit().at("cork") == ()


def test_conditions_are_words_and_stand_only_where_there_are_some():
    bare = a_permit()
    assert "conditions" not in bare.to_json()
    bound = replace(bare, conditions=("publish openly", "a second one"))
    assert parse_permit(bound.to_json()) == bound
    for wrong in ("x", [5], ["two\nlines"], ["x" * 501]):
        with pytest.raises(BadPermit):
            parse_permit({**bare.to_json(), "conditions": wrong})

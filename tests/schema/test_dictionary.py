"""The data dictionary."""

import json

import pytest

from oncommons.schema.dictionary import (
    ENTITIES,
    FIELDS,
    dictionary_to_json,
    fields_named,
    find_field,
    is_below,
    lineage,
    plural_of,
)
from oncommons.schema.vocabulary import VOCABULARIES


@pytest.mark.parametrize(
    ("entity", "path"),
    [
        ("person", ("person",)),
        ("study", ("study", "person")),
        ("series", ("series", "study", "person")),
        ("condition", ("condition", "person")),
    ],
)
def test_lineage_leads_up_to_the_person(entity, path):
    assert lineage(entity) == path


@pytest.mark.parametrize(
    ("entity", "other", "below"),
    [
        ("series", "person", True),
        ("series", "study", True),
        ("condition", "person", True),
        ("study", "series", False),
        ("condition", "study", False),
        ("series", "condition", False),
        ("series", "series", False),
    ],
)
def test_an_entity_lies_below_those_it_belongs_to(entity, other, below):
    assert is_below(entity, other) is below


def test_a_field_of_an_entity_above_is_found():
    assert find_field("sex", "series").entity == "person"


@pytest.mark.parametrize(("name", "scope"), [("modality", "person"), ("code", "series"), ("nonsense", "series")])
def test_a_field_below_or_beside_or_nowhere_is_not_found(name, scope):
    assert find_field(name, scope) is None


def test_a_field_can_be_looked_up_wherever_it_is():
    assert [f.entity for f in fields_named("modality")] == ["series"]


def test_no_field_is_known_by_any_other_name():
    assert fields_named("Modality") == ()


@pytest.mark.parametrize("entity", ENTITIES)
def test_names_of_fields_are_unique_on_the_way_up(entity):
    names = [f.name for f in FIELDS if f.entity in lineage(entity)]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("field", FIELDS, ids=lambda f: f.name)
def test_a_field_is_of_an_entity_and_says_what_it_means(field):
    assert field.entity in ENTITIES
    assert field.meaning
    assert field.source


@pytest.mark.parametrize("field", FIELDS, ids=lambda f: f.name)
def test_coded_fields_and_no_others_have_a_vocabulary(field):
    assert (field.vocabulary in VOCABULARIES) is (field.type == "code")


def test_a_field_that_is_not_coded_has_no_codes():
    with pytest.raises(KeyError):
        _ = find_field("age", "person").codes


def test_no_field_bears_the_name_dataset_that_groupings_reserve():
    assert fields_named("dataset") == ()


def test_the_dictionary_can_be_written_as_json():
    body = json.loads(json.dumps(dictionary_to_json()))
    assert [e["name"] for e in body["entities"]] == list(ENTITIES)
    assert [f["name"] for f in body["fields"]] == [f.name for f in FIELDS]
    assert {v["name"] for v in body["vocabularies"]} == set(VOCABULARIES)


def test_what_a_field_does_not_have_is_null_in_json():
    age = next(f for f in dictionary_to_json()["fields"] if f["name"] == "age")
    assert (age["vocabulary"], age["unit"]) == (None, "a")


@pytest.mark.parametrize(
    ("entity", "plural"), [("person", "people"), ("series", "series"), ("moon", "rows"), ("", "rows")]
)
def test_what_is_counted_is_told_in_the_plural_and_what_nobody_knows_as_rows(entity, plural):
    assert plural_of(entity) == plural

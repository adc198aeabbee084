"""Entry types follow the dictionary."""

from oncommons.schema.dialects.entry_types import ENTRIES, EVERY, entry_of, named
from oncommons.schema.dictionary import ENTITIES


def test_every_entity_has_an_entry_type_with_an_address_of_its_own():
    assert [e.entity for e in ENTRIES] == list(ENTITIES)
    assert len({e.id for e in EVERY}) == len({e.path for e in EVERY}) == len(EVERY)


def test_an_entity_that_nobody_named_outside_is_named_by_the_dictionary():
    entry = entry_of("condition")
    assert (entry.id, entry.path, entry.schema_id) == ("condition", "conditions", "oncommons-condition-v1")


def test_an_entry_type_is_found_by_identifier_address_and_entity():
    assert {named(text) for text in ("imagingStudy", "imaging_studies", "study")} == {entry_of("study")}
    assert named("biosamples") is None
    assert named("datasets").collection

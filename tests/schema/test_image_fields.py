"""Which entities and fields come from images."""

from oncommons.schema.clinical import CLINICAL
from oncommons.schema.dictionary import ENTITIES, FIELDS
from oncommons.schema.image_fields import CARRIED, IMAGED, NUMBERED, OF_SERIES, READ
from oncommons.schema.permit import VARIABLES


def test_every_entity_comes_from_images_or_from_clinical_data():
    assert IMAGED == ("person", "study", "series")
    assert {*IMAGED} | {*CLINICAL} == {*ENTITIES}
    assert not {*IMAGED} & {*CLINICAL}


def test_every_field_that_is_read_is_one_of_the_dictionary():
    assert {*READ} <= {f.name for f in FIELDS if f.entity in IMAGED}


def test_codes_of_closed_vocabularies_are_numbers_but_ages_and_models_are_not():
    assert {*READ} - {*NUMBERED} == {"age", "model"}
    assert {*NUMBERED} - {*OF_SERIES} == {"sex"}


def test_an_image_carries_what_was_read_from_headers_and_nothing_that_only_clinical_data_tell():
    assert {"person", "study", "series", "person.sex", "person.age", "study.study_year", "series.modality"} <= CARRIED
    assert not {"person.vital_status", "person.follow_up", "condition", "condition.code"} & CARRIED
    assert {f"{f.entity}.{f.name}" for f in FIELDS if f.name in READ} <= CARRIED <= VARIABLES

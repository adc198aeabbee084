"""Tables of OMOP."""

import pytest

from oncommons.schema.clinical import FIELDS
from oncommons.schema.omop import END, MODIFIERS, OWN, REQUIRED_CONCEPTS, START, TABLES, columns_of, type_of

NUMBERS = {
    "person": 18,
    "condition_occurrence": 16,
    "drug_exposure": 23,
    "procedure_occurrence": 16,
    "measurement": 23,
    "observation": 21,
    "death": 7,
    "specimen": 15,
    "episode": 13,
}
"""Columns of each table as CDM 5.4 lists them."""


def test_the_tables_have_as_many_columns_as_the_standard():
    assert {t: len(c) for t, c in TABLES.items() if t != "image_occurrence"} == NUMBERS


@pytest.mark.parametrize("table", TABLES)
def test_no_column_stands_twice_and_every_table_is_about_a_person(table):
    assert len(set(columns_of(table))) == len(columns_of(table))
    assert "person_id" in TABLES[table]
    assert set(OWN) <= set(columns_of(table))


@pytest.mark.parametrize("table", START)
def test_dates_are_columns_of_their_table(table):
    names = [START[table], *([END[table]] if table in END else [])]
    wanted = [f"{n}_datetime" if table == "person" else f"{n}_date" for n in names]
    assert set(wanted) <= set(TABLES[table])


def test_required_concepts_are_columns_of_their_table():
    assert [c for t, columns in REQUIRED_CONCEPTS.items() for c in columns if c not in TABLES[t]] == []


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        ("person_id", "BIGINT"),
        ("gender_concept_id", "BIGINT"),
        ("death_date", "DATE"),
        ("birth_datetime", "TIMESTAMP"),
        ("year_of_birth", "INTEGER"),
        ("value_as_number", "DOUBLE"),
        ("value_source_value", "VARCHAR"),
        ("specimen_source_id", "VARCHAR"),
        ("partial_date", "VARCHAR"),
        ("verbatim_end_date", "DATE"),
    ],
)
def test_a_column_has_the_type_of_the_standard(column, kind):
    assert type_of(column) == kind


def test_modifiers_are_fields_of_a_diagnosis():
    assert set(MODIFIERS) <= {name for name, entity, *_ in FIELDS if entity == "condition"}

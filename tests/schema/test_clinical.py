"""Clinical entities and fields."""

from oncommons.schema import dictionary
from oncommons.schema.clinical import ENTITIES, FIELDS


def test_the_dictionary_has_them_all():
    assert {name for name, *_ in ENTITIES} <= set(dictionary.ENTITIES)
    assert {(f.name, f.entity, f.type) for f in dictionary.FIELDS} >= {(n, e, t) for n, e, t, *_ in FIELDS}


def test_a_name_stands_for_one_field_wherever_it_is():
    names = [f.name for f in dictionary.FIELDS]
    assert len(set(names)) == len(names)


def test_no_field_is_a_date_and_years_and_days_are_whole():
    assert [name for name, _, kind, *_ in FIELDS if "date" in name] == []
    assert {kind for name, _, kind, *_ in FIELDS if name.endswith(("_year", "_after"))} == {"integer"}

"""Accepted mappings applied to what is indexed."""

import pytest
from tests.node.index.test_build import rows_of, take

from oncommons.node.index.asking import Index
from oncommons.node.index.remap import keeps_readings, remap, to_remap
from oncommons.node.receive.accepted import Accepted, offer
from oncommons.storage.generations import Generations

MAPPINGS = [
    Accepted("body_part", "Mamma li", "", "BREAST"),
    Accepted("sex", "w", "", "F"),
    Accepted("manufacturer", "acme", "", "GE"),
]


@pytest.fixture
def generations(tmp_path):
    found = Generations(tmp_path)
    rows = [
        {"person": "p", "body_part": "MAMMA LI", "sex": "w", "manufacturer": "Acme"},
        {"person": "p", "body_part": "CHEST", "sex": "F", "manufacturer": None},
        {"person": "q", "body_part": "Mamma li ", "sex": "M", "manufacturer": "zzz"},
        {"person": "q", "body_part": None, "sex": "W"},
        {"collection": "e", "person": "r", "sex": "w"},
    ]
    take(found, *rows)
    return found


def waiting(generations, mappings):
    with generations.open() as base:
        offer(base, mappings)
        return to_remap(base)


def apply(generations, mappings):
    with generations.fresh() as base:
        offer(base, mappings)
        return remap(base)


def test_rows_and_statistics_are_as_if_the_source_had_been_imported_with_the_mappings(generations, tmp_path):
    assert waiting(generations, MAPPINGS) > 0
    assert apply(generations, MAPPINGS) == 4
    index = Index(generations.open())
    codes = (
        "SELECT p.id, (SELECT code FROM code WHERE number = p.sex), (SELECT code FROM code WHERE number = s.body_part), "
        "(SELECT code FROM code WHERE number = s.manufacturer) FROM series s JOIN person p ON p.key = s.person ORDER BY s.key"
    )
    told = index.connection.execute(codes).fetchall()
    lacking = {d.name: {n: f.lacking for n, f in d.fields.items()} for d in index.datasets.values()}
    index.close()
    assert sorted(told, key=str) == [
        ("p", "F", "BREAST", "GE"),
        ("p", "F", "CHEST", None),
        ("q", None, "BREAST", None),
        ("q", None, None, None),
        ("r", "F", None, None),
    ]
    assert (lacking["d"]["series.body_part"], lacking["d"]["series.manufacturer"]) == (1, 3)
    assert (lacking["d"]["person.sex"], lacking["e"]["person.sex"]) == (1, 0)


def test_doing_it_again_changes_nothing(generations):
    apply(generations, MAPPINGS)
    assert waiting(generations, MAPPINGS) == 0


def test_the_raw_string_stays_and_the_rule_says_who_decided(generations):
    apply(generations, MAPPINGS)
    query = "SELECT DISTINCT raw, code, rule, confidence FROM reading WHERE field = 'manufacturer' ORDER BY raw"
    assert rows_of(Index(generations.open()), query) == [
        ("Acme", "GE", "manufacturer.accepted", 1.0),
        ("zzz", None, None, None),
    ]


def test_tables_without_readings_are_left_alone(generations):
    with generations.fresh() as base:
        for table in ("code", "dataset", "entity", "field", "person", "study", "series", "condition"):
            base.execute(f"CREATE TABLE {table} AS FROM old.{table}")
    with generations.open() as base:
        assert not keeps_readings(base)
    assert waiting(generations, MAPPINGS) == 0

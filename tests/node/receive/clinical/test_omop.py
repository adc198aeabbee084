"""A database of OMOP on its way into the node."""

from functools import partial

import duckdb
import pytest
from tests.node.omops import statements

from oncommons.node.clinical import import_clinical
from oncommons.node.desk import Desk
from oncommons.node.receive.clinical.omop import OmopSource, receive_omop
from oncommons.node.receive.clinical.records import AS_GIVEN, Names
from oncommons.node.receive.clinical.resuming import Readings
from oncommons.schema.errors_of_rows import NotOmop


@pytest.fixture
def place(tmp_path):
    path = tmp_path / "cdm.duckdb"
    with duckdb.connect(str(path)) as base:
        for text in statements():
            base.execute(text)
    return path


def take(home, place):
    return import_clinical(home, partial(receive_omop, source=OmopSource(str(place), "d"), names=AS_GIVEN))


def counted(home, where, count="person"):
    (dataset,) = Desk(home).answer({"count": count, "where": where}).datasets
    return dataset.certain.at_least, dataset.possible.at_least


def some(entity, **tests):
    return {"some": entity, "where": {"all": [{"field": name, **test} for name, test in tests.items()]}}


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({"field": "sex", "in": ["F"]}, (1, 1)),
        ({"field": "sex", "in": ["M"]}, (2, 2)),
        ({"field": "birth_year", "between": [1960, None]}, (2, 2)),
        ({"field": "vital_status", "in": ["DEAD"]}, (1, 3)),
        ({"field": "follow_up", "between": [365, 365]}, (1, 3)),
        (some("condition", topography={"in": ["SITE:BREAST"]}, morphology={"in": ["ICDO3:8520/3"]}), (1, 3)),
        (some("condition", code={"in": ["SITE:LUNG"]}), (1, 2)),
        (some("condition", code={"in": ["SITE:BREAST"]}), (1, 2)),
        (some("condition", age_at_diagnosis={"between": [69, 69]}), (1, 3)),
        (some("measurement", marker={"in": ["PSA"]}, value={"between": [4.50025, 4.50025]}), (1, 1)),
        (some("measurement", marker={"in": ["ER"]}, result={"in": ["POSITIVE"]}), (1, 1)),
        (some("treatment", treatment_kind={"in": ["HORMONE"]}, treatment_code={"in": ["ATC:L02"]}), (1, 1)),
    ],
)
def test_an_omop_database_is_answered(home, place, where, expected):
    take(home, place)
    assert counted(home, where) == expected


def test_rows_are_copied_as_they_are_and_what_is_not_read_is_told(home, place):
    report = take(home, place)
    assert [(f.row, f.at, f.code, f.kept) for f in report.taken.first] == [
        (3, "condition_occurrence.condition_concept_id", "E332", True),
        (4, "condition_occurrence.person_id", "E337", False),
    ]
    assert report.taken.passed_over == {"measurement of no known code": 1}
    with home.tables.open() as base:
        values = base.execute(
            "SELECT value_as_number, measurement_concept_id, unit_concept_id FROM omop.measurement "
            "WHERE measurement_concept_id = 903 ORDER BY 1"
        ).fetchall()
        assert values == [(4.0, 903, 904), (4500.25, 903, 904)]
        assert base.execute("SELECT max(value_as_number) FROM omop.measurement").fetchall() == [(12345678.125,)]
        assert base.execute("SELECT id FROM person ORDER BY 1").fetchall() == [("3",), ("4711",), ("4712",)]


def test_the_same_database_twice_gives_the_same_answers(home, place):
    where = some("condition", code={"in": ["SITE:LUNG"]})
    take(home, place)
    once = counted(home, where)
    take(home, place)
    assert counted(home, where) == once


def test_a_database_without_the_tables_of_omop_is_told(home, tmp_path):
    with duckdb.connect(str(tmp_path / "x.duckdb")) as base:
        base.execute("CREATE TABLE person (person_id INTEGER)")
    with pytest.raises(NotOmop, match="no table condition_occurrence"):
        take(home, tmp_path / "x.duckdb")


def test_what_is_kept_meanwhile_has_no_number_of_the_hospital(place, tmp_path):
    with duckdb.connect() as base:
        receive_omop(base, OmopSource(str(place), "d"), Names(lambda _: "someone", str), Readings(tmp_path / "r"))
    kept = [path.read_bytes() for path in (tmp_path / "r").iterdir()]
    assert any(b"someone" in content for content in kept)
    assert not any(b"4711" in content or b"4712" in content for content in kept)


def test_a_row_is_called_by_its_key_and_one_without_by_its_place(place):
    with duckdb.connect(str(place)) as base:
        base.execute("INSERT INTO person (person_id) VALUES (77)")
    with duckdb.connect() as base:
        receive_omop(base, OmopSource(str(place), "d"), AS_GIVEN)
        found = base.execute("SELECT item FROM clinical_person UNION ALL SELECT item FROM clinical_death ORDER BY 1")
        assert [item for (item,) in found.fetchall()] == ["death/1", "person/1", "person/2", "person/3", "person/77"]

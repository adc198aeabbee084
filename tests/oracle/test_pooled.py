"""The rows of the real index, derived by the written rules."""

import duckdb
import pandas as pd
import pytest
from tests.oracle import columns, generator, kleene, pooled

FEW = ("rider_breast_mri", "qin_pet_phantom", "rider_phantom_mri", "lungct_diagnosis", "htan_hms", "mri_dir")


@pytest.fixture(scope="module")
def few():
    return pooled.load(FEW)


def a_table(*rows):
    """A table like the index; each row gives what differs from a plain one."""
    plain = {
        "collection_id": "c",
        "PatientID": "p",
        "StudyInstanceUID": "1",
        "PatientSex": None,
        "PatientAge": None,
        "StudyDate": None,
        "Modality": None,
        "BodyPartExamined": None,
        "Manufacturer": None,
        "ManufacturerModelName": None,
        "SeriesDescription": None,
        "StudyDescription": None,
        "SOPClassUID": None,
        "instanceCount": 1,
    }
    return pooled.derive(pd.DataFrame([plain | row for row in rows]))


def the_values(pool, name):
    column = pool.columns[name]
    return [column.levels[p] for p in column.place]


def asked(query, *values):
    """The one row of an answer, by a connection that nobody else uses."""
    with duckdb.connect() as own:
        (row,) = own.execute(query, list(values)).fetchall()
    return row


def test_the_index_holds_what_the_demo_promises():
    numbers = asked(
        "select count(*), count(distinct collection_id), count(distinct (collection_id, PatientID)), "
        "count(distinct (collection_id, PatientID, StudyInstanceUID)) from read_parquet(?)",
        pooled.INDEX,
    )
    assert numbers == (1_044_191, 179, 86_451, 168_508)


def test_the_rows_of_few_collections_are_as_many_as_in_the_index(few):
    people, studies, series = asked(
        "select count(distinct (collection_id, PatientID)), count(distinct StudyInstanceUID), count(*) "
        "from read_parquet(?) where list_contains(?, collection_id)",
        pooled.INDEX,
        list(FEW),
    )
    assert (few.size("person"), few.size("study"), few.size("series")) == (people, studies, series)


def test_both_oracles_agree_on_real_rows(few):
    dropped = few.without({("mri_dir", "modality"), ("lungct_diagnosis", "age"), ("htan_hms", "manufacturer")})
    people = list(dropped.people())
    for seed in range(60):
        question = generator.question(seed)
        assert columns.answer(question, dropped) == kleene.answer(question, people), question


def test_no_dataset_has_conditions(few):
    counted = columns.answer({"count": "person", "where": {"some": "condition"}}, few)
    assert sum(c.certain for c in counted.values()) == 0
    assert sum(c.possible for c in counted.values()) == few.size("person")


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("045Y", 45),
        (" 045y ", 45),
        ("023M", 1),
        ("060W", 1),
        ("052W", 0),
        ("366D", 1),
        ("365D", 0),
        ("045", None),
        ("45Y", None),
        ("0045Y", None),
        ("N-A", None),
        ("", None),
    ],
)
def test_age_is_read_in_completed_years(raw, expected):
    assert pooled.years(raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [("1999-11-16", 1999), ("19991116", 1999), (" 2001-01-01", 2001), ("1999", None), ("1999-11", None), ("", None)],
)
def test_the_year_is_read_from_a_whole_date(raw, expected):
    assert pooled.year(raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ('"GE Healthcare"', "GE"),
        ("GE", "GE"),
        ("ge medical systems", "GE"),
        ("GEORGE", None),
        ("TOSHIBA", "CANON"),
        ("QIICR", None),
        ("The SIEMENS", None),
    ],
)
def test_the_manufacturer_is_told_by_its_name_or_how_it_starts(raw, expected):
    assert pooled.manufacturer(raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"), [("breast", "BREAST"), ("Left Breast", "BREAST"), ("THORAX", "CHEST"), ("ELSEWHERE", None)]
)
def test_the_body_part_is_a_term_of_the_standard_or_missing(raw, expected):
    assert pooled.body_part(raw) == expected


@pytest.mark.parametrize(("raw", "expected"), [("mr", "MR"), (" CT ", "CT"), ("XYZ", None)])
def test_the_modality_is_a_code_or_missing(raw, expected):
    assert pooled.modality(raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [(("F", None), "F"), (("F", "f"), "F"), (("F", "M"), None), (("F", "U"), "F"), ((None, "0000"), None)],
)
def test_the_sex_of_a_person_is_what_their_series_agree_on(raw, expected):
    pool = a_table(*({"PatientSex": sex} for sex in raw))
    assert the_values(pool, "sex") == [expected]


def test_the_age_of_a_person_is_the_smallest_and_that_of_a_study_its_own():
    pool = a_table(
        {"StudyInstanceUID": "1", "PatientAge": "050Y"},
        {"StudyInstanceUID": "1", "PatientAge": "049Y"},
        {"StudyInstanceUID": "2", "PatientAge": "040Y"},
        {"StudyInstanceUID": "3"},
    )
    assert the_values(pool, "age") == [40]
    assert the_values(pool, "age_at_study") == [49, 40, None]


def test_a_patient_in_two_collections_is_two_people():
    pool = a_table({"collection_id": "c"}, {"collection_id": "d"})
    assert (pool.size("person"), pool.size("study"), pool.datasets) == (2, 2, ["c", "d"])

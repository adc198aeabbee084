"""A clinical table on its way into the node, as a hospital would send it: real, random and bad ones."""

import csv
import importlib.util
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.node.clinicals import mapping_of, take_table, take_text, write_rows

from oncommons.node.desk import Desk
from oncommons.schema.errors import BadMapping, UnreadableSource

LYMPH = """
[[tables]]
table = "condition_occurrence"
code = { value = "ICD10:C50" }
date = { column = "diagdateb", format = "%d-%m-%Y" }
age = "age"
grade = "grade"
[[tables]]
table = "drug_exposure"
kind = { value = "HORMONE" }
when = { hormone = ["2"] }
[[tables]]
table = "measurement"
marker = { value = "TUMOUR_SIZE" }
value = { column = "size", unit = "mm" }
[[tables]]
table = "measurement"
marker = { value = "NODES_POSITIVE" }
value = "nodes"
[[tables]]
table = "episode"
kind = { value = "RECURRENCE" }
date = { column = "recdate", format = "%d-%m-%Y" }
when = { censrec = ["1"] }
[[tables]]
table = "follow_up"
time = { column = "survtime", unit = "d" }
status = { column = "censdead", map = { "0" = "ALIVE", "1" = "DEAD" } }
"""


@pytest.fixture
def lymph():
    """686 women with breast cancer of the German Breast Cancer Study Group, as lifelines ships them."""
    found = importlib.util.find_spec("lifelines")
    if found is None or not found.submodule_search_locations:
        pytest.skip("lifelines is not here: pip install --no-deps lifelines")
    return Path(found.submodule_search_locations[0], "datasets", "lymph_node.csv")


def counted(home, where=None, count="person", by=()):
    body = {"count": count} | ({"where": where} if where else {}) | ({"by": list(by)} if by else {})
    (dataset,) = Desk(home).answer(body).datasets
    if by:
        return {next(iter(g.key.values())): g.certain.at_least for g in dataset.groups}
    return dataset.certain.at_least, dataset.possible.at_least


def some(entity, *tests):
    return {"some": entity, "where": {"all": list(tests)}}


def test_a_real_trial_is_counted_as_its_table_says(home, lymph):
    report = take_table(home, lymph, mapping_of(LYMPH))
    assert (report.taken.read, report.taken.refused, report.taken.faults) == (686, 0, {})
    with lymph.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    diagnosed = [datetime.strptime(r["diagdateb"], "%d-%m-%Y") for r in rows]  # noqa: DTZ007
    relapse = [
        (datetime.strptime(r["recdate"], "%d-%m-%Y") - day).days if r["censrec"] == "1" else None  # noqa: DTZ007
        for r, day in zip(rows, diagnosed, strict=True)
    ]
    large = {"field": "marker", "in": ["TUMOUR_SIZE"]}, {"field": "value", "between": [20.5, None]}
    old = {"field": "code", "in": ["SITE:BREAST"]}, {"field": "age_at_diagnosis", "between": [50, 60]}
    year = {"field": "diagnosis_year", "between": [1985, 1986]}
    early = {"field": "began_after", "between": [0, 365]}
    assert counted(home, some("measurement", *large)) == (sum(float(r["size"]) >= 20.5 for r in rows),) * 2
    assert counted(home, some("condition", *old)) == (sum(50 <= int(r["age"]) <= 60 for r in rows),) * 2
    assert counted(home, {"field": "follow_up", "between": [1826, None]})[0] == sum(
        int(r["survtime"]) > 1825 for r in rows
    )
    assert counted(home, by=["vital_status"]) == Counter("DEAD" if r["censdead"] == "1" else "ALIVE" for r in rows)
    assert counted(home, count="condition", by=["grade"]) == Counter(f"G{r['grade']}" for r in rows)
    assert counted(home, year, count="condition")[0] == sum(d.year in {1985, 1986} for d in diagnosed)
    assert counted(home, some("episode", early))[0] == sum(days is not None and 0 <= days <= 365 for days in relapse)
    hormone = {"field": "treatment_kind", "in": ["SYSTEMIC"]}
    assert counted(home, some("treatment", hormone))[0] == sum(r["hormone"] == "2" for r in rows)


def tables_of(home):
    """Everything that the node's tables hold."""
    with home.tables.open() as base:
        names = base.execute("SELECT schema_name, table_name FROM duckdb_tables() ORDER BY ALL").fetchall()
        return {name: base.execute(f"SELECT * FROM {'.'.join(name)} ORDER BY ALL").fetchall() for name in names}


def test_the_same_file_twice_gives_the_same_tables(home, lymph):
    take_table(home, lymph, mapping_of(LYMPH))
    once = tables_of(home)
    take_table(home, lymph, mapping_of(LYMPH))
    assert tables_of(home) == once


TWO = 'table = "measurement"\nmarker = "what"\nvalue = "value"\nunit = "unit"\ndate = "on"\n'
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=30)
NUMBERS = st.decimals(allow_nan=False, allow_infinity=False).map(str) | st.integers(-(10**40), 10**40).map(str)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(NUMBERS | TEXTS, TEXTS, st.dates().map(str) | TEXTS), min_size=1, max_size=60))
def test_any_text_of_a_table_comes_back_as_it_was(home, tmp_path, rows):
    written = [
        {"id": f"p{n}", "what": "PSA", "value": value, "unit": unit, "on": when}
        for n, (value, unit, when) in enumerate(rows)
    ]
    path = write_rows(tmp_path / "any.csv", written)
    take_table(home, path, mapping_of(f"[[tables]]\n{TWO}"))
    with home.tables.open() as base:
        found = base.execute(
            "SELECT person_source_value, value_source_value, unit_source_value, m.date_source_value, value_as_number "
            "FROM omop.person p LEFT JOIN omop.measurement m USING (person_id)"
        ).fetchall()
    told = {name: rest for name, *rest in found}
    for row in written:
        value, unit, when, number = told[row["id"]]
        blank = {"", "NA", "NULL", "?", ".", "-", "N/A", "NAN", "NONE", "NIL", "UNK", "UNKNOWN", "MISSING"}
        if row["value"].strip().upper() in blank:
            continue
        assert (value, unit) == (row["value"], row["unit"] if row["unit"].strip() else unit)
        assert when == row["on"] or row["on"].strip().upper() in blank
        if number is not None:
            assert number == float(row["value"].strip().lstrip("<>=≤≥ ").replace("−", "-"))


BAD = """
    id,sex,born,icd,on
    1,F,1950-01-01,C50.4,2001-02-03
    2,M,1950-31-12,C61,2001-02-03
    ,M,1950-01-01,C61,2001-02-03
    3,M,1950-01-01,prostate,2001-02-03
    1,M,1950-01-01,C61,2001-02-03
    4,F,1960-01-01,C50,1959-12-31
    5,F,1960-01-01,C50
"""
MAPPING = """
[[tables]]
table = "person"
sex = "sex"
birth = "born"
[[tables]]
table = "condition_occurrence"
code = "icd"
date = "on"
"""


def test_bad_rows_are_told_one_by_one_and_good_ones_are_kept(home, tmp_path):
    report = take_text(home, tmp_path, BAD.replace("\n    ", "\n"), MAPPING)
    assert [(f.row, f.code, f.kept) for f in report.taken.first] == [
        (3, "E334", True),
        (4, "E331", False),
        (5, "E332", True),
        (6, "E333", True),
        (7, "E334", True),
        (8, "E331", False),
    ]
    assert (report.taken.read, report.taken.refused) == (7, 2)
    assert counted(home) == (4, 4)
    assert counted(home, some("condition", {"field": "code", "in": ["ICD10:C50", "ICD10:C61"]})) == (3, 4)


def test_a_line_in_another_encoding_is_taken_and_told(home, tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes("id,icd\n1,C50\nZoë,C61\n".encode() + "Zoé,C61\n".encode("cp1252"))
    report = take_table(home, path, mapping_of('[[tables]]\ntable = "condition_occurrence"\ncode = "icd"'))
    assert [(f.row, f.code) for f in report.taken.first] == [(4, "E335")]
    assert counted(home) == (3, 3)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("id,icd\n1,C50\n", BadMapping),
        ("id,icd,on,on\n1,C50,,\n", BadMapping),
        ("", BadMapping),
        ('id,icd,on\n1,"C\n', UnreadableSource),
    ],
)
def test_a_file_that_does_not_fit_changes_nothing(home, tmp_path, text, fault):
    tables = '[[tables]]\ntable = "condition_occurrence"\ncode = "icd"\ndate = "on"'
    take_text(home, tmp_path, "id,icd,on\n1,C50,2001-01-01\n", tables)
    before = tables_of(home)
    with pytest.raises(fault):
        take_text(home, tmp_path, text, tables)
    assert tables_of(home) == before


def test_a_corrected_file_replaces_what_it_said_before(home, tmp_path):
    tables = '[[tables]]\ntable = "condition_occurrence"\ncode = "icd"'
    take_text(home, tmp_path, "id,icd\n1,C50\n2,C61\n", tables)
    take_text(home, tmp_path, "id,icd\n1,C34\n", tables)
    assert counted(home) == (1, 1)
    assert counted(home, some("condition", {"field": "code", "in": ["SITE:LUNG"]})) == (1, 1)
    take_text(home, tmp_path, "id,icd\n7,C50\n", tables, name="more")
    assert counted(home) == (2, 2)


def test_a_person_is_one_row_and_a_line_that_contradicts_it_is_told_once(home, tmp_path):
    text = """
        id,sex,born
        p,F,1950
        p,F,1950
        q,,
        p,M,1960
        """
    two = """
        [[tables]]
        table = "person"
        sex = "sex"
        [[tables]]
        table = "person"
        birth = "born"
        """
    report = take_text(home, tmp_path, text, two)
    assert (report.taken.rows, report.taken.faults) == ({"person": 2}, {"E333": 1})
    assert [(fault.row, fault.at) for fault in report.taken.first] == [(5, "id")]

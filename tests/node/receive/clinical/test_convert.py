"""A row of a clinical table becomes rows of OMOP."""

from decimal import Decimal

import pytest
from tests.node.clinicals import mapping_of

from oncommons.node.receive.clinical.convert import Converter, dated, number_text
from oncommons.node.receive.clinical.records import OmopRow
from oncommons.node.receive.clinical.taking import REFUSED
from oncommons.node.receive.lines import Line

TABLES = """
[[tables]]
table = "person"
sex = "sex"
birth = "born"
[[tables]]
table = "condition_occurrence"
code = "icd"
stage = "stage"
age = "age"
[[tables]]
table = "measurement"
marker = { value = "PSA" }
value = { column = "psa", unit = "ng/mL" }
when = { done = ["1"] }
[[tables]]
table = "follow_up"
status = { column = "dead", map = { "0" = "ALIVE", "1" = "DEAD" } }
time = { column = "months", unit = "mo" }
"""

UNIT = Converter(mapping_of(TABLES), str).unit


def convert(*lines, tables=TABLES):
    """Rows by table and faults of some lines; the first is line 2, as after a header."""
    converter = Converter(mapping_of(tables), str.upper)
    made = [converter.unit((Line(n, {"id": "p"} | line, 1), 1)) for n, line in enumerate(lines, 2)]
    rows = {}
    for number, person, found, *_ in made:
        for table, item, values in found:
            rows.setdefault(table, []).append(OmopRow(table, person, item, number, values))
    return rows, [(number, at, code) for number, _, _, faults, _ in made for at, code, *_ in faults]


def test_a_row_becomes_rows_of_several_tables():
    line = {"sex": "female", "born": "1960-05", "icd": "C61", "stage": "II", "age": "61.2", "psa": "<4", "done": "1"}
    rows, faults = convert(line | {"dead": "1", "months": "12"})
    assert faults == []
    assert rows["person"][0].values == {
        "gender_source_value": "female",
        "code": "F",
        "date_source_value": "1960-05",
        "year_of_birth": "1960",
        "month_of_birth": "05",
    }
    (condition,) = rows["condition_occurrence"]
    assert condition.values == {"condition_source_value": "C61", "code": "ICD10:C61"}
    stage, psa = rows["measurement"]
    assert (stage.values["code"], stage.values["value_code"], stage.values["event_item"]) == (
        "STAGE",
        "II",
        condition.item,
    )
    assert (psa.values["value_source_value"], psa.values["operator_concept_id"]) == ("<4", "4171756")
    assert "canonical_value" not in psa.values
    told = {row.values["code"]: row.values for row in rows["observation"]}
    assert told["AGE_AT_DIAGNOSIS"]["canonical_value"] == "61.2"
    assert told["VITAL_STATUS"]["value_code"] == "DEAD"
    assert told["FOLLOW_UP"]["canonical_value"] == "365.2500"
    assert {row.person for found in rows.values() for row in found} == {"P"}


def test_a_block_that_says_nothing_makes_no_row():
    rows, faults = convert({"psa": "4", "done": "0", "icd": "", "sex": "NA"})
    assert (set(rows), faults) == ({"person"}, [])


def test_what_cannot_be_read_is_told_and_its_text_is_kept():
    rows, faults = convert({"icd": "lungs", "psa": "high", "done": "1", "born": "1960-02-30", "age": "-3"})
    assert faults == [(2, "born", "E334"), (2, "icd", "E332"), (2, "age", "E336"), (2, "psa", "E336")]
    assert rows["condition_occurrence"][0].values == {"condition_source_value": "lungs"}
    assert rows["measurement"][0].values["value_source_value"] == "high"
    assert rows["person"][0].values == {"date_source_value": "1960-02-30"}


@pytest.mark.parametrize(("line", "item"), [({"sex": "F"}, "2.0"), ({}, "2.person")])
def test_a_line_has_a_row_about_the_person_whatever_it_says(line, item):
    (person,) = convert(line)[0]["person"]
    assert person.item == item


@pytest.mark.parametrize(("line", "cells"), [({"id": ""}, 1), ({"id": "NA"}, 1), ({}, 2)])
def test_a_row_of_nobody_or_of_another_width_is_refused(line, cells):
    number, _, rows, [(_, code, _, kept)], counted = UNIT((Line(5, {"id": "p"} | line, cells), 1))
    assert (number, [*rows], code, kept, counted) == (5, [], "E331", False, [(REFUSED, "")])


def test_a_line_in_another_encoding_is_taken_and_told():
    _, _, rows, faults, _ = UNIT((Line(5, {"id": "p"}, 1, recoded=True), 1))
    assert (len(rows), [code for _, code, *_ in faults]) == (1, ["E335"])


def test_a_value_in_a_unit_that_is_not_of_its_marker_is_told():
    _, faults = convert({"psa": "4", "done": "1"}, tables=TABLES.replace("ng/mL", "mm"))
    assert faults == [(2, "psa", "E336")]


def test_a_time_of_follow_up_needs_a_unit():
    _, faults = convert({"months": "4"}, tables=TABLES.replace('"mo"', '"moon"'))
    assert faults == [(2, "months", "E336")]


@pytest.mark.parametrize(
    ("table", "iso", "columns"),
    [
        ("death", "2020", {"partial_date": "2020"}),
        ("death", "2020-01-02", {"death_date": "2020-01-02"}),
        (
            "episode",
            "2020-01-02T03:04",
            {"episode_start_date": "2020-01-02", "episode_start_datetime": "2020-01-02T03:04"},
        ),
    ],
)
def test_a_date_fills_the_columns_that_it_is_known_for(table, iso, columns):
    assert dated(table, iso) == columns


@pytest.mark.parametrize(("text", "kept"), [("1e308", True), ("1e309", False), ("0", True), ("1e-400", False)])
def test_a_number_beyond_a_double_is_kept_as_text_only(text, kept):
    assert bool(number_text("v", Decimal(text))) is kept


@pytest.mark.parametrize(
    ("months", "days"),
    [("0", "0.0000"), ("1560", "47482.5000"), ("-3", None), ("1561", None), (">60", None), ("x", None)],
)
def test_a_follow_up_is_from_nothing_to_130_years_and_otherwise_told(months, days):
    rows, faults = convert({"dead": "0", "months": months})
    time = next(row.values for row in rows["observation"] if row.values["code"] == "FOLLOW_UP")
    assert faults == ([] if days else [(2, "months", "E336")])
    assert (time["value_source_value"], time.get("canonical_value")) == (months, days)

"""Raw values beside their codes: the same that an import makes of them."""

import pytest
from tests.node.steward.homes import EVIL, MAKER

from oncommons.node.receive.accepted import Accepted
from oncommons.node.steward.mappings import COLUMNS, MOST_VALUES, Raw, column_json, decisions_of, read_values
from oncommons.schema.errors import BadRequest
from oncommons.storage.ledger_pages import LedgerPages


def told(column, *rows):
    return read_values({column: rows})[column]


def test_what_no_rule_reads_comes_first_and_then_the_most_frequent():
    found = told(
        "manufacturer", ("a", "GE", 5), ("a", "Acme", 2), ("b", "Acme", 1), ("a", "SIEMENS", 9), ("a", "Bee", 7)
    )
    assert found == [
        Raw("Bee", None, {"a": 7}),
        Raw("Acme", None, {"a": 2, "b": 1}),
        Raw("SIEMENS", "SIEMENS", {"a": 9}),
        Raw("GE", "GE", {"a": 5}),
    ]


def test_every_column_reads_as_an_import_does():
    values = {
        "modality": "ct",
        "body_part": "left breast",
        "manufacturer": "Siemens Healthineers",
        "sex": "f",
        "age": "061Y",
    }
    found = read_values({column: [("a", value, 1)] for column, value in values.items()})
    codes = {column: raws[0].code for column, raws in found.items()}
    assert codes == {"modality": "CT", "body_part": "BREAST", "manufacturer": "SIEMENS", "sex": "F", "age": "61"}


def test_files_without_a_value_are_counted_apart():
    body = column_json("sex", told("sex", ("a", "", 3), ("a", "  ", 1), ("a", "F", 5), ("a", "W", 2)))
    assert (body["files"], body["missing"], body["unread"]) == (11, 4, 2)
    assert [value["value"] for value in body["values"]] == ["W", "F"]


def test_a_column_with_endless_values_is_told_so_far():
    body = column_json("manufacturer", told("manufacturer", *(("a", f"maker {n}", 1) for n in range(MOST_VALUES + 7))))
    assert (len(body["values"]), body["left_out"], body["unread"]) == (MOST_VALUES, 7, MOST_VALUES + 7)


def test_values_are_never_sql():
    assert told("sex", ("a", "'; DROP TABLE x; --", 1))[0].code is None
    assert told("body_part", ("a", EVIL, 1))[0].value == EVIL


def test_no_files_give_no_values():
    assert told("age") == []


def test_the_codes_are_those_of_the_tables(node):
    ledger = LedgerPages(node.ledger_file)
    found = read_values({column: ledger.words(column) for column in COLUMNS})
    ledger.close()
    with node.tables.open() as tables:
        query = "SELECT DISTINCT c.code FROM series s JOIN code c ON c.number = s.modality"
        codes = {row[0] for row in tables.execute(query).fetchall()}
    assert {raw.code for raw in found["modality"]} == codes
    assert [raw.value for raw in found["manufacturer"] if not raw.code] == [MAKER]


def test_an_accepted_mapping_is_shown_instead_of_what_the_rules_say():
    words = {"body_part": [("lung", "Mamma li", 3), ("lung", "CHEST", 2)]}
    found = read_values(words, [Accepted("body_part", "mamma LI", "", "BREAST")])
    assert [(raw.value, raw.code) for raw in found["body_part"]] == [("Mamma li", "BREAST"), ("CHEST", "CHEST")]


def test_the_mappings_of_a_request_are_checked_as_those_of_a_file():
    rows = [
        {"field": "body_part", "raw": 'a "b",\nc', "code": "BREAST"},
        {"field": "series_class", "raw": "s", "context": "MR", "code": "zebra"},
    ]
    found = decisions_of({"mappings": rows})
    assert found.mappings == (Accepted("body_part", 'a "b",\nc', "", "BREAST"),)
    assert [fault.row for fault in found.faults] == [3]


@pytest.mark.parametrize("told", [{}, {"mappings": []}, {"mappings": ["x"]}, {"mappings": [{"field": 1}]}])
def test_a_request_of_another_shape_is_refused(told):
    with pytest.raises(BadRequest):
        decisions_of(told)

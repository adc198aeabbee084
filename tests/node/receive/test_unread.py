"""Values that no rule reads, told by the rows on which they stand."""

import duckdb
import pytest
from tests.node.tables import every_column, make_raw

from oncommons.node.receive.placing import Teller, told_in
from oncommons.node.receive.table import receive_raw


@pytest.fixture
def base():
    with duckdb.connect(config={"threads": 1}) as found:
        yield found


ROWS = [
    {"sex": "F", "age": "045Y", "study_year": "20240115", "instances": "3", "modality": "CT"},
    {"sex": "what", "age": "abc", "study_year": "20991231", "instances": "-1", "modality": "CT"},
    {"sex": "", "age": "58", "study_year": "18791231", "modality": "C T"},
    {"sex": "N/A", "age": None, "study_year": "2024-02-30", "manufacturer": "Acme"},
    {"study_year": "18800101", "body_part": "x" * 100, "series_class": "no column of this table"},
]


def test_every_value_that_no_rule_reads_is_told_with_its_row(base):
    make_raw(base, ROWS)
    received = receive_raw(base, every_column())
    told = told_in(base)
    assert [(row, at, code) for row, at, code, _, _ in told] == [
        (2, "age", "E336"),
        (2, "instances", "E336"),
        (2, "sex", "E332"),
        (2, "study_year", "E334"),
        (3, "age", "E336"),
        (3, "modality", "E332"),
        (3, "study_year", "E334"),
        (4, "manufacturer", "E332"),
        (4, "study_year", "E334"),
        (5, "body_part", "E332"),
    ]
    assert told[0][3:] == ("'abc' is not an age with its unit, such as 058Y; it counts as missing.", True)
    assert told[-1][3] == f"'{'x' * 60}…' is not read as body part; it counts as missing."
    assert sum(received.unmapped.values()) == sum(group.number for group in received.faults) == len(told)
    assert (received.series, received.refused) == (5, 0)
    years = [2024, None, None, None, 1880]
    assert base.execute("SELECT study_year FROM received ORDER BY series").fetchall() == [(y,) for y in years]


@pytest.mark.parametrize("odd", ["\n", "\x1b", "\x9b", "\u2028", "\u202e", "\x7f"])
def test_no_character_that_a_terminal_would_obey_is_quoted(base, odd):
    make_raw(base, [{"age": f"0{odd}Zoë", "sex": f"ж{odd}"}])
    group, _ = receive_raw(base, every_column()).faults
    texts = [text for _, _, _, text, _ in told_in(base)]
    assert texts[0].startswith("'0�Zoë' is not an age")
    assert texts[1].startswith("'ж�' is not read")
    assert group.message == texts[0]


def test_the_first_rows_of_a_field_are_named_with_what_they_say(base):
    make_raw(base, [{"sex": "F"}, *({"sex": f"q{i}"} for i in range(5)), *({"age": "9"} for _ in range(2))])
    sex, age = sorted(receive_raw(base, every_column()).faults, key=lambda group: group.number)[::-1]
    assert (sex.at, sex.number, sex.rows, sex.alike, "'q2'" in sex.messages[2]) == ("sex", 5, (2, 3, 4), False, True)
    assert (age.at, age.number, age.rows, age.alike) == ("age", 2, (7, 8), True)


def test_a_source_without_rows_of_its_own_is_not_told_row_by_row(base):
    make_raw(base, ROWS)
    received = receive_raw(base, every_column(), teller=Teller(base, is_detailed=False))
    assert (received.unmapped["age"], told_in(base), received.faults) == (2, [], ())
    assert not received.is_detailed


def test_what_was_told_of_another_source_is_gone(base):
    make_raw(base, ROWS)
    receive_raw(base, every_column())
    make_raw(base, ROWS[:1])
    receive_raw(base, every_column())
    assert told_in(base) == []

"""What was made of units becomes rows, faults and counts."""

import duckdb
import pytest

from oncommons.node.receive.clinical.loading import Loading
from oncommons.node.receive.clinical.taking import KIND, PASSED, REFUSED, Taking, fault_of, is_lasting, unit_of
from oncommons.schema.errors_of_rows import ImpossibleDate, UnreadableNumber

FUTURE, LONG_AGO = (
    ImpossibleDate("The date '2999' is in the future."),
    ImpossibleDate("The date '1066' is too long ago."),
)


@pytest.mark.parametrize(
    ("faults", "lasts"),
    [([], True), ([LONG_AGO], True), ([UnreadableNumber("'x' is in the future.")], True), ([LONG_AGO, FUTURE], False)],
)
def test_only_a_date_in_the_future_may_be_read_otherwise_tomorrow(faults, lasts):
    assert is_lasting(unit_of(1, faults=[fault_of("on", fault) for fault in faults])) is lasts


def test_rows_faults_and_counts_of_units_are_taken_and_one_row_about_a_person():
    asked = []
    with duckdb.connect() as base, Loading(base) as loading:
        taking = Taking(loading)
        for number in (1, 2):
            rows = [("person", "a", {"code": "F"}), ("death", "b", {})]
            unit = unit_of(number, "p", rows, [fault_of("on", LONG_AGO)], [(KIND, "x"), (PASSED, "y"), (REFUSED, "")])
            taking.take(unit, lambda row: not asked and not asked.append(row))
    assert dict(loading.rows) == {"person": 1, "death": 2}
    assert [(row.table, row.person, row.item, row.row, row.values) for row in asked] == [
        ("person", "p", "a", 1, {"code": "F"})
    ]
    assert [(fault.row, fault.at, fault.code, fault.kept) for fault in loading.first] == [
        (n, "on", "E334", True) for n in (1, 2)
    ]
    assert (taking.units, taking.refused, taking.counts[KIND]["x"], taking.counts[PASSED]["y"]) == (2, 2, 2, 2)

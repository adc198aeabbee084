"""Faults of single rows, written down and brought together."""

import duckdb

from oncommons.node.receive.faults import Fault, FaultGroup, grouped, make_table, write_faults


def test_faults_of_one_place_and_kind_are_one_group_with_its_first_rows():
    with duckdb.connect(config={"threads": 1}) as base:
        make_table(base, "told")
        write_faults(base, "told", [])
        assert grouped(base, "told") == ()
        write_faults(base, "told", [Fault(row, "age", "E336", f"row {row}") for row in (9, 4, 7, 2)])
        write_faults(base, "told", [Fault(3, "person", "E331", "nobody", kept=False)])
        assert grouped(base, "told") == (
            FaultGroup("age", "E336", True, 4, (2, 4, 7), "row 2", ("row 2", "row 4", "row 7"), False),
            FaultGroup("person", "E331", False, 1, (3,), "nobody", ("nobody",)),
        )
        assert grouped(base, "told", "place = $1", ("sex",)) == ()

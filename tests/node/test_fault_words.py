"""Faults of single rows in words and as a file."""

import csv
from pathlib import Path

from oncommons.node.fault_words import SHOWN, fault_lines, fault_table
from oncommons.node.receive.faults import FaultGroup


def test_a_group_is_one_line_that_names_its_first_rows():
    groups = [FaultGroup("age", "E336", True, 1, (2,), "old"), FaultGroup("p", "E331", False, 5, (3, 4, 6), "nobody")]
    assert fault_lines(groups, 6, Path("/tmp/all.csv")) == [
        "  row 2, age: old (E336)",
        "  5 rows: 3, 4, 6, …, p: nobody (E331, refused)",
        "  6 in all; all.csv holds every one of them.",
    ]


def test_more_groups_than_are_shown_are_in_the_report():
    groups = [FaultGroup(f"c{i}", "E336", True, 1, (i,), "old") for i in range(SHOWN + 5)]
    lines = fault_lines(groups, SHOWN + 5, None)
    assert len(lines) == SHOWN + 1
    assert lines[-1] == f"  {SHOWN + 5} in all; --report FILE writes every one of them."


def test_the_report_is_a_table_with_a_header():
    rows = [(2, "age", "E336", 'is "old", so', True)]
    assert list(csv.reader(fault_table(rows))) == [
        ["row", "at", "code", "message", "kept"],
        ["2", "age", "E336", 'is "old", so', "True"],
    ]

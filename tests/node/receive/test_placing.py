"""Rows of a table of series without a place, and the lines on which they stand."""

import csv

import duckdb
import pytest

from oncommons.node.receive.placing import lines_in, rows_as_counted, set_apart, told_in
from oncommons.node.receive.table import SeriesMapping, receive_file


@pytest.mark.parametrize("text", ["p,t,s\n1,2,3\n,2,4\n1,2,5\n", 'p,t,s\n"a\nb",2,3\n,2,4\n'])
def test_a_row_is_told_with_the_line_of_the_file(tmp_path, text):
    path = tmp_path / "x.csv"
    path.write_text(text)
    with duckdb.connect(config={"threads": 1}) as base:
        received = receive_file(base, path, SeriesMapping({"person": "p", "study": "t", "series": "s"}, "lung"))
    expected = [n for n, line in enumerate(text.split("\n"), 1) if line.startswith(",")]
    assert [list(f.rows) for f in received.faults] == [expected]


def test_lines_of_a_file_with_breaks_in_its_cells_are_those_of_a_plain_reader(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("p,q\n" + "".join(f'"{i}{chr(10) * (i % 3)}",x\n' for i in range(50)))
    with path.open(newline="") as file:
        rows = csv.reader(file)
        ends = [rows.line_num for _ in rows][1:]
    assert list(lines_in(path, 50)(range(50))) == ends


def test_rows_are_counted_from_one():
    assert rows_as_counted([0, 4]) == [1, 5]


def test_nothing_is_told_where_nothing_was_received():
    with duckdb.connect() as base:
        assert told_in(base) == []
        base.execute("CREATE TEMP TABLE row AS SELECT 'd' AS dataset, i::VARCHAR AS person FROM range(3) r(i)")
        assert set_apart(base, {"dataset": "d", "person": "p"}, rows_as_counted) == 0
        assert told_in(base) == []

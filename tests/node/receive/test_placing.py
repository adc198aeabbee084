"""Rows of a table of series without a place, and the lines on which they stand."""

import csv

import duckdb
import pytest

from oncommons.node.receive.faults import Fault
from oncommons.node.receive.placing import Teller, lines_in, rows_as_counted, set_apart, told_in
from oncommons.node.receive.table import SeriesMapping, receive_file


@pytest.fixture
def base():
    with duckdb.connect(config={"threads": 1}) as found:
        found.execute(
            "CREATE TEMP TABLE row AS SELECT 'd' AS dataset, nullif(i, 1)::VARCHAR AS person FROM range(3) r(i)"
        )
        yield found


@pytest.mark.parametrize("text", ["p,t,s\n1,2,3\n,2,4\n1,2,5\n", 'p,t,s\n"a\nb",2,3\n,2,4\n', "p,t,s\n\n1,2,3\n,2,4\n"])
def test_a_row_is_told_with_the_line_of_the_file(tmp_path, base, text):
    path = tmp_path / "x.csv"
    path.write_text(text)
    received = receive_file(base, path, SeriesMapping({"person": "p", "study": "t", "series": "s"}, "lung"))
    expected = [n for n, line in enumerate(text.split("\n"), 1) if line.startswith(",")]
    assert [list(f.rows) for f in received.faults] == [expected]


def test_lines_of_a_file_with_breaks_in_its_cells_are_those_of_a_plain_reader(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("p,q\n" + "".join(f'"{i}{chr(10) * (i % 3)}",x\n' for i in range(50)))
    with path.open(newline="") as file:
        rows = csv.reader(file)
        ends = [rows.line_num for _ in rows][1:]
    assert lines_in(path, 50)() == ends


@pytest.mark.parametrize(("text", "numbers"), [("p,q\n1,2\n3,4", 2), ("p,q\r1,2\r3,4\r", [2, 3])])
def test_lines_of_a_plain_file_begin_behind_the_header(tmp_path, text, numbers):
    path = tmp_path / "x.csv"
    path.write_bytes(text.encode())
    assert lines_in(path, 2)() == numbers


@pytest.mark.parametrize(("numbers", "told"), [(rows_as_counted, 2), (lambda: 10, 11), (lambda: [3, 7, 9], 7)])
def test_a_row_is_told_by_its_number(base, numbers, told):
    assert set_apart(Teller(base, numbers), {"dataset": "d", "person": "it's"}) == 1
    assert told_in(base) == [(told, "it's", "E331", "The row does not name its person.", False)]
    assert base.execute("SELECT person FROM row").fetchall() == [("0",), ("2",)]


def test_lines_are_told_as_they_are_and_those_left_out_are_counted(base):
    teller = Teller(base, lambda: 1 // 0)
    teller.write([Fault(4, "", "E331", "a", kept=False), Fault(2, "", "E335", "b")])
    assert (teller.refused, [row for row, *_ in told_in(base)]) == (1, [2, 4])


def test_nothing_is_told_where_nothing_was_received(base):
    assert told_in(base) == []
    assert set_apart(Teller(base), {"dataset": "d"}) == 0
    assert told_in(base) == []

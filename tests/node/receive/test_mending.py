"""CSV files with lines that cannot be read: the others are copied, and each is told."""

import csv
import io
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncommons.node.receive.mending import mend
from oncommons.node.receive.table import mapping_of, receive_file
from oncommons.schema.errors import StorageFailed, UnreadableSource

CELLS = st.lists(st.text('ab",;\n\r é', max_size=6), min_size=3, max_size=3)
GOOD = ["1,2,3", '"4","5,""x""",6', "é,,", ",,"]
BROKEN = ["1,2", "1,2,3,4", "x", '1,2,"3" x', '"1"2,3,4', '1,"2,3']


def mended(content):
    """Columns, rows of the copy, their numbers, and what was told."""
    told = []
    with TemporaryDirectory() as folder:
        path, copy = Path(folder) / "x.csv", Path(folder) / "copy"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        found = mend(path, copy, told.extend)
        with copy.open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file, strict=True))
    return found.columns, rows, list(found.numbers), [(f.row, f.code, f.kept) for f in told]


@given(rows=st.lists(CELLS, max_size=8), quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
def test_a_sound_file_is_copied_row_by_row(rows, quoting):
    text, ends = io.StringIO("p,t,s\n"), []
    text.seek(0, io.SEEK_END)
    writer = csv.writer(text, quoting=quoting)
    for row in rows:
        writer.writerow(row)
        ends.append(text.getvalue().count("\n"))
    assert mended(text.getvalue()) == (("p", "t", "s"), rows, ends, [])


@given(lines=st.lists(st.sampled_from(GOOD + BROKEN), max_size=12))
def test_every_broken_line_is_told_and_every_other_is_taken(lines):
    text = "\n".join(["p,t,s", *lines, "7,8,9"])
    told = [number for number, line in enumerate(lines, 2) if line in BROKEN]
    good = [next(csv.reader([line])) for line in [*lines, "7,8,9"] if line not in BROKEN]
    assert mended(text)[1] == good
    assert mended(text)[3] == [(number, "E331", False) for number in told]


def test_a_quotation_mark_that_is_not_closed_costs_its_own_line_only():
    text = 'p,t,s\n1,2,"3\n4,5,6\n7,8,9\n'
    assert mended(text)[1:] == ([["4", "5", "6"], ["7", "8", "9"]], [3, 4], [(2, "E331", False)])


def test_a_quotation_mark_within_a_cell_is_part_of_it():
    assert mended('p,t,s\n1,2,19" screen\n')[1] == [["1", "2", '19" screen']]


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        ('1, "2" ,"3"  ', ["1", "2", "3"]),
        (' "1, 1",  "2",\t"3"', ["1, 1", '  "2"', '\t"3"']),
        (' "" , 2 ," 3 "', ["", " 2 ", " 3 "]),
        ('1, "2\n2" ,3', ["1", "2\n2", "3"]),
    ],
)
def test_blanks_around_quotation_marks_are_passed_over_as_duckdb_does(line, cells):
    assert mended(f'"p", "t" ,s\n{line}\n')[:2] == (("p", "t", "s"), [cells])


STYLES = ["{}", " {}", "  {}", "{} ", '"{}"', ' "{}"', '  "{}"', '"{}" ', ' "{}"   ', '\t"{}"']


@st.composite
def styled(draw, text):
    """A cell as files write it: bare or in quotation marks, with blanks around either."""
    style, cell = draw(st.sampled_from(STYLES)), draw(text)
    if style.lstrip(" ").startswith('"'):
        return style.format(cell.replace('"', '""'))
    return style.format(cell.translate({ord(c): "x" for c in ',"\n'}) or "x")


NAMES = st.sampled_from(["p,t,s", '"p", "t", "s"', 'p ," t" ,"s" '])
ROW = st.tuples(*(styled(st.text('ab", é\n', max_size=4)) for _ in "pt"))


@settings(max_examples=8)
@given(
    header=NAMES, rows=st.lists(ROW, min_size=9, max_size=16), broken=st.sampled_from([b"1,2", b"1,2,3,4", b"M\xfc,,"])
)
def test_good_rows_are_read_alike_with_a_broken_line_among_them_and_without(header, rows, broken):
    good = [f"{','.join(row)},s{number}" for number, row in enumerate(rows)]
    lines = [line.encode() for line in [header, *good, "a,b,last"]]
    assert received([*lines, broken]) == received(lines)


def received(lines):
    """Persons, studies and series of a file, as the import reads it."""
    with TemporaryDirectory() as folder, duckdb.connect(config={"threads": 1}) as base:
        path = Path(folder) / "x.csv"
        path.write_bytes(b"\n".join([*lines, b""]))
        columns = {"person": "p", "study": "t", "series": "s"}
        receive_file(base, path, mapping_of({"dataset": "d", "columns": columns}))
        return base.execute("SELECT person, study, series FROM received ORDER BY stood").fetchall()


def test_behind_a_broken_row_what_may_be_the_rest_of_a_cell_is_not_taken():
    text = 'p,t,s\n1,2,"a\nb",3,4\n5,6,7\n'
    assert mended(text)[1:] == ([["5", "6", "7"]], [4], [(2, "E331", False), (3, "E331", False)])


def test_a_line_in_another_encoding_is_read_and_told():
    text = "p,t,s\nZoë,2,3\n".encode() + "Zoë,5,6\n".encode("cp1252")
    assert mended(text)[1:] == ([["Zoë", "2", "3"], ["Zoë", "5", "6"]], [2, 3], [(3, "E335", True)])


def test_utf_16_is_read():
    assert mended("p;t;s\nZoë;2;3\n".encode("utf-16")) == (("p", "t", "s"), [["Zoë", "2", "3"]], [2], [])
    with pytest.raises(UnreadableSource, match="neither UTF-8"):
        mended(b"\xff\xfe\x00\xd8\x00\xd8\n")


def test_lines_may_end_with_a_carriage_return_alone():
    text = 'p,t,s\r1,"2\r2",3\r4,5\r6,7,8'
    assert mended(text) == (("p", "t", "s"), [["1", "2\r2", "3"], ["6", "7", "8"]], [3, 5], [(4, "E331", False)])


def test_no_row_becomes_the_header_where_that_cannot_be_read():
    assert mended('p,"t,s\nJane,Doe,1\n') == ((), [], [], [(1, "E331", False)])


def test_names_of_columns_are_bare_and_no_two_are_alike():
    assert mended(" p ,P,,p_1\n")[0] == ("p", "P_1", "column2", "p_1_1")
    assert mended("")[0] == ()


def test_a_row_of_endless_length_is_told():
    text = 'p,t,s\n1,2,"' + f"{'x' * 300_000}\n" * 4 + '"\n4,5,6\n'
    _, rows, _, told = mended(text)
    assert (rows, [row for row, *_ in told]) == ([["4", "5", "6"]], [2, 3, 4, 5, 6])


def test_a_copy_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "x.csv").write_text("p,t,s\n")
    with pytest.raises(StorageFailed):
        mend(tmp_path / "x.csv", tmp_path / "none" / "copy", list)

"""CSV files with lines that cannot be read: the others are copied, and each is told."""

import csv
import io
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncommons.node.receive.mending import mend
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

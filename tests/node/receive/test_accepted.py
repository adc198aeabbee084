"""Files of mappings, read row by row."""

import csv
import io

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncommons.node.receive.accepted import (
    COLUMNS,
    FIELDS,
    LARGEST_FILE,
    Accepted,
    offer,
    parse_mappings,
    read_mappings,
    table,
    write_mappings,
)
from oncommons.schema.errors import BadMappingFile
from oncommons.schema.vocabulary import VOCABULARIES

BREAST = Accepted("body_part", "Mamma li", "", "BREAST")
DCE = Accepted("series_class", "serie 4", "MR", "DCE")


def parse(text):
    return parse_mappings(text.encode("utf-8"))


def test_good_rows_are_mappings():
    found = parse("field,raw,context,code\nbody_part,Mamma li,,BREAST\nseries_class,serie 4,mr,DCE\n")
    assert (found.mappings, found.faults, found.undecided) == ((BREAST, DCE), (), 0)


def test_columns_may_stand_in_any_order_and_beside_those_for_people():
    found = parse("code;why;raw;field;series\nBREAST;looks so;Mamma li;body_part;12\n")
    assert found.mappings == (BREAST,)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("colour,red,,X", "no field 'colour'"),
        ("body_part,mamma,,BREATS", "did you mean BREAST?"),
        ("sex,x,,zebra", "no code of sex"),
        ("body_part,  ,,BREAST", "empty"),
        (f"body_part,{'x' * 1025},,BREAST", "longer"),
        ("body_part,mamma,MR,BREAST", "takes none"),
        ("series_class,s,XX,DCE", "no modality"),
        ("body_part,mamma,,BREAST,more", "5 cells"),
        ("body_part", "1 cells"),
        ("age,x,,40", "no field 'age'"),
        ("body_part,MAMMA LI ,,CHEST", "earlier row"),
    ],
)
def test_a_bad_row_is_told_and_good_rows_are_kept(row, why):
    found = parse(f"field,raw,context,code\nbody_part,Mamma li,,BREAST\n{row}\nseries_class,serie 4,MR,DCE\n")
    assert found.mappings == (BREAST, DCE)
    (fault,) = found.faults
    assert fault.row == 3
    assert why in fault.why


def test_a_row_in_another_encoding_is_told_and_the_others_are_kept():
    content = b"field,raw,code\nbody_part,Mamma li,BREAST\n" + "body_part,Schädel,SKULL\n".encode("latin-1")
    found = parse_mappings(content + "body_part,Schädel,SKULL\n".encode())
    assert [(f.row, f.why) for f in found.faults] == [(3, "It is not written in UTF-8.")]
    assert [m.raw for m in found.mappings] == ["Mamma li", "Schädel"]


def test_rows_without_a_code_are_not_decided_and_empty_lines_are_nothing():
    found = parse("field,raw,context,code\nbody_part,x,,\n\n,,,\nbody_part,Mamma li,,BREAST\n")
    assert (found.mappings, found.undecided, found.faults) == ((BREAST,), 1, ())


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"raw,code\nx,Y\n",
        b"field,raw,code,contxt\n",
        b"field,raw,code,code\n",
        "field,raw,code\n".encode("utf-16"),
        b'field,raw,code\n"' + b"x" * 200_000,
    ],
)
def test_a_file_of_another_kind_is_refused(content):
    with pytest.raises(BadMappingFile):
        parse_mappings(content)


def test_a_file_that_is_not_there_or_too_large_is_refused(tmp_path):
    with pytest.raises(BadMappingFile, match="cannot be opened"):
        read_mappings(tmp_path / "none.csv")
    with (tmp_path / "large.csv").open("wb") as file:
        file.truncate(LARGEST_FILE + 1)
    with pytest.raises(BadMappingFile, match="larger"):
        read_mappings(tmp_path / "large.csv")


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=30).filter(
    lambda t: t.strip(" ")
)


@given(st.lists(TEXT, unique_by=lambda text: text.strip(" ").lower()))
def test_what_is_written_is_read_again(raws):
    mappings = {Accepted("body_part", raw, "", "BREAST") for raw in raws}
    assert set(parse(write_mappings(mappings)).mappings) == mappings


def test_a_table_is_one_that_others_can_read():
    text = table(COLUMNS, [("a", 'b "c"', "", "d,e")])
    assert list(csv.reader(io.StringIO(text, newline=""))) == [list(COLUMNS), ["a", 'b "c"', "", "d,e"]]


def test_mappings_are_laid_out_for_the_rules():
    with duckdb.connect() as base:
        offer(base, [BREAST, DCE])
        assert base.execute("FROM accepted ORDER BY field").fetchall() == [
            ("body_part", "mamma li", "", "BREAST"),
            ("series_class", "serie 4", "MR", "DCE"),
        ]
        offer(base, [])
        assert base.execute("FROM accepted").fetchall() == []


def test_every_field_that_can_be_mapped_is_coded():
    assert {*FIELDS} <= VOCABULARIES.keys()

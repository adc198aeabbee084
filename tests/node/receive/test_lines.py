"""Rows of a file, whatever it is written in."""

import pytest
from tests.node.tables import write_parquet

from oncommons.node.receive.lines import Lines, digest_of
from oncommons.schema.errors import UnreadableSource


def read(path):
    lines = Lines(path)
    return [(x.number, dict(x.cells), x.recoded) for x in lines], list(lines.columns)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_encodings_and_separators_are_found(tmp_path, encoding, separator):
    path = tmp_path / "t.csv"
    path.write_text(f"id{separator}name\n1{separator}Zoë\n", encoding=encoding)
    assert read(path) == ([(2, {"id": "1", "name": "Zoë"}, False)], ["id", "name"])


def test_a_line_in_another_encoding_is_read_and_marked(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes("id,name\n1,Zoë\n".encode() + "2,Zoë\n".encode("cp1252") + b"3,Ann\n")
    assert [(n, c["name"], odd) for n, c, odd in read(path)[0]] == [
        (2, "Zoë", False),
        (3, "Zoë", True),
        (4, "Ann", False),
    ]


def test_lines_may_end_with_a_carriage_return_alone(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes("id,name\r1,Zoë\r".encode() + "2,Zoë\r".encode("cp1252") + b"3,Ann")
    assert read(path)[0] == [
        (2, {"id": "1", "name": "Zoë"}, False),
        (3, {"id": "2", "name": "Zoë"}, True),
        (4, {"id": "3", "name": "Ann"}, False),
    ]
    path.write_bytes(b'id,name\n1,"a\rb"\r\n')
    assert read(path)[0] == [(2, {"id": "1", "name": "a\rb"}, False)]


def test_a_cell_may_have_several_lines_and_empty_lines_are_none(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text('id,note\n1,"a\nb"\n\n2,c\n', encoding="utf-8")
    assert [(n, c["note"]) for n, c, _ in read(path)[0]] == [(3, "a\nb"), (5, "c")]


def test_parquet_is_read_as_text(tmp_path):
    path = write_parquet(
        tmp_path / "t.parquet", "SELECT 1 AS id, 12345678901234567890.5::DECIMAL(38,2) AS v, NULL AS w"
    )
    assert read(path) == ([(1, {"id": "1", "v": "12345678901234567890.50"}, False)], ["id", "v", "w"])


@pytest.mark.parametrize(("name", "content"), [("t.csv", b'id,a\n1,"open\n'), ("t.parquet", b"PAR1")])
def test_a_damaged_file_is_told(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(UnreadableSource):
        read(path)


def test_the_digest_is_of_the_bytes_and_a_missing_file_is_told(tmp_path):
    path = tmp_path / "t"
    path.write_bytes(b"abc")
    assert digest_of(path).startswith("ba7816bf")
    with pytest.raises(UnreadableSource):
        digest_of(tmp_path / "none")

"""Tables as Parquet, read back by DuckDB."""

import duckdb
import pytest

from oncommons.client.parquet import parquet_of


def read(body, tmp_path):
    (tmp_path / "a.parquet").write_bytes(body)
    with duckdb.connect() as database:
        found = database.execute(f"SELECT * FROM '{tmp_path / 'a.parquet'}'")
        return [(name, str(kind)) for name, kind, *_ in found.description], found.fetchall()


def test_columns_keep_their_kinds_and_their_digits(tmp_path):
    table = [
        ["term", "people", "p", "mixed"],
        ["age", 3, 0.1 + 0.2, 1],
        ["sex", None, 5e-324, "x"],
        ["a'b\"", 2**53 + 1, 1, None],
    ]
    head, rows = read(parquet_of(table), tmp_path)
    assert head == [("term", "VARCHAR"), ("people", "BIGINT"), ("p", "DOUBLE"), ("mixed", "VARCHAR")]
    assert rows == [("age", 3, 0.1 + 0.2, "1"), ("sex", None, 5e-324, "x"), ("a'b\"", 2**53 + 1, 1.0, None)]


def test_names_that_differ_in_capitals_alone_are_told_apart(tmp_path):
    head, _ = read(parquet_of([["a", "A", "a", 'b"; DROP', ""], [1, 2, 3, 4, 5]]), tmp_path)
    assert [name for name, _ in head] == ["a", "A_2", "a_3", 'b"; DROP', "column"]


@pytest.mark.parametrize("rows", [[], [[None, None]], [[2**70, True]]])
def test_tables_without_rows_or_numbers_are_tables(tmp_path, rows):
    head, found = read(parquet_of([["a", "b"], *rows]), tmp_path)
    assert ([name for name, _ in head], len(found)) == (["a", "b"], len(rows))


def test_the_same_table_gives_the_same_bytes():
    table = [["a", "b"], *([i, i / 7] for i in range(100))]
    assert parquet_of(table) == parquet_of(table)

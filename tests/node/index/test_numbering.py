"""People keep their numbers when a dataset comes again."""

import duckdb
import pytest
from tests.node.tables import import_rows

from oncommons.node.index.numbering import number_for_reading


def numbers(home):
    with home.tables.open() as base:
        rows = base.execute("SELECT d.name, p.id, p.roll FROM person p JOIN dataset d ON d.key = p.dataset").fetchall()
    return {(dataset, person): number for dataset, person, number in rows}


def take_in(home, folder, dataset, *people):
    import_rows(home, folder, *({"collection": dataset, "person": person} for person in people))
    return {person: number for (name, person), number in numbers(home).items() if name == dataset}


def test_numbers_count_from_zero_in_each_dataset(home, tmp_path):
    assert take_in(home, tmp_path, "a", "p", "q") == {"p": 0, "q": 1}
    assert take_in(home, tmp_path, "b", "r", "s", "t") == {"r": 0, "s": 1, "t": 2}
    assert numbers(home)["a", "q"] == 1


def test_people_who_come_again_keep_their_number_and_no_number_is_given_twice(home, tmp_path):
    take_in(home, tmp_path, "a", "m", "p", "q")
    assert take_in(home, tmp_path, "a", "b", "p", "q") == {"b": 3, "p": 1, "q": 2}
    assert take_in(home, tmp_path, "a", "a", "p") == {"a": 4, "p": 1}
    take_in(home, tmp_path, "other", "x")
    assert take_in(home, tmp_path, "a", "b", "q", "p") == {"b": 5, "q": 6, "p": 1}


def test_tables_of_before_there_were_numbers_are_numbered_in_their_order(home, tmp_path):
    take_in(home, tmp_path, "a", "m", "p")
    take_in(home, tmp_path, "b", "x", "y")
    with home.tables.fresh() as base:
        query = "SELECT table_name FROM duckdb_tables() WHERE database_name = 'old' AND schema_name = 'main'"
        tables = [name for (name,) in base.execute(query).fetchall()]
        for table in set(tables) - {"numbering"}:
            base.execute(f"CREATE TABLE {table} AS FROM old.{table}")
        base.execute("ALTER TABLE person DROP COLUMN roll")
    with home.tables.open() as base:
        assert number_for_reading(base) == 1
        read = base.execute("SELECT id, roll FROM person ORDER BY key").fetchall()
    assert read == [("m", 0), ("p", 1), ("x", 0), ("y", 1)]
    assert take_in(home, tmp_path, "b", "a", "y") == {"a": 2, "y": 1}
    assert numbers(home)["a", "p"] == 1


@pytest.mark.parametrize("rows", [0, 3])
def test_the_largest_number_is_told(rows):
    with duckdb.connect() as base:
        base.execute(
            "CREATE TABLE person AS SELECT range AS key, 0 AS dataset, range AS roll FROM range($n)", {"n": rows}
        )
        assert number_for_reading(base) == max(rows - 1, 0)

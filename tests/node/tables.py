"""Small tables of series, written as a source would deliver them."""

import csv

import duckdb

from oncommons.node.flow import import_from
from oncommons.node.index.asking import Index
from oncommons.node.index.build import NewDataset, build
from oncommons.node.receive.table import FIELDS, KEYS, SeriesMapping, receive_file, receive_raw

COLUMNS = ("collection", *KEYS, *FIELDS)
"""Columns of a small table; the fields bear the names of what they hold."""


def every_column(*without):
    """A mapping in which each column holds what its name says."""
    columns = {name: name for name in (*KEYS, *FIELDS) if name not in without}
    return SeriesMapping(columns, dataset_column="collection")


def filled(rows):
    """Rows in which what is not said is plain: one dataset, one person, a study and a series of its own each."""
    for i, row in enumerate(rows):
        yield {"collection": "d", "person": "p", "study": f"t{i}", "series": f"s{i}"} | row


def write_csv(path, rows):
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(filled(rows))
    return path


def write_parquet(path, query):
    with duckdb.connect() as base:
        base.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet)")
    return path


def make_raw(base, rows):
    """The temporary table ``raw`` with these rows, every column a text."""
    base.execute(f"CREATE OR REPLACE TEMP TABLE raw ({', '.join(f'{c} VARCHAR' for c in COLUMNS)})")
    values = [[row.get(column) for column in COLUMNS] for row in filled(rows)]
    if values:
        base.executemany(f"INSERT INTO raw VALUES ({', '.join('?' * len(COLUMNS))})", values)


def index_of(*rows, without=(), behind=False):
    """An index over these rows; the named columns are ones that their source does not have.

    With ``behind`` it tells how many people are behind rows, as a threshold needs.
    """
    base = duckdb.connect(config={"threads": 1})
    make_raw(base, rows)
    received = receive_raw(base, every_column(*without))
    build(base, [NewDataset(n, w.title, "", "", "", received.fields) for n, w in received.about.items()])
    return Index(base, behind=behind)


def add_conditions(index, dataset, *conditions):
    """Give a dataset diagnoses, pairs of a person and a code, as a later source will; returns the index anew."""
    base = index.connection
    key = next(k for k, state in index.datasets.items() if state.name == dataset)
    for person, code in conditions:
        base.execute(
            "INSERT INTO condition (key, dataset, person, code) SELECT (SELECT count(*) FROM condition), dataset, key, ? "
            "FROM person WHERE dataset = ? AND id = ?",
            [code, key, person],
        )
    counted = "count(*), count(*) FILTER (WHERE code IS NULL) FROM condition WHERE dataset = ?"
    number, lacking = base.execute(f"SELECT {counted}", [key]).fetchall()[0]
    base.execute("INSERT INTO entity VALUES (?, 'condition', ?)", [key, number])
    base.execute("INSERT INTO field VALUES (?, 'condition', 'code', TRUE, ?)", [key, lacking])
    return Index(base, behind=index.behind)


def import_rows(home, folder, *rows, without=()):
    """Import rows into a node as its data manager would, from a file."""
    path = write_csv(folder / "series.csv", rows)
    return import_from(lambda base: receive_file(base, path, every_column(*without)), home.tables)


def people(women, men, first=0):
    """Rows of so many women and men, a row each."""
    sexes = ["F"] * women + ["M"] * men
    return [{"person": f"p{i:03d}", "sex": sex} for i, sex in enumerate(sexes, first)]

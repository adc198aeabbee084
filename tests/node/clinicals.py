"""Clinical sources on their way into a node, as its data manager would give them."""

import csv
import tomllib
from functools import partial
from textwrap import dedent

from tests.oracle.clinical import MAPPINGS, POOR

from oncommons.node.clinical import import_clinical, names_at
from oncommons.node.flow import import_from
from oncommons.node.receive.clinical.mapping import clinical_mapping_of
from oncommons.node.receive.clinical.table import receive_clinical_table
from oncommons.node.receive.table import SeriesMapping, receive_file
from oncommons.schema.dictionary import ENTITIES


def write_rows(path, rows):
    """A CSV file of dictionaries that have the same keys."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def mapping_of(tables, dataset="d", person="id", **more):
    """A mapping as it is read from TOML; identifiers are taken as they are."""
    body = {"dataset": dataset, "person": person, "identifiers": "pseudonyms", **tomllib.loads(dedent(tables))}
    return clinical_mapping_of(body | more)


def take_table(home, path, mapping):
    """Import a clinical table; returns the report."""
    return import_clinical(home, partial(receive_clinical_table, path=path, mapping=mapping, names=names_at(home)))


def take_text(home, folder, text, tables, **more):
    """Import a clinical table that is written out; returns the report."""
    path = folder / "table.csv"
    path.write_text(dedent(text).lstrip(), encoding="utf-8")
    return take_table(home, path, mapping_of(tables, **more))


def take_hospital(home, folder, hospital):
    """Import every file of a hospital of the oracle, images between the clinical ones."""
    for name, rows in hospital.tables.items():
        if name == "series" or not rows:
            continue
        path = write_rows(folder / f"{hospital.name}_{name}.csv", rows)
        take_table(home, path, mapping_of(MAPPINGS[name], dataset=hospital.name))
        if name == "patients":
            take_series(home, folder, hospital)


def take_series(home, folder, hospital):
    """Import the series of a hospital."""
    rows = [row | {"study": f"t{i}", "series": f"s{i}"} for i, row in enumerate(hospital.tables["series"])]
    path = write_rows(folder / f"{hospital.name}_series.csv", rows)
    columns = {name: name for name in ("person", "study", "series", "sex", "modality")}
    import_from(lambda base: receive_file(base, path, SeriesMapping(columns, dataset=hospital.name)), home.tables)


def records(hospital):
    """The entities that a hospital has."""
    return {"person", "study", "series", "condition", "measurement"} | (set() if hospital.name == "b" else set(POOR))


def held(home):
    """All that the tables of a node hold, with names in place of the numbers of this file."""
    numbers = {"key", "dataset", "person", "study", "roll"}
    with home.tables.open() as base:
        own = "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'omop'"
        queries = {f"omop.{name}": f"SELECT * FROM omop.{name}" for (name,) in base.execute(own).fetchall()}
        for name in (*ENTITIES, "entity", "field", "dataset"):
            columns = {column for column, *_ in base.execute(f"DESCRIBE {name}").fetchall()}
            own = [f"t.{column}" for column in sorted(columns - numbers)]
            joins = "JOIN dataset d ON d.key = t.dataset" if "dataset" in columns else ""
            own += ["d.name"] * bool(joins)
            if "person" in columns:
                joins, own = f"{joins} JOIN person p ON p.key = t.person", [*own, "p.id"]
            queries[name] = f"SELECT {', '.join(own)} FROM {name} t {joins}"
        return {name: sorted(map(repr, base.execute(query).fetchall())) for name, query in queries.items()}

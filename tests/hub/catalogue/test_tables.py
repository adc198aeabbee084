"""The table of the catalogue is the one that the migrations make."""

from sqlalchemy import inspect

from oncommons.hub.catalogue.tables import DATASET


def test_the_table_has_the_columns_that_the_migrations_make(database):
    there = {column["name"]: column["nullable"] for column in inspect(database.engine).get_columns("dataset")}
    assert there == {column.name: column.nullable for column in DATASET.columns}


def test_a_dataset_is_named_by_its_node_and_its_own_name(database):
    key = inspect(database.engine).get_pk_constraint("dataset")["constrained_columns"]
    assert key == ["node", "dataset"]

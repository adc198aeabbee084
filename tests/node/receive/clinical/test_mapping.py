"""The mapping of a clinical table."""

import pytest
from tests.node.clinicals import mapping_of

from oncommons.node.receive.clinical.mapping import BLOCKS, Cell, clinical_mapping_of, read_clinical_mapping
from oncommons.schema.dictionary import FIELDS
from oncommons.schema.errors import BadMapping
from oncommons.schema.omop import OWN, TABLES
from oncommons.schema.vocabulary import VOCABULARIES

GOOD = """
[[tables]]
table = "person"
sex = { column = "s", map = { 1 = "M" } }
[[tables]]
table = "measurement"
marker = { value = "PSA" }
value = { column = "psa", unit = "ng/mL" }
when = { done = ["1", "2"] }
"""


def test_a_mapping_says_which_columns_and_fields_it_needs():
    mapping = mapping_of(GOOD, name="labs", title="Labs")
    assert mapping.columns == ("id", "s", "psa", "done")
    assert mapping.fields == {"person.sex", "measurement.marker", "measurement.value"}
    assert mapping.blocks[0].cells["sex"] == Cell("s", map={"1": "M"})
    assert (mapping.hashed, mapping.name, mapping.about.title) == (False, "labs", "Labs")


def test_numbers_are_made_pseudonyms_unless_the_mapping_says_otherwise():
    assert clinical_mapping_of({"dataset": "d", "person": "id", "tables": [{"table": "person", "sex": "s"}]}).hashed


@pytest.mark.parametrize(
    ("change", "at"),
    [
        ({"dataset": ""}, "dataset"),
        ({"person": 3}, "person"),
        ({"identifiers": "names"}, "identifiers"),
        ({"tables": []}, "tables"),
        ({"colour": "red"}, "colour"),
        ({"tables": [{"table": "horse"}]}, "tables[0]"),
        ({"tables": [{"table": "person"}]}, "tables[0]"),
        ({"tables": [{"table": "person", "hair": "h"}]}, "hair"),
        ({"tables": [{"table": "person", "sex": 3}]}, "tables[0].sex"),
        ({"tables": [{"table": "person", "sex": {}}]}, "tables[0].sex"),
        ({"tables": [{"table": "person", "sex": {"column": "s", "value": "F"}}]}, "tables[0].sex"),
        ({"tables": [{"table": "person", "sex": {"column": "s", "map": "F"}}]}, "tables[0].sex"),
        ({"tables": [{"table": "person", "sex": {"column": "s", "colour": "F"}}]}, "colour"),
        ({"tables": [{"table": "person", "sex": "s", "when": {"a": "1"}}]}, "tables[0]"),
    ],
)
def test_what_a_mapping_cannot_say_is_named(change, at):
    body = {"dataset": "d", "person": "id", "tables": [{"table": "person", "sex": "s"}]}
    with pytest.raises(BadMapping) as fault:
        clinical_mapping_of(body | change)
    assert fault.value.at == at


@pytest.mark.parametrize(
    ("table", "meant"),
    [({"table": "persn"}, "person"), ({"table": "person", "sexx": "s"}, "sex")],
)
def test_what_is_misspelt_is_told_with_what_it_looks_like(table, meant):
    with pytest.raises(BadMapping) as fault:
        clinical_mapping_of({"dataset": "d", "person": "id", "tables": [table]})
    assert f"Did you mean {meant!r}?" in fault.value.message


@pytest.mark.parametrize("text", ["no toml", "\xff"])
def test_a_file_that_is_not_toml_is_told(tmp_path, text):
    path = tmp_path / "m.toml"
    path.write_text(text, encoding="latin-1")
    with pytest.raises(BadMapping, match="not TOML"):
        read_clinical_mapping(path)
    with pytest.raises(BadMapping, match="opened"):
        read_clinical_mapping(tmp_path / "none.toml")


def test_every_key_fills_columns_lists_and_fields_that_there_are():
    fields = {f"{f.entity}.{f.name}" for f in FIELDS}
    for name, keys in BLOCKS.items():
        columns = {*TABLES.get(name, TABLES["observation"]), *OWN, ""}
        for key in keys.values():
            assert {key.column, key.coded} <= columns
            assert key.vocabulary in {*VOCABULARIES, ""}
            assert key.field in {*fields, ""}

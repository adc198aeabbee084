"""The tables of labels are those that the migrations make."""

from oncommons.hub.labels.tables import LABEL, LABEL_SET


def test_a_label_belongs_to_a_set_of_which_it_is_one_by_its_number():
    assert [column.name for column in LABEL.primary_key] == ["name", "number"]
    assert [column.name for column in LABEL_SET.primary_key] == ["name"]
    assert {key.column.table.name for key in LABEL.foreign_keys} == {"label_set"}

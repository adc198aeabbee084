"""Who has clinical data or images only."""

from tests.node.clinicals import take_text
from tests.node.tables import import_rows

from oncommons.node.index.unlinked import find_unlinked, imaged_datasets

ICD = '[[tables]]\ntable = "condition_occurrence"\ncode = "icd"\n'


def unlinked(home):
    with home.tables.open() as base:
        return [(one.row, one.message.split()[0]) for one in find_unlinked(base, "d", "table.csv")]


def test_clinical_people_are_named_by_their_first_row_and_others_by_their_pseudonym(home, tmp_path):
    import_rows(home, tmp_path, {"person": "both"}, {"person": "seen"})
    take_text(home, tmp_path, "id,icd\nboth,C50\nread,C34\nread,C61\n", ICD)
    assert unlinked(home) == [(3, "The"), (None, "seen")]


def test_where_a_dataset_has_no_images_nobody_is_named(home, tmp_path):
    import_rows(home, tmp_path, {"person": "a", "collection": "elsewhere"})
    report = take_text(home, tmp_path, "id,icd\na,C50\n", ICD)
    assert unlinked(home) == []
    assert report.imaged == ("elsewhere",)
    with home.tables.open() as base:
        assert imaged_datasets(base) == ("elsewhere",)

"""Sets of labels in the database, on SQLite and on PostgreSQL."""

import pytest
from tests.hub.labels.files import BFARM, CSV
from tests.hub.labels.test_reading import read

from oncommons.hub.labels.drawer import Drawer
from oncommons.schema.errors_of_rows import NoSuchLabels


@pytest.fixture
def drawer(database):
    return Drawer(database)


def test_labels_are_there_after_an_import_and_gone_after_removal(drawer):
    kept, changed = drawer.put("mine", read(CSV), "Edition 1", "from me", 5.0)
    assert changed
    assert (kept.name, kept.edition, kept.source, kept.codes) == ("mine", "Edition 1", "from me", 3)
    assert (kept.languages, kept.systems) == (("de", "en"), ("ICD10", "ICDO3"))
    assert drawer.labels().label("ICD10:C34", "de") == "Wort, das keiner kennt"
    assert drawer.remove("mine", 3.0) == kept
    assert drawer.labels().label("ICD10:C34", "de") == "lung cancer"
    assert drawer.sets() == ()


def test_the_same_file_again_changes_nothing(drawer):
    first, _ = drawer.put("mine", read(CSV), "1", "", 5.0)
    held = drawer.labels()
    again, changed = drawer.put("mine", read(CSV), "1", "", 6.0)
    assert (again, changed) == (first, False)
    assert drawer.labels() is held


def test_another_edition_of_the_same_name_takes_the_place_of_the_former(drawer):
    drawer.put("mine", read(CSV), "1", "", 5.0)
    _, changed = drawer.put("mine", read(BFARM), "2", "", 6.0)
    assert changed
    assert [(one.edition, one.codes) for one in drawer.sets()] == [("2", 4)]
    assert drawer.labels().label("ICDO3:8070/3", "de") == ""


def test_of_two_sets_the_newer_counts_and_the_older_is_behind_it(drawer):
    drawer.put("old", read(CSV), "1", "", 5.0)
    drawer.put("a-new", read(BFARM), "2", "", 6.0)
    assert [one.name for one in drawer.sets()] == ["a-new", "old"]
    assert drawer.labels().texts["ICD10:C34"]["de"] == ("Wort der Lunge", "Wort, das keiner kennt")
    drawer.put("old", read(CSV), "1 again", "", 7.0)
    assert drawer.labels().label("ICD10:C34", "de") == "Wort, das keiner kennt"


def test_another_program_sees_what_was_imported(drawer, database):
    serving = Drawer(database)
    assert serving.labels().sets == ()
    drawer.put("mine", read(CSV), "1", "", 5.0)
    assert serving.labels().label("ICD10:C34", "en") == "Word that nobody knows"


def test_what_is_not_there_cannot_be_removed(drawer):
    drawer.put("mine", read(CSV), "1", "", 5.0)
    with pytest.raises(NoSuchLabels, match="there are: mine"):
        drawer.remove("yours", 3.0)

"""The command that checks images, run as the front door runs it."""

import json

from tests.node.checked import keep, slices
from tests.node.tables import import_rows

from oncommons.node.check_commands import NOTHING


def test_a_check_tells_what_is_wrong_and_what_to_do(oncommons, home, tmp_path):
    keep(home, tmp_path, slices(8, without={3}))
    status, out, _ = oncommons("node", "check", "--dir", home.folder)
    assert status == 0
    assert out.startswith("Dataset lung: 1 people, 1 studies, 1 series (1 CT)")
    assert "✗ Slices are missing: 1 series  (missing-slices)" in out
    assert "Next: Ask the archive" in out


def test_a_check_as_json_holds_the_true_numbers_and_what_may_be_published(oncommons, home, tmp_path):
    keep(home, tmp_path, slices(3))
    _, out, _ = oncommons("node", "check", "--dataset", "lung", "--quick", "--dir", home.folder, "--json")
    (told,) = json.loads(out)["datasets"]
    assert told["figures"]["instances"] == 3
    assert told["card"]["figures"]["series"]["precision"] == ("exact" if home.policy.rule == "open" else "suppressed")


def test_a_dataset_that_is_not_there_is_an_error(oncommons, home):
    status, _, fault = oncommons("node", "check", "--dataset", "brain", "--dir", home.folder)
    assert status == 40
    assert "E404" in fault


def test_a_node_without_images_says_what_to_do(oncommons, home):
    assert oncommons("node", "check", "--dir", home.folder)[1].strip() == NOTHING


def test_a_node_of_tables_is_told_what_is_mapped(oncommons, home, tmp_path):
    import_rows(home, tmp_path, {"body_part": "Prostatte"}, {"body_part": "CHEST"})
    _, out, _ = oncommons("node", "check", "--dir", home.folder)
    assert out.startswith("Mapped to codes in d (of 2 series of 1 people):")
    assert "perhaps PROSTATE" in out
    _, told, _ = oncommons("node", "check", "--dataset", "d", "--dir", home.folder, "--json")
    assert json.loads(told)["mapped"][0]["fields"][0]["mapped"] == 1


def test_a_dataset_of_images_is_told_with_what_is_mapped(oncommons, home, tmp_path):
    keep(home, tmp_path, slices(3, SeriesDescription="Topogram"))
    _, out, _ = oncommons("node", "check", "--dir", home.folder)
    assert "Dataset lung: 1 people" in out
    assert "series_class" in out

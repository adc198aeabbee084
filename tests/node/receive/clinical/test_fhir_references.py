"""A reference means what its own file says, or what all other files agree on."""

from pathlib import Path

import pytest

from oncommons.node.receive.clinical.fhir_references import References
from oncommons.schema.errors_of_rows import DanglingReference

A, B, C, D = map(Path, "abcd")


def noted(*said):
    references = References()
    for reference, path, meaning in said:
        references.note(reference, path, meaning)
    return references


@pytest.mark.parametrize("path", [A, B])
def test_a_reference_means_what_the_one_file_says_that_has_it(path):
    assert noted(("x", A, "1"), ("x", A, "1")).meant("x", path) == "1"


def test_what_no_file_has_means_nothing():
    assert noted(("x", A, "1")).meant("y", A) is None


def test_each_file_is_asked_for_its_own():
    references = noted(("x", A, "1"), ("x", B, "2"), ("x", C, "1"))
    assert [references.meant("x", path) for path in (A, B, C)] == ["1", "2", "1"]
    with pytest.raises(DanglingReference, match="'x' means several things"):
        references.meant("x", D)


def test_what_only_a_damaged_file_says_means_nothing():
    references = noted(
        ("x", A, "1"), ("y", A, "1"), ("y", B, "1"), ("z", A, "1"), ("z", B, "2"), ("w", A, "1"), ("w", A, "2")
    )
    references.damaged.add(A)
    assert [references.meant(name, C) for name in "xyw"] == [None, "1", None]
    assert references.meant("z", B) == "2"
    with pytest.raises(DanglingReference):
        references.meant("z", C)


def test_files_that_agree_speak_for_those_that_say_nothing():
    assert noted(("x", A, {"text": "one"}), ("x", B, {"text": "one"})).meant("x", C) == {"text": "one"}


@pytest.mark.parametrize("path", [A, B, C])
def test_a_file_that_contradicts_itself_is_not_believed(path):
    references = noted(("x", A, "1"), ("x", A, "2"), ("x", B, "1"))
    if path == B:
        assert references.meant("x", path) == "1"
        return
    with pytest.raises(DanglingReference):
        references.meant("x", path)

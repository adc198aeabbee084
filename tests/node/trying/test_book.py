"""Which analyses of others have passed at a node, and in which version."""

import pytest

from oncommons.node.trying import book
from oncommons.schema.errors_of_analyses import NotConforming


@pytest.fixture
def others(monkeypatch):
    """Where analyses come from, and what was tried."""
    found = {"cox": "", "mean": "mean 1.0, version 1"}
    asked = []

    class Verdict:
        @staticmethod
        def see(names):
            asked.append(names)
            if "wrong" in found["mean"]:
                raise NotConforming("mean does not pass")

    monkeypatch.setattr(book, "origin", found.__getitem__)
    monkeypatch.setattr(book, "import_module", lambda _: Verdict)
    return found, asked


def test_those_of_the_package_are_not_tried_again(others, home):
    book.admit(home, ["cox"])
    book.see_passed(home, "cox")
    assert others[1] == []


def test_one_of_others_is_tried_once_as_it_is(others, home):
    with pytest.raises(NotConforming, match="was not tried as that"):
        book.see_passed(home, "mean")
    book.admit(home, ["cox", "mean"])
    book.admit(home, ["mean"])
    book.see_passed(home, "mean")
    assert others[1] == [["mean"]]


def test_another_version_is_tried_anew(others, home):
    book.admit(home, ["mean"])
    others[0]["mean"] = "mean 1.1, version 1"
    with pytest.raises(NotConforming, match=r"mean is mean 1\.1, version 1 here now"):
        book.see_passed(home, "mean")
    book.admit(home, ["mean"])
    book.see_passed(home, "mean")
    assert len(others[1]) == 2


def test_one_that_does_not_pass_is_not_kept(others, home):
    others[0]["mean"] = "wrong"
    with pytest.raises(NotConforming, match="mean does not pass"):
        book.admit(home, ["mean"])
    assert not home.tried_file.exists()
    home.tried_file.write_text("broken")
    with pytest.raises(NotConforming):
        book.see_passed(home, "mean")

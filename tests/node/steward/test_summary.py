"""A node in numbers: every file is counted once, and nothing is told twice."""

from pathlib import Path

from tests.node.steward.homes import KINDS

from oncommons.node.home import make_home
from oncommons.node.steward.summary import node_summary
from oncommons.policy.disclosure.counts import Policy


def test_every_file_is_in_one_of_three_numbers(node):
    (dataset,) = node_summary(node)["datasets"]
    assert {outcome: dataset[outcome]["files"] for outcome in KINDS} == KINDS
    assert dataset["kept"]["bytes"] == sum(path.stat().st_size for path in node.images.rglob("*.dcm"))
    assert dataset["quarantined"]["bytes"] == sum(
        path.stat().st_size for path in node.quarantine.iterdir() if path.suffix != ".from"
    )


def test_people_and_series_are_those_that_can_be_asked_for(node):
    (dataset,) = node_summary(node)["datasets"]
    assert (dataset["person"], dataset["study"], dataset["series"]) == (1, 1, 1)
    assert (dataset["dataset"], dataset["title"]) == ("lung", "lung")


def test_reasons_are_counted(node):
    found = {(r["outcome"], r["code"]): (r["files"], r["way"]) for r in node_summary(node)["reasons"]}
    assert found == {
        ("quarantined", "E602"): (1, "again"),
        ("quarantined", "E604"): (2, "look"),
        ("quarantined", "E607"): (1, "again"),
        ("refused", "E601"): (1, "again"),
    }


def test_a_new_node_holds_nothing(tmp_path):
    told = node_summary(make_home(tmp_path / "graz", Policy("threshold", 10)))
    assert (told["name"], told["datasets"], told["reasons"], told["last"]) == ("graz", [], [], "")
    assert 0 < told["free"] <= told["capacity"]
    assert told["folder"] == str(Path(tmp_path / "graz").resolve())


def test_the_time_of_the_latest_file_is_told(node):
    assert node_summary(node)["last"].endswith("+00:00")

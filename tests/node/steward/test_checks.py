"""Checks from the console: one at a time, told when they end, and told when they break."""

from dataclasses import replace
from shutil import copytree
from threading import Event

import pytest
from tests.node.checked import keep, slices

from oncommons.node.checking import check
from oncommons.node.home import make_home
from oncommons.node.steward.checks import Checks
from oncommons.policy.disclosure.counts import Policy
from oncommons.schema.errors import NotFound


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    """A node that nobody works with; each test has a copy."""
    folder = tmp_path_factory.mktemp("first")
    made = make_home(folder / "athens", Policy("open"))
    keep(made, folder, slices(3))
    keep(made, folder, slices(3, study=2), "other")
    return made


@pytest.fixture
def home(first, tmp_path):
    return replace(first, folder=copytree(first.folder, tmp_path / "athens"))


def test_a_dataset_that_was_not_checked_has_no_report(home):
    told = Checks(home).to_json()
    assert told == {
        "checking": None,
        "fault": None,
        "datasets": [{"dataset": name, "report": None, "checks": []} for name in ("lung", "other")],
    }


def test_a_check_is_told_with_its_report_when_it_has_ended(home):
    checks = Checks(home)
    assert checks.start("lung")
    checks.join()
    lung, other = checks.to_json()["datasets"]
    assert (lung["report"]["figures"]["series"], len(lung["checks"])) == (1, 1)
    assert other["report"] is None
    check(home)
    lung, other = Checks(home).to_json()["datasets"]
    assert (len(lung["checks"]), len(other["checks"])) == (2, 1)
    assert lung["report"]["at"] == lung["checks"][-1]["at"]


def test_only_one_check_runs_at_a_time(home):
    go, begun = Event(), []

    def slow(_home, dataset):
        begun.append(dataset)
        go.wait(30)

    checks = Checks(home, slow)
    assert (checks.start("lung"), checks.start("other")) == (True, False)
    assert checks.to_json()["checking"]["dataset"] == "lung"
    go.set()
    checks.join()
    assert (begun, checks.to_json()["checking"]) == (["lung"], None)


@pytest.mark.parametrize(("fault", "code"), [(NotFound("gone"), NotFound.code), (ValueError("odd"), "")])
def test_a_check_that_breaks_is_told_until_the_next(home, fault, code):
    def broken(_home, _dataset):
        raise fault

    checks = Checks(home, broken)
    checks.start("lung")
    checks.join()
    assert checks.to_json()["fault"]["code"] == code
    checks.work = check
    checks.start("lung")
    checks.join()
    assert checks.to_json()["fault"] is None


def test_the_latest_report_is_for_its_owner_only_and_a_broken_one_is_made_anew(home):
    check(home)
    assert home.latest_file.stat().st_mode & 0o777 == 0o600
    home.latest_file.write_text("{")
    assert Checks(home).to_json()["datasets"][0]["report"] is None
    check(home, "lung")
    assert Checks(home).to_json()["datasets"][0]["report"]["dataset"] == "lung"

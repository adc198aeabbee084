"""Which analyses a node makes, and how that changes."""

import json
from contextlib import closing

import pytest

from oncommons.node.admitting import admit, admitted, named, withdraw
from oncommons.node.home import make_home, open_home
from oncommons.node.recording import open_log
from oncommons.policy.disclosure.counts import Policy
from oncommons.schema.errors import UnknownValue
from oncommons.service.analyses import analyses
from oncommons.storage.decisions import Person

MIRA = Person("mira", "console")


@pytest.fixture
def home(tmp_path):
    return make_home(tmp_path / "node", Policy("open"))


def test_what_is_admitted_holds_at_once_with_its_version(home):
    assert admitted(home) == {}
    assert admit(home, ["survival"], MIRA) == ["survival"]
    assert admit(home, ["cox", "survival"], MIRA) == ["cox", "survival"]
    assert admitted(home) == {name: analyses()[name].version for name in ("cox", "survival")}
    assert withdraw(home, ["cox", "never there"], MIRA) == ["survival"]
    assert withdraw(home, ["all"], MIRA) == []
    assert admitted(home) == {}


def test_all_are_all_that_are_installed_and_one_that_is_not_changes_nothing(home):
    assert named(["all"]) == list(analyses())
    with pytest.raises(UnknownValue):
        admit(home, ["cox", "nothing"], MIRA)
    assert admitted(home) == {}


def test_one_that_was_admitted_and_is_not_installed_any_more_is_not_made(home):
    home.with_analyses(frozenset({"cox", "of_another_package"}))
    assert admitted(home).keys() == {"cox"}


def test_what_others_have_changed_meanwhile_stays_and_who_decided_is_entered(home):
    open_home(home.folder).with_demand("required")
    admit(home, ["cox"], MIRA)
    assert open_home(home.folder).demand == "required"
    with closing(open_log(home)) as log:
        (body,) = [one["body"] for one in map(json.loads, log.lines()) if one["kind"] == "policy"]
    assert body == {"analyses": ["cox"], "by": "mira", "way": "console"}

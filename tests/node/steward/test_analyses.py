"""What the console tells and changes of analyses."""

import time
from contextlib import closing

import pytest

from oncommons.node.home import make_home, open_home
from oncommons.node.steward.analyses import analyses_json, change_analyses, ledger_json, withheld_json
from oncommons.policy.disclosure.counts import Policy
from oncommons.policy.disclosure.output import REFUSAL_DAYS, REFUSALS
from oncommons.schema.errors import BadRequest, UnknownValue
from oncommons.storage.analysed import Analysed
from oncommons.storage.decisions import Person

BY = Person("mira", "console")


@pytest.fixture
def home(tmp_path):
    return make_home(tmp_path / "node", Policy("threshold", 10))


def test_each_analysis_is_told_with_what_it_tells_and_whether_it_is_admitted(home):
    assert change_analyses(home, {"do": "admit", "analyses": ["cox"]}, BY) == {"analyses": ["cox"]}
    told = analyses_json(home)
    found = {one["name"]: one for one in told["analyses"]}
    assert (found["cox"]["admitted"], found["survival"]["admitted"]) == (True, False)
    assert {name for name, one in found.items() if not one["once"]} == {"cox", "glm", "validation"}
    assert all(one["says"] and one["source"] for one in found.values())
    assert change_analyses(home, {"do": "withdraw", "analyses": ["cox"]}, BY) == {"analyses": []}


def test_the_rules_are_told_with_the_numbers_of_the_node(home, tmp_path):
    told = analyses_json(home)
    assert (told["rule"], told["rules"][0]["says"]) == (
        "threshold",
        "a result rests upon at least 10 people; nobody is too few.",
    )
    assert [one["name"] for one in told["rules"]][-5:] == ["difference", "traces", "company", "unknowns", "sums"]
    public = analyses_json(make_home(tmp_path / "public", Policy("open")))
    assert [one["name"] for one in public["rules"]] == ["density", "events"]


def test_the_ledger_tells_how_many_crowds_and_of_nobody(home):
    assert ledger_json(home) == []
    with closing(Analysed(home.analysed_file)) as ledger:
        ledger.enter("lung", 0b111, "cox", 1_790_000_000.0)
        ledger.enter("lung", 0b011, "cox", 1_790_100_000.0)
    assert ledger_json(home) == [{"dataset": "lung", "analysis": "cox", "crowds": 2, "last": "2026-09-22"}]


def test_from_whom_results_were_withheld_is_told_as_long_as_it_counts(home):
    assert withheld_json(home) == []
    with closing(Analysed(home.analysed_file)) as ledger:
        for number in range(REFUSALS):
            ledger.enter_withheld("lung", bytes([number]), time.time())
        ledger.enter_withheld("skin", b"1", time.time())
        ledger.enter_withheld("bone", b"1", time.time() - (REFUSAL_DAYS + 1) * 86_400)
    told = [{"project": "lung", "runs": REFUSALS, "ended": True}, {"project": "skin", "runs": 1, "ended": False}]
    assert analyses_json(home)["withheld"] == withheld_json(home) == told


def test_one_that_is_not_installed_any_more_can_be_withdrawn(home):
    home.with_analyses(frozenset({"of_another_package"}))
    assert analyses_json(home)["gone"] == ["of_another_package"]
    change_analyses(home, {"do": "withdraw", "analyses": ["of_another_package"]}, BY)
    assert analyses_json(home)["gone"] == []


@pytest.mark.parametrize(
    "told",
    [{}, {"do": "admit"}, {"do": "admit", "analyses": []}, {"do": "admit", "analyses": "cox"}, {"do": "admit", "analyses": [1]}, {"do": "x", "analyses": ["cox"]}],
)  # fmt: skip
def test_an_order_that_cannot_be_read_changes_nothing(told, home):
    with pytest.raises(BadRequest):
        change_analyses(home, told, BY)
    with pytest.raises(UnknownValue):
        change_analyses(home, {"do": "admit", "analyses": ["nothing"]}, BY)
    assert open_home(home.folder).analyses == frozenset()

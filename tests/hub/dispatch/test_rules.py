"""What nodes answered in a round, read from the work list."""

import json
from dataclasses import replace

import pytest

from oncommons.hub.dispatch.rules import Told, all_told, parts_of, secured, told_by
from oncommons.storage.worklist import Job, Work

JOB = Job("j", "{}", "", 0.0, 30.0)
PART = {"part": {"people": 5, "times": [1.5, 2.0], "groups": {"a": [[1.0], [3]]}}, "people": 5, "missing": 2}


def work(body, **changed):
    text = body if isinstance(body, str) else json.dumps(body)
    return replace(Work("j", "athens", "done", 1, text, 1.0), **changed)


def test_a_part_is_read_with_how_many_it_rests_upon():
    told = told_by(work(PART), JOB, None, 2.0)
    assert told == Told("athens", "answered", PART["part"], 5, 2)
    assert told.to_json() == {"node": "athens", "status": "answered", "people": 5, "missing": 2}


def test_a_refusal_is_told_with_its_reason():
    told = told_by(work({"error": {"code": "E411", "message": "The rule cells says no."}}), JOB, None, 2.0)
    assert (told.status, told.code, told.reason, told.found) == ("refused", "E411", "The rule cells says no.", None)
    assert "people" not in told.to_json()


@pytest.mark.parametrize(
    "body",
    [
        "", "[]", "{}", '"text"', '{"part": {"x": NaN}, "people": 1, "missing": 0}', '{"part": {"x": 1e999}, "people": 1, "missing": 0}',
        PART | {"people": -1}, PART | {"people": 1.5}, PART | {"people": True}, PART | {"missing": None},
        PART | {"part": [1]}, PART | {"part": {"x": None}}, PART | {"part": {"x": [[[[[[[[[1]]]]]]]]]}},
    ],
)  # fmt: skip
def test_what_cannot_be_a_part_is_refused(body):
    told = told_by(work(body), JOB, None, 2.0)
    assert (told.status, told.code, told.found) == ("refused", "E413", None)


def test_who_says_nothing_or_too_late_gives_no_part():
    assert told_by(work("", state="waiting", finished=None), JOB, None, 40.0).status == "silent"
    late = told_by(work(PART, state="late", finished=31.0), JOB, None, 40.0)
    assert late.found is None


def test_all_are_told_in_the_order_of_their_names():
    told = all_told(JOB, [work(PART, recipient=name) for name in ("cork", "athens")], [], 2.0)
    assert [one.node for one in told] == ["athens", "cork"]


ENTRY = {"key": "k", "people": 5, "table": "t"}


def test_how_a_node_takes_part_in_sums_is_read_with_its_part():
    assert told_by(work(PART | {"sums": ENTRY}), JOB, None, 2.0).sums == ENTRY
    for wrong in (ENTRY | {"people": 6}, {"key": "k"}, [], ENTRY | {"more": 1}):
        assert told_by(work(PART | {"sums": wrong}), JOB, None, 2.0).code == "E413"


@pytest.mark.parametrize(("number", "left"), [(2, 0), (3, 3)])
def test_too_few_for_a_sum_are_left_out_and_others_stay(number, left):
    alone = [Told(f"n{i}", "answered", {}, 5, sums=ENTRY) for i in range(number)]
    public = Told("public", "answered", {}, 9)
    found = secured([*alone, public])
    assert sum(one.found is not None for one in found) == left + 1
    assert found[-1] == public
    assert {one.code for one in found if one.found is None} == ({"E411"} if not left else set())


def test_a_part_that_is_not_masked_or_missing_makes_no_sum():
    told = [Told("athens", "answered", {"x": 1.0}), Told("bergen", "refused")]
    assert parts_of(told, {}) == {"athens": {"x": 1.0}}
    with pytest.raises(KeyError):
        parts_of(told, {"athens": ENTRY})
    with pytest.raises(KeyError):
        parts_of(told, {"bergen": ENTRY})

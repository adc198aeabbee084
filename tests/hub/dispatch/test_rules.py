"""What nodes answered in a round, read from the work list."""

import json
from dataclasses import replace

import pytest

from oncommons.hub.dispatch.rules import Told, all_told, told_by
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

"""A run that is made again: what differs is named to the last digit."""

import copy
import json

import pytest
from tests.client.test_runs import BEGUN, DONE, Wire, connection
from tests.client.test_runs import RECORD as SMALL
from tests.schema.test_run import RUN

from oncommons.client.repeating import compared, repeat, run_of
from oncommons.client.runs import Made
from oncommons.schema.errors_of_analyses import BadRecord

RECORD = SMALL | {"run": RUN, "version": 1}


def changed(change):
    record = copy.deepcopy(RECORD)
    change(record)
    return Made(record)


def test_the_same_result_is_the_same_whatever_the_run_was_called():
    found = compared(RECORD, changed(lambda record: record.update(id="other", rounds=99)))
    assert (found.same, found.causes, found.differences) == (True, (), ())


@pytest.mark.parametrize(
    ("change", "at"),
    [
        (lambda r: r["tables"]["terms"][1].__setitem__(1, 0.017 + 2**-58), "tables.terms[1][1]"),
        (lambda r: r["tables"]["terms"].append(["sex", 1.0]), "tables.terms"),
        (lambda r: r["result"].__setitem__("people", 9.0), "result.people"),
        (lambda r: r["result"].__setitem__("more", None), "result.more"),
        (lambda r: r["warnings"].clear(), "warnings"),
    ],
)
def test_a_difference_is_named_by_its_place(change, at):
    found = compared(RECORD, changed(change))
    assert [one[0] for one in found.differences] == [at]
    assert not found.same


def test_other_people_at_a_node_another_node_and_another_version_are_causes():
    def change(record):
        record["nodes"][0]["people"] = 1_200
        record["nodes"][1] = {"node": "cork", "status": "answered", "people": 5}
        record["version"] = 2

    assert compared(RECORD, changed(change)).causes == (
        "The analysis had version 1, and has version 2.",
        "athens: before 9 people, at most 2 left out for a missing variable; now 1,200 people, at most 2 left out for a missing variable.",
        "bergen: before left out (refused); now not asked.",
        "cork: before not asked; now 5 people, at most 0 left out for a missing variable.",
    )


def test_programs_get_the_differences_with_the_new_record():
    found = compared(RECORD, changed(lambda record: record["result"].update(people=10))).to_json()
    assert found["differences"] == [{"at": "result.people", "before": 9, "now": 10}]
    assert (found["same"], found["record"]["result"]) == (False, {"people": 10})


def test_a_record_is_made_again_and_compared():
    wire = Wire(BEGUN, DONE | {"record": RECORD | {"id": "new"}})
    found = repeat(connection(wire), RECORD, "P-7.secret")
    assert (found.same, found.made.record["id"]) == (True, "new")
    assert json.loads(wire.sent[0].content) == RUN


def test_a_record_asks_the_same():
    assert run_of(RECORD) == RUN


@pytest.mark.parametrize(
    "other", [None, [], RUN, RECORD | {"run": {"analysis": "cox"}}, RECORD | {"nodes": [1]}, RECORD | {"nodes": 5}]
)
def test_what_is_not_a_record_is_refused(other):
    with pytest.raises(BadRecord):
        run_of(other)

"""The checks let pass what is as it should be, and each analysis that is not is found by the check that is for it."""

from dataclasses import replace

import pytest
from tests.algorithms.conformance.planted import BAD, GOOD, ITERATIVE
from tests.algorithms.tables import rossi

from oncommons.algorithms.conformance.checks import CHECKS, Fault, Trial, digest, faults, why
from oncommons.algorithms.conformance.reference import Reference
from oncommons.algorithms.pair import Result, Unanswerable
from oncommons.service.analyses import analyses


@pytest.mark.parametrize("analysis", [GOOD, ITERATIVE], ids=["once", "several rounds"])
def test_what_is_as_it_should_be_passes(analysis):
    assert faults(analysis) == ()


@pytest.mark.parametrize("wrong", BAD)
def test_what_is_wrong_is_found(wrong):
    name, analysis = BAD[wrong]
    (check,) = (one for one in CHECKS if one.name == name)
    assert why(check, Trial(analysis))


@pytest.mark.parametrize("name", sorted(analyses()))
def test_every_analysis_of_the_package_passes(name):
    assert faults(analyses()[name]) == ()


def test_other_tables_can_be_tried_too():
    real = Reference("rossi", rossi(), frozenset({"arrest", "fin", "race", "wexp", "mar"}))
    asked = Trial(GOOD, (real,))
    assert next(case.words for case, _ in asked.answered).startswith("rossi (outcome week")
    assert "equal" in {one.check for one in faults(BAD["takes means of means"][1], [real])}


def test_a_fault_says_of_what_and_where():
    (fault,) = faults(BAD["tells the largest"][1])
    assert fault == Fault("numbers", fault.why)
    assert "the number more rests upon 1 people, and the output rules let it pass" in fault.why
    assert "outcome age" in fault.why


def test_an_analysis_that_is_not_exact_need_not_equal_the_pooled_one():
    assert "equal" not in {one.check for one in faults(replace(BAD["takes means of means"][1], exact=False))}


def test_where_nodes_are_strata_the_result_is_not_that_of_one_node():
    assert faults(replace(BAD["takes the first in order"][1], by_node=lambda _: True)) == ()


def test_tables_that_are_declared_to_be_near_need_not_be_equal():
    def near(settings, state, partials):
        return replace(GOOD.combine(settings, state, partials), tables={"nodes": [["n"], [len(partials)]]})

    assert [one.check for one in faults(replace(GOOD, combine=near))] == ["equal"]
    assert faults(replace(GOOD, combine=near, approximate=("nodes",))) == ()


def test_a_digest_is_that_of_all_that_came_of_it():
    assert digest(GOOD) == digest(GOOD)
    assert digest(GOOD) != digest(replace(GOOD, combine=lambda *_: Result({"mean": 1.0})))


def test_a_fit_that_has_an_answer_on_some_nodes_only_is_found():
    def combine(settings, state, partials):
        if len(partials) > 4:
            raise Unanswerable("too many")
        return GOOD.combine(settings, state, partials)

    (fault,) = faults(replace(GOOD, combine=combine))
    assert "it has no answer, unlike on all rows together" in fault.why


def test_every_check_says_what_it_asks():
    assert [one.name for one in CHECKS] == [*dict.fromkeys(one.name for one in CHECKS)]
    assert all(one.says.endswith(".") for one in CHECKS)
    assert Trial(GOOD).cases

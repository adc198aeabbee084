"""Output rules: what leaves a node, judged by rows of a table written by hand."""

from dataclasses import replace

import pytest

from oncommons.algorithms.pair import Basis
from oncommons.policy.disclosure.output import OUTPUT_RULES, Beside, fewest_apart, said, withheld

GOOD = Basis(people=100, cells=(40, 60), parameters=3, events=50, share=0.1)
CASES = [
    (GOOD, 10, None), (replace(GOOD, people=0, cells=(), events=0), 10, "people"),
    (replace(GOOD, people=9), 10, "people"), (replace(GOOD, people=10, parameters=1), 10, None),
    (replace(GOOD, people=2, parameters=0), 1, "people"), (replace(GOOD, people=3, parameters=0), 1, None),
    (replace(GOOD, cells=(9, 91)), 10, "cells"), (replace(GOOD, cells=(10, 90, 0)), 10, "cells"),
    (replace(GOOD, parameters=33, people=1000, events=33), 10, "events"), (replace(GOOD, parameters=34), 10, "density"),
    (replace(GOOD, parameters=13, events=None), 10, "rows"), (replace(GOOD, parameters=12, events=None), 10, None),
    (replace(GOOD, counting=9.9), 10, "people"), (replace(GOOD, counting=10, parameters=3), 10, None),
    (replace(GOOD, parameters=12, events=None, counting=45), 10, "rows"), (replace(GOOD, parameters=12, events=None, counting=46), 10, None),
    (replace(GOOD, people=0, cells=(), events=0, counting=0), 10, "people"),
    (replace(GOOD, share=0.81), 10, "dominance"),
    (GOOD, 10, "difference", Beside(9)), (GOOD, 10, None, Beside(10)),
    (GOOD, 10, "traces", Beside(traced=11)), (GOOD, 10, None, Beside(10, 10)),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_the_first_rule_that_does_not_hold_keeps_a_result_at_home(case):
    basis, least, rule, *beside = case
    found = withheld(basis, least, *beside)
    assert (found.rule if found else None) == rule
    if found:
        assert found.why.endswith(".")
        assert found.instead
        assert "{" not in found.why


def test_a_refusal_names_the_rule_and_says_what_would_pass():
    fault = withheld(replace(GOOD, share=0.81), 10).error()
    assert fault.message == "The rule dominance says: nobody makes up more than 0.8 of a sum. Leave the variable out."
    assert fault.at == "output.dominance"


def test_of_public_data_only_a_model_is_judged():
    assert (
        withheld(replace(GOOD, people=9, parameters=2, cells=(1,), share=1.0), 10, Beside(1, 11), public=True) is None
    )
    assert withheld(replace(GOOD, parameters=34), 10, public=True).rule == "density"


def test_every_rule_refuses_some_case():
    assert {rule for _, _, rule, *_ in CASES if rule} == {rule.name for rule in OUTPUT_RULES}


def test_crowds_differ_by_who_is_in_one_of_them_only():
    assert fewest_apart(0b1111, []) is None
    assert fewest_apart(0b1111, [0b1111, 0b1110]) is None
    assert fewest_apart(0b1111, [0b1110, 0b0001]) == 1
    assert fewest_apart(0b1100, [0b0011]) == 4


def test_a_rule_is_said_with_its_numbers():
    words = [said(rule, 12) for rule in OUTPUT_RULES]
    assert words[0] == "a result rests upon at least 12 people; nobody is too few."
    assert any("0.33 parameters a person" in one for one in words)
    assert not any("{" in one for one in words)

"""The budget of the rule private: whole millionths, the same for everybody."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncommons.policy.disclosure.privacy import MILLION, Privacy
from oncommons.schema.errors import BadPolicy, BudgetSpent
from oncommons.schema.errors_of_analyses import BeyondPrivacy


def test_twenty_questions_of_a_half_make_ten_and_one_more_is_refused():
    privacy, spent = Privacy(), 0
    for _ in range(20):
        privacy.allow(privacy.cost, spent, spent + privacy.cost)
        spent += privacy.cost
    assert spent == 10 * MILLION
    with pytest.raises(BudgetSpent, match="a project"):
        privacy.allow(privacy.cost, spent, spent + privacy.cost)


def test_tenths_add_up_without_dust():
    privacy = Privacy(epsilon=0.1, total=0.3, altogether=0.3)
    for spent in (0, 1, 2):
        privacy.allow(privacy.cost, spent * privacy.cost, (spent + 1) * privacy.cost)
    with pytest.raises(BudgetSpent):
        privacy.allow(1, 3 * privacy.cost, 0)


def test_all_projects_together_have_a_budget():
    with pytest.raises(BudgetSpent, match="all projects together"):
        Privacy().allow(500_000, 0, 20_500_000)


def test_an_epsilon_of_which_nothing_is_left_for_a_dataset_is_refused_in_words():
    with pytest.raises(BeyondPrivacy, match=r"0\.001 is too little for 1,001 datasets"):
        Privacy(0.001, 10, 20).share(1_001)
    assert Privacy(0.001, 10, 20, datasets=1).share(1_001) > 0


@given(st.integers(1_000, 5_000_000), st.integers(0, 50), st.integers(0, 200))
def test_nobody_in_as_many_datasets_as_was_said_loses_more_than_the_question_takes(cost, declared, there):
    privacy = Privacy(cost / MILLION, 10, 20, datasets=declared)
    most = min(declared or there, there)
    assert Fraction(privacy.share(there)) * max(most, 1) <= Fraction(cost, MILLION)
    assert privacy.share(there) == pytest.approx(cost / MILLION / max(most, 1), abs=1e-6)


@pytest.mark.parametrize(
    "wrong",
    [
        {"epsilon": 0},
        {"epsilon": -1},
        {"epsilon": float("nan")},
        {"epsilon": float("inf")},
        {"epsilon": 0.1234567},
        {"epsilon": 11},
        {"epsilon": 101, "total": 200, "altogether": 200},
        {"total": 21},
        {"days": 0},
        {"datasets": -1},
        {"rows": 0},
        {"rows": 12},
    ],
)
def test_settings_that_promise_nothing_are_refused(wrong):
    with pytest.raises(BadPolicy):
        Privacy(**wrong)


def test_the_budget_is_shown():
    text = Privacy().text(1_500_000, 3_000_000)
    assert "epsilon 0.5 a question" in text
    assert "spent 1.5 of 10, all together 3 of 20" in text

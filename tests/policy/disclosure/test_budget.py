"""What a question costs, and when a project must stop."""

import pytest

from oncommons.policy.disclosure.budget import Budget, cost_of, digest_of
from oncommons.schema.errors import BadPolicy, BudgetSpent, TooManyQuestions
from oncommons.schema.parsing import parse_question
from oncommons.schema.run import parse_run

SEX = {"field": "sex", "in": ["F"]}
AGE = {"field": "age", "between": [40, 50]}


def question(where=None, **more):
    return parse_question({"count": "person"} | ({"where": where} if where else {}) | more)


def codes(number):
    return {"some": "condition", "where": {"field": "code", "in": [f"ICD10:C{n}" for n in range(10, 10 + number)]}}


@pytest.mark.parametrize(
    ("where", "cost"),
    [
        (None, 1),
        (SEX, 1),
        ({"some": "series"}, 1),
        ({"all": [SEX, AGE]}, 2),
        ({"any": [SEX, AGE]}, 2 + 4),
        ({"all": [SEX, {"not": AGE}]}, 2 + 1),
        ({"not": {"any": [AGE] * 7}}, 7 + 49),
        (codes(8), 1),
        (codes(9), 1 + 1),
        (codes(41), 1 + 25),
    ],
)
def test_a_question_costs_its_tests_and_the_square_of_its_alternatives(where, cost):
    assert cost_of(question(where)) == cost


def test_groups_cost_nothing_more():
    assert cost_of(question(by=["sex"])) == 1


def test_the_same_words_are_the_same_question_and_other_words_another():
    assert digest_of(question(SEX)) == digest_of(parse_question({"where": SEX, "count": "person"}))
    assert digest_of(question(SEX)) != digest_of(question({"all": [SEX]}))


def test_a_budget_lets_through_what_it_suffices_for():
    Budget(tests=10, hourly=5).allow(cost=2, spent=8, lately=3)


def test_a_spent_budget_says_what_is_left():
    with pytest.raises(BudgetSpent, match=r"costs 3; of the 10 .* in 30 days, 2 are left"):
        Budget(tests=10).allow(cost=3, spent=8, lately=0)


def test_too_many_questions_in_an_hour_are_told_so():
    with pytest.raises(TooManyQuestions, match=r"of the 5 .* in an hour, 1 are left"):
        Budget(tests=10, hourly=5).allow(cost=2, spent=4, lately=4)


def test_a_budget_of_nothing_is_refused():
    with pytest.raises(BadPolicy):
        Budget(tests=0)


AGED = {"some": "condition", "where": {"field": "age_at_diagnosis", "between": [60, None]}}
ANY = {"any": [{"field": "follow_up", "between": [day, day]} for day in range(20)]}


@pytest.mark.parametrize(
    ("variables", "cost"),
    [
        ({"time": {"value": "follow_up"}}, 2),
        ({"time": {"value": "follow_up"}, "female": {"is": {"field": "sex", "in": ["F"]}}}, 3),
        ({"age": {"levels": {"old": AGED, "young": {"not": AGED}}}}, 1 + 1 + 2),
        ({"some": {"is": ANY}}, 1 + 20 + 20**2),
        ({"size": {"value": "age_at_diagnosis", "of": "condition", "where": {"all": [AGED["where"]] * 2}}}, 1 + 2),
    ],
)
def test_an_analysis_costs_as_the_questions_for_its_cohort_and_for_what_its_variables_are_made_of(variables, cost):
    """A level that is chosen person by person is told exactly, and so no cheaper than a question for it."""
    assert cost_of(parse_run({"analysis": "describe", "variables": variables})) == cost

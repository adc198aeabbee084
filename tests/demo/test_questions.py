"""The demonstration's questions are ones that a hub would take, and its nodes differ as they should."""

import pytest

from oncommons.demo.questions import NODES, QUESTIONS
from oncommons.node.receive.table import FIELDS
from oncommons.policy.disclosure.counts import Policy
from oncommons.schema.federation import is_name
from oncommons.schema.parsing import parse_question
from oncommons.schema.question import All, AnyOf, Between, Criterion, In, Not, Some, fields_of, leaves
from oncommons.schema.sentence import sentence


def asked(i):
    _, where, by = QUESTIONS[i]
    return parse_question({"count": "person", "where": where.to_json(), **({"by": list(by)} if by else {})})


def kinds(criterion: Criterion):
    yield type(criterion)
    match criterion:
        case All(inner) | AnyOf(inner):
            for part in inner:
                yield from kinds(part)
        case Not(part) | Some(_, part) if part is not None:
            yield from kinds(part)


def test_there_are_three_questions_with_three_titles():
    assert len({title for title, _, _ in QUESTIONS}) == 3


@pytest.mark.parametrize("i", range(3))
def test_each_question_is_understood(i):
    assert sentence(asked(i)).startswith("Count people where ")


def test_the_questions_grow_harder():
    sizes = [len(list(leaves(asked(i)))) for i in range(3)]
    assert sizes == sorted(set(sizes))


def test_the_second_is_grouped_and_the_third_uses_every_connective():
    assert [f.name for f in asked(1).by] == ["sex"]
    assert {All, AnyOf, Not, Some, In, Between} <= set(kinds(asked(2).where))


def test_there_are_five_nodes_that_tell_as_hospitals_would():
    assert len({plan.name for plan in NODES}) == 5
    assert all(is_name(plan.name) for plan in NODES)
    assert {Policy.of(plan.policy, plan.k).rule for plan in NODES} == {"threshold", "noise"}


def test_one_node_lacks_a_field_that_the_third_question_asks_for():
    (lack,) = [plan.without for plan in NODES if plan.without]
    assert lack in FIELDS
    assert lack in {f.name for f in fields_of(asked(2))}

"""What a criterion costs: every relaxed question is a superset, and a gain holds the true number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncommons.policy.disclosure import Policy, release_number
from oncommons.schema.answer import Answer, Count, DatasetAnswer, NodeAnswer, exact
from oncommons.schema.errors import BadRequest
from oncommons.schema.feasibility import Feasibility, compare, gain_of, relaxations, ungrouped
from oncommons.schema.parsing import parse_question

WOMEN, CT = {"field": "sex", "in": ["F"]}, {"field": "modality", "in": ["CT"]}
CHEST = {"field": "body_part", "in": ["CHEST"]}


def relaxed(where, **more):
    question = parse_question({"count": "person", "where": where, **more})
    return [(one.path, one.question.to_json().get("where")) for one in relaxations(question)]


def some(*criteria):
    return {"some": "series", "where": criteria[0] if len(criteria) == 1 else {"all": list(criteria)}}


def test_a_question_without_criteria_has_nothing_to_drop():
    assert relaxations(parse_question({"count": "person"})) == ()


def test_a_single_criterion_leaves_everybody():
    assert relaxed(WOMEN) == [("where", None)]


def test_each_part_of_an_and_is_dropped_in_turn_also_inside_one_row():
    assert relaxed({"all": [WOMEN, some(CT, CHEST)]}) == [
        ("where.all[0]", some(CT, CHEST)),
        ("where.all[1].where.all[0]", {"all": [WOMEN, some(CHEST)]}),
        ("where.all[1].where.all[1]", {"all": [WOMEN, some(CT)]}),
    ]


@pytest.mark.parametrize("whole", [{"any": [WOMEN, some(CT)]}, {"not": {"all": [WOMEN, some(CT)]}}, some(CT)])
def test_what_stands_or_falls_as_a_whole_is_dropped_whole(whole):
    assert relaxed({"all": [whole, WOMEN]}) == [("where.all[0]", WOMEN), ("where.all[1]", whole)]


def test_a_grouping_is_not_needed():
    question = parse_question({"count": "person", "where": WOMEN, "by": ["sex"]})
    assert ungrouped(question).to_json() == {"count": "person", "where": WOMEN}


@pytest.mark.parametrize(
    ("full", "now", "gain"),
    [
        (exact(3), exact(10), exact(7)),
        (exact(3), exact(3), exact(0)),
        (Count(20, 29, "rounded"), Count(50, 59, "rounded"), Count(21, 39, "rounded")),
        (Count(20, 29, "rounded"), Count(20, 29, "rounded"), Count(0, 9, "suppressed")),
        (Count(0, 9, "suppressed"), Count(0, 9, "suppressed"), Count(0, 9, "suppressed")),
        (Count(0, None, "suppressed"), exact(5), Count(0, 5, "suppressed")),
        (exact(5), Count(0, None, "suppressed"), Count(0, None, "suppressed")),
        (Count(0, 31, "probable"), Count(40, 70, "probable"), Count(9, 70, "probable")),
    ],
)
def test_a_gain_is_the_interval_between_two_released_counts(full, now, gain):
    assert gain_of(full, now) == gain


@given(st.integers(0, 200), st.integers(0, 200), st.sampled_from([Policy("open"), Policy("threshold", 10)]))
def test_a_gain_holds_the_true_number_and_tells_no_more_than_the_two_counts(part, more, policy):
    full, now = release_number(part, policy), release_number(part + more, policy)
    gain = gain_of(full, now)
    assert gain.at_least <= more <= gain.at_most
    assert gain.at_most - gain.at_least <= (0 if policy.rule == "open" else 2 * policy.k)


def answered(**counts):
    nodes = tuple(
        NodeAnswer(node, "silent", "Asleep.")
        if count is None
        else NodeAnswer(node, "answered", datasets=(DatasetAnswer("d", exact(count), exact(count)),))
        for node, count in counts.items()
    )
    return Answer("i", {"count": "person"}, "Count people.", nodes)


def weighed():
    drops = relaxations(parse_question({"count": "person", "where": {"all": [WOMEN, some(CT)]}}))
    answers = [answered(athens=9, bologna=5, cork=None), answered(athens=4, bologna=None, cork=2)]
    return compare(answered(athens=4, bologna=3, cork=None), drops, answers, 1)


def test_only_nodes_that_answered_both_are_compared():
    first, second = weighed().relaxed
    assert (first.gain, first.certain, dict(first.nodes)) == (
        exact(7),
        exact(14),
        {"athens": exact(5), "bologna": exact(2)},
    )
    assert (second.gain, second.missing) == (exact(0), ("bologna",))
    assert weighed().not_included == {"cork": "Asleep."}


def test_it_comes_back_from_json_as_itself():
    assert Feasibility.from_json(weighed().to_json()) == weighed()


@pytest.mark.parametrize("body", [None, [], {}, {"question": {}}, weighed().to_json() | {"relaxed": [{}]}])
def test_what_is_something_else_is_refused(body):
    with pytest.raises(BadRequest):
        Feasibility.from_json(body)


def test_the_nodes_that_were_named_are_asked_without_each_criterion_too():
    both = {"all": [{"field": "sex", "in": ["F"]}, {"field": "age", "between": [40, None]}]}
    question = parse_question({"count": "person", "where": both, "by": ["sex"], "nodes": ["athens"]})
    assert ungrouped(question).to_json() == {"count": "person", "where": both, "nodes": ["athens"]}
    assert {one.question.nodes for one in relaxations(question)} == {("athens",)}

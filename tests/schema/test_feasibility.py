"""What a criterion costs: every relaxed question is a superset, and a gain holds the true number."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncommons.policy.disclosure.counts import LARGEST_K, SMALLEST_K, Policy, release_number
from oncommons.policy.disclosure.crowd import Crowd
from oncommons.policy.disclosure.noise import Noise, Shape
from oncommons.policy.disclosure.telling import Place, Teller
from oncommons.schema.answer import Answer, Count, DatasetAnswer, NodeAnswer, exact
from oncommons.schema.errors import BadRequest
from oncommons.schema.feasibility import UNTOLD, Feasibility, compare, gain_of, relaxations, slack_of, ungrouped
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
        (Count(20, 42, "noisy"), Count(60, 82, "noisy"), Count(18, 62, "noisy")),
        (Count(20, 42, "noisy"), Count(50, 59, "rounded"), Count(8, 39, "noisy")),
        (Count(20, 42, "noisy"), Count(40, None, "noisy"), Count(0, None, "suppressed")),
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


@given(st.integers(0, 300), st.integers(0, 300), st.lists(st.integers(0, 40), min_size=4, max_size=4), st.booleans())
def test_where_both_intervals_hold_the_gain_holds(part, more, off, open_end):
    """Whatever the rules are, also ``private``, whose intervals hold in 999 of 1,000 cases each."""
    whole = part + more
    full = Count(max(part - off[0], 0), part + off[1], "probable")
    now = Count(max(whole - off[2], 0), None if open_end else whole + off[3], "probable")
    gain = gain_of(full, now)
    assert gain.at_least <= more
    assert gain.at_most is None or more <= gain.at_most


def test_how_far_a_number_may_be_off_is_read_from_the_rule():
    for k in range(SMALLEST_K, LARGEST_K + 1):
        assert slack_of(str(Policy("noise", k))) == Shape(k).reach - 1


@pytest.mark.parametrize("rule", ["open", "threshold", "private"])
def test_other_rules_tell_the_people_who_were_asked_for(rule):
    assert slack_of(str(Policy(rule))) == 0


def some_people(dice, size):
    """Everybody, and who fulfils each of five criteria."""
    likely = (0.5, 0.9, 0.97, 0.7, 0.3)
    return range(size), [{i for i in range(size) if dice.random() < chance} for chance in likely]


def who(everybody, fulfilled, criteria):
    found = sorted(set(everybody).intersection(*(fulfilled[c] for c in criteria)))
    return Crowd.of_rows(found, [1] * len(found))


@pytest.mark.parametrize("k", [5, 10, 20])
def test_under_noise_a_gain_holds_the_true_number_whatever_was_asked_before(k):
    """Random people, secrets and questions; each is weighed by a node that remembers all that it told before.

    Without the widening, some gains would miss the true number.
    """
    outside, missed, certain, shape = 0, 0, 0, Shape(k)
    for seed in range(60):
        dice = random.Random(seed)
        everybody, fulfilled = some_people(dice, dice.choice([60, 150, 400]))
        place = Place("d", "person", who(everybody, fulfilled, ()))
        teller = Teller(Noise(dice.randbytes(32), shape))
        for _ in range(6):
            criteria = dice.sample(range(5), dice.randint(1, 4))
            full = who(everybody, fulfilled, criteria)
            told = teller.tell(place, full)
            for dropped in criteria:
                now = who(everybody, fulfilled, [c for c in criteria if c != dropped])
                true, then = now.people - full.people, teller.tell(place, now)
                gain, narrow = gain_of(told, then, slack_of(str(Policy("noise", k)))), gain_of(told, then)
                outside += not gain.at_least <= true <= gain.at_most
                missed += not narrow.at_least <= true <= narrow.at_most
                certain += gain.at_least > 0
    assert outside == 0
    assert min(missed, certain) > 0


def answered(**counts):
    nodes = tuple(
        NodeAnswer(node, "silent", "Asleep.")
        if count is None
        else NodeAnswer(node, "answered", policy="open", datasets=(DatasetAnswer("d", exact(count), exact(count)),))
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
    assert weighed().policies == {"athens": "open", "bologna": "open"}


def test_where_no_node_answered_both_no_number_is_told():
    drops = relaxations(parse_question({"count": "person", "where": WOMEN}))
    (one,) = compare(answered(athens=4), drops, [answered(athens=None)], 0).relaxed
    assert (one.certain, one.gain, one.missing) == (UNTOLD, UNTOLD, ("athens",))
    assert not one.gain.is_told
    assert one.waiting == ()
    part = NodeAnswer("athens", "waiting", "Not yet.", "E356")
    (held,) = compare(answered(athens=4), drops, [Answer("i", {}, "", (part,))], 0).relaxed
    assert (held.gain, held.missing, held.waiting) == (UNTOLD, ("athens",), ("athens",))
    (nobody,) = compare(answered(athens=None), drops, [answered(athens=None)], 0).relaxed
    assert (nobody.gain, nobody.missing) == (exact(0), ())


def test_the_gain_at_a_node_with_noise_is_widened_by_its_own_rule():
    def told(*pairs):
        nodes = (
            NodeAnswer(name, "answered", policy=str(policy), datasets=(DatasetAnswer("d", count, count),))
            for (name, policy), count in zip(
                (("a", Policy("noise", 20)), ("b", Policy("threshold"))), pairs, strict=True
            )
        )
        return Answer("i", {"count": "person"}, "Count people.", tuple(nodes))

    drops = relaxations(parse_question({"count": "person", "where": WOMEN}))
    asked = told(Count(100, 147, "noisy"), Count(100, 109, "rounded"))
    now = told(Count(400, 447, "noisy"), Count(200, 209, "rounded"))
    (one,) = compare(asked, drops, [now], 0).relaxed
    assert dict(one.nodes) == {"a": Count(300 - 47 - 200, 347 + 200, "noisy"), "b": Count(91, 109, "rounded")}
    assert one.gain.precision == "noisy"


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

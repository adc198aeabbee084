"""Counts, their sums, and who is in the total."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncommons.schema.answer import Answer, Count, DatasetAnswer, NodeAnswer, exact, total

SMALL = Count(0, 4, "suppressed")
TENS = Count(10, 19, "rounded")
NOISY = Count(90, 110, "noisy")

counts = st.builds(
    lambda low, width, precision: exact(low) if precision == "exact" else Count(low, low + width, precision),
    st.integers(0, 1000),
    st.integers(0, 50),
    st.sampled_from(["exact", "rounded", "noisy", "probable", "suppressed"]),
)


def a_node(name, status, number):
    return NodeAnswer(name, status, datasets=(DatasetAnswer("d", exact(number), exact(number + 1)),))


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (exact(1234), "1,234"),
        (exact(0), "0"),
        (SMALL, "<5"),
        (TENS, "10–19"),
        (Count(7, None, "rounded"), "7 or more"),
        (Count(1200, 1299, "rounded"), "1,200–1,299"),
    ],
)
def test_a_count_shows_what_is_known_of_it(count, text):
    assert str(count) == text


def test_a_suppressed_count_has_no_value():
    assert SMALL.value is None


@pytest.mark.parametrize(("count", "value"), [(exact(7), 7), (TENS, 10)])
def test_a_released_count_has_a_value(count, value):
    assert count.value == value


def test_the_sum_of_nothing_is_exactly_zero():
    assert total([]) == exact(0)


def test_exact_counts_add_up_exactly():
    assert total([exact(2), exact(40)]) == exact(42)


def test_intervals_add_up():
    assert total([exact(5), TENS]) == Count(15, 24, "rounded")


def test_what_has_no_upper_bound_leaves_the_sum_without_one():
    assert total([exact(5), Count(7, None, "rounded")]).at_most is None


def test_suppressed_counts_add_up_to_a_suppressed_count():
    assert total([SMALL, SMALL]) == Count(0, 8, "suppressed")


def test_a_sum_of_which_something_is_known_is_not_suppressed():
    assert total([SMALL, exact(9)]) == Count(9, 13, "rounded")


def test_a_sum_is_as_exact_as_its_least_exact_part():
    assert total([exact(1), TENS, NOISY]).precision == "noisy"


def test_a_sum_with_a_probable_part_is_probable_and_never_sure():
    wide = Count(0, 31, "probable")
    assert total([exact(1), NOISY, Count(40, 70, "probable")]) == Count(131, 181, "probable")
    assert total([SMALL, wide]).precision == total([NOISY, SMALL, wide]).precision == "probable"
    assert total([wide, Count(0, None, "suppressed")]) == Count(0, None, "suppressed")


@given(st.lists(counts, max_size=8), st.data())
def test_a_sum_bounds_every_true_sum_that_its_parts_allow(parts, data):
    true = sum(data.draw(st.integers(c.at_least, c.at_most)) for c in parts)
    assert total(parts).at_least <= true <= total(parts).at_most


@given(st.lists(counts, max_size=8), st.randoms())
def test_a_sum_does_not_depend_on_the_order_of_its_parts(parts, rng):
    shuffled = list(parts)
    rng.shuffle(shuffled)
    assert total(shuffled) == total(parts)


@given(counts)
def test_a_count_comes_back_from_json_as_itself(count):
    assert Count.from_json(count.to_json()) == count


def test_the_json_of_a_suppressed_count_tells_only_its_bounds():
    assert SMALL.to_json() == {"value": None, "precision": "suppressed", "at_least": 0, "at_most": 4}


def test_a_precision_that_is_not_known_is_refused():
    with pytest.raises(ValueError, match="'guessed'"):
        Count.from_json(SMALL.to_json() | {"precision": "guessed"})


def test_only_nodes_that_answered_in_time_are_in_the_total():
    nodes = (a_node("a", "answered", 1), a_node("b", "late", 10), a_node("c", "answered", 100))
    answer = Answer("1", {}, "", nodes)
    assert (answer.certain, answer.possible) == (exact(101), exact(103))


@pytest.mark.parametrize("status", ["late", "silent", "refused", "waiting"])
def test_every_other_node_is_listed_as_not_included(status):
    answer = Answer("1", {}, "", (a_node("a", "answered", 1), a_node("b", status, 2)))
    assert ([n.node for n in answer.included], [n.node for n in answer.not_included]) == (["a"], ["b"])


def test_nodes_that_wait_for_their_data_managers_can_be_named():
    answer = Answer("1", {}, "", (a_node("a", "answered", 1), NodeAnswer("b", "waiting"), NodeAnswer("c", "refused")))
    assert ([n.node for n in answer.waiting], [n.node for n in answer.asked]) == (["b"], ["a", "b", "c"])


def test_a_node_counts_the_sum_of_its_datasets():
    node = NodeAnswer("a", "answered", datasets=(DatasetAnswer("x", TENS, TENS), DatasetAnswer("y", SMALL, exact(9))))
    assert (node.certain, node.possible) == (Count(10, 23, "rounded"), Count(19, 28, "rounded"))


def test_a_noisy_count_shows_its_middle():
    assert Count(36, 58, "noisy").value == 47
    assert Count(36, None, "noisy").value == 36


def test_a_probable_count_shows_its_middle_and_comes_back_from_the_wire():
    count = Count(69, 129, "probable")
    assert (count.value, str(count), Count.from_json(count.to_json())) == (99, "69–129", count)


def test_a_node_that_was_not_asked_is_told_from_one_that_said_nothing():
    nodes = (NodeAnswer("a", "answered"), NodeAnswer("b", "silent"), NodeAnswer("c", "unasked"))
    answer = Answer("i", {}, "", nodes)
    names = [[n.node for n in part] for part in (answer.asked, answer.not_asked, answer.not_included)]
    assert names == [["a", "b"], ["c"], ["b", "c"]]


@pytest.mark.parametrize(
    ("count", "number"),
    [
        (exact(7), 7),
        (Count(20, 29, "rounded"), 20),
        (Count(18, 25, "noisy"), 21),
        (Count(0, 22, "suppressed"), 0),
        (Count(10, None, "suppressed"), 10),
    ],
)
def test_who_takes_one_number_takes_what_is_told_and_no_upper_end(count, number):
    assert count.number == number

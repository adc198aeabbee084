"""The asker's side: every true table that fits an answer, enumerated; nothing narrower than was told may follow."""

import json
from collections import defaultdict
from dataclasses import dataclass
from functools import partial
from itertools import product

import pytest

from oncommons.policy.disclosure.counts import WITHHELD, Cell, Policy, release_cells, release_lack
from oncommons.schema.answer import Count, DatasetAnswer, Lack, NodeAnswer
from oncommons.schema.answer_json import node_answer_to_json


@dataclass(frozen=True)
class Told:
    """A pair as the asker reads it, and the true numbers behind it."""

    certain: Count
    possible: Count
    truth: tuple[int, int]


def pairs(most):
    """Every (certain, possible) up to a number."""
    return [(c, p) for p in range(most + 1) for c in range(p + 1)]


def dataset(cells, sizes, policy, lacking=None):
    """A dataset's answer about cells given as (key, certain, possible), and what it tells of each."""
    there = [Cell(*cell) for cell in cells if cell[2]]
    released = release_cells(there, sizes, policy)
    lacks = ()
    if lacking is not None:
        withheld = release_lack(*lacking, released.certain, policy, grouped=bool(sizes))
        lacks = (Lack("sex", "person", True, *withheld),)
    answer = DatasetAnswer(
        "d", released.certain, released.possible, lacking=lacks, groups=released.groups, unlisted=released.unlisted
    )
    whole = (sum(c for _, c, _ in cells), sum(p for _, _, p in cells))
    told = [Told(released.certain, released.possible, whole)]
    told += [Told(lack.records, lack.of, lacking) for lack in lacks if lack.records != WITHHELD]
    if sizes:
        told += [group_of(answer, dict(zip(sizes, key, strict=True)), (c, p), policy) for key, c, p in cells]
    return answer, told


def group_of(answer, key, truth, policy):
    """What is told of one combination: its group, else the bound of those that are not listed."""
    for group in answer.groups:
        if group.key == key:
            return Told(group.certain, group.possible, truth)
    return Told(Count(0, policy.k - 1, "suppressed"), answer.unlisted, truth)


def seen(*answers):
    """Everything that the asker sees of a node's answer."""
    return json.dumps(node_answer_to_json(NodeAnswer("n", "answered", datasets=answers)))


def one_dataset(k):
    """Every table of one dataset that was not grouped."""
    for pair in pairs(4 * k - 1):
        answer, told = dataset([((), *pair)], {}, Policy.of("threshold", k))
        yield seen(answer), told


def two_datasets(k):
    """Every table of two datasets, whose total is told as well."""
    policy = Policy.of("threshold", k)
    for one, two in product(pairs(3 * k - 1), repeat=2):
        (first, told), (second, more) = (dataset([((), *pair)], {}, policy) for pair in (one, two))
        node = NodeAnswer("n", "answered", datasets=(first, second))
        total = Told(node.certain, node.possible, (one[0] + two[0], one[1] + two[1]))
        yield seen(first, second), [*told, *more, total]


def grouped(k, keys, sizes, most):
    """Every table of one dataset over the keys."""
    policy = Policy.of("threshold", k)
    for numbers in product(pairs(most), repeat=len(keys)):
        answer, told = dataset([(key, *pair) for key, pair in zip(keys, numbers, strict=True)], sizes, policy)
        yield seen(answer), told


def with_lacking(k):
    """Every table of one dataset, and of the records that lack a field that has nothing to do with it."""
    policy = Policy.of("threshold", k)
    for pair, lacking in product(pairs(3 * k - 1), repeat=2):
        answer, told = dataset([((), *pair)], {}, policy, lacking)
        yield seen(answer), told


def criterion_on_the_field_that_lacks(k):
    """``sex in [F, M, O]``, counted where it is counted: certain have one, possible are all, the rest lack it."""
    policy = Policy.of("threshold", k)
    for lacking, of in pairs(6 * k - 1):
        answer, told = dataset([((), of - lacking, of)], {}, policy, (lacking, of))
        yield seen(answer), told


def grouped_by_the_field_that_lacks(k):
    """Everybody by sex: the records that lack it are one of the groups, and all records are the whole."""
    policy = Policy.of("threshold", k)
    for numbers in product(range(3 * k), repeat=3):
        cells = [((key,), n, n) for key, n in zip(("F", "M", None), numbers, strict=True)]
        answer, told = dataset(cells, {"sex": 3}, policy, (numbers[2], sum(numbers)))
        yield seen(answer), told


TWO = (("F",), (None,))
THREE = (("F",), ("M",), (None,))
FOUR = tuple(product(("F", None), ("MR", None)))

TABLES = [
    pytest.param(2, partial(one_dataset, 2), id="one dataset, k = 2"),
    pytest.param(3, partial(one_dataset, 3), id="one dataset, k = 3"),
    pytest.param(7, partial(one_dataset, 7), id="one dataset, k = 7"),
    pytest.param(2, partial(two_datasets, 2), id="two datasets, k = 2"),
    pytest.param(3, partial(two_datasets, 3), id="two datasets, k = 3"),
    pytest.param(2, partial(grouped, 2, TWO, {"sex": 2}, 9), id="two groups, k = 2"),
    pytest.param(3, partial(grouped, 3, TWO, {"sex": 2}, 8), id="two groups, k = 3"),
    pytest.param(2, partial(grouped, 2, TWO, {"sex": None}, 7), id="two groups of a field without end, k = 2"),
    pytest.param(2, partial(grouped, 2, THREE, {"sex": 3}, 5), id="three groups, k = 2"),
    pytest.param(2, partial(grouped, 2, FOUR, {"sex": 2, "modality": 2}, 3), id="two fields, k = 2"),
    pytest.param(2, partial(with_lacking, 2), id="an unrelated lack, k = 2"),
    pytest.param(3, partial(with_lacking, 3), id="an unrelated lack, k = 3"),
    pytest.param(3, partial(criterion_on_the_field_that_lacks, 3), id="a lack of the field that is tested"),
]


def classes_of(tables):
    """What is told, by what is seen: for each pair of counts, the true pairs that look like this."""
    classes = defaultdict(list)
    for look, told in tables:
        classes[look].append(told)
    for members in classes.values():
        for same in zip(*members, strict=True):
            yield same[0], {told.truth for told in same}


def narrowed(count, truths):
    """Whether a suppressed count can be told closer than its bound; a total without end has none."""
    return count.precision == "suppressed" and count.at_most is not None and truths != set(range(count.at_most + 1))


def contains(count, truths):
    """Whether the interval that is told contains every true number."""
    return count.at_least <= min(truths) and (count.at_most is None or max(truths) <= count.at_most)


@pytest.mark.parametrize(("k", "tables"), TABLES)
def test_nothing_narrower_than_was_told_follows_from_an_answer(k, tables):
    small = set(range(k))
    for told, truths in classes_of(tables()):
        certain, possible = {c for c, _ in truths}, {p for _, p in truths}
        assert contains(told.certain, certain), told
        assert contains(told.possible, possible), told
        assert not narrowed(told.certain, certain), (told, sorted(certain))
        assert not narrowed(told.possible, possible), (told, sorted(possible))
        differences = {p - c for c, p in truths} & small
        assert differences in (set(), small), (told, sorted(differences))


def test_groups_of_everybody_cannot_be_set_off_against_the_records_that_lack_the_field():
    # nothing is asked of anybody, so possible is certain by logic, and only certain is a number of its own
    for told, truths in classes_of(grouped_by_the_field_that_lacks(3)):
        assert not narrowed(told.certain, {c for c, _ in truths}), told


def test_the_enumeration_would_notice_a_count_that_is_told_too_closely():
    tables = [(str(n < 2), [Told(Count(0, 2, "suppressed"), Count(0, 2, "suppressed"), (n, n))]) for n in range(3)]
    assert any(narrowed(told.certain, {c for c, _ in truths}) for told, truths in classes_of(tables))

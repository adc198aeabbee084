"""The fast oracle says what the plain one says."""

import random

import pytest
from tests.oracle import columns, generator, kleene
from tests.oracle.columns import Column, pool_of
from tests.oracle.generator import FREQUENT, RANGES
from tests.oracle.kleene import Dataset, Row

HAS_ALL = Dataset("all")
NO_CONDITIONS = Dataset("no_conditions", frozenset({"condition"}))
NO_SERIES = Dataset("no_series", frozenset({"series"}))


def values(rng, entity):
    """Few distinct values, each missing now and then."""
    found = {}
    for name in kleene.FIELDS[entity]:
        if rng.random() < 0.75:
            few = RANGES[name] if name in RANGES else FREQUENT[name][:3]
            found[name] = rng.randint(*few) if name in RANGES else rng.choice(few)
    return found


def a_person(rng):
    dataset = rng.choice((HAS_ALL, HAS_ALL, NO_CONDITIONS, NO_SERIES))
    person = Row("person", dataset, values(rng, "person"))
    for _ in range(rng.randint(0, 3)):
        study = person.add("study", **values(rng, "study"))
        for _ in range(0 if dataset is NO_SERIES else rng.randint(0, 4)):
            study.add("series", **values(rng, "series"))
    for _ in range(0 if dataset is NO_CONDITIONS else rng.randint(0, 2)):
        person.add("condition", **values(rng, "condition"))
    return person


@pytest.mark.parametrize("seed", range(60))
def test_both_oracles_agree_on_random_people_and_questions(seed):
    rng = random.Random(seed)
    people = [a_person(rng) for _ in range(30)]
    pool = pool_of(people)
    for _ in range(15):
        question = generator.question(rng)
        assert columns.answer(question, pool) == kleene.answer(question, people), question


@pytest.mark.parametrize("seed", range(20))
def test_both_oracles_agree_where_a_dataset_lacks_fields(seed):
    rng = random.Random(seed)
    fields = rng.sample([f for names in kleene.FIELDS.values() for f in names], 3)
    pool = pool_of([a_person(rng) for _ in range(30)]).without({("all", f) for f in fields})
    people = list(pool.people())
    for _ in range(10):
        question = generator.question(rng)
        assert columns.answer(question, pool) == kleene.answer(question, people), question


@pytest.mark.parametrize("seed", range(10))
def test_rows_of_some_datasets_answer_as_they_do_among_all(seed):
    rng = random.Random(seed)
    pool = pool_of([a_person(rng) for _ in range(30)] + [Row("person", HAS_ALL, {}), Row("person", NO_SERIES, {})])
    question = generator.question(rng)
    everywhere = columns.answer(question, pool)
    for name in ("all", "no_series"):
        assert columns.answer(question, pool.only([name])) == {name: everywhere[name]}


def test_a_column_keeps_what_is_missing_as_missing():
    column = Column.of(["b", None, "a", "b"])
    assert [column.levels[p] for p in column.place] == ["b", None, "a", "b"]


def test_rows_that_lack_a_field_are_counted_per_dataset():
    people = [Row("person", HAS_ALL, {"sex": "F"}), Row("person", HAS_ALL, {}), Row("person", NO_SERIES, {"sex": "M"})]
    lacks = {("no_series", "sex")}
    assert pool_of(people, lacks).missing_values("sex") == {"all": (1, 2), "no_series": (1, 1)}


def test_a_dropped_field_is_missing_in_every_row():
    pool = pool_of([Row("person", HAS_ALL, {"sex": "F"})]).without({("all", "sex")})
    counted = columns.answer({"count": "person", "where": {"field": "sex", "in": ["F"]}}, pool)
    assert counted["all"] == kleene.Counted(0, 1)

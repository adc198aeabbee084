"""Questions compiled to SQL give what the oracle gives."""

import re

import pytest
from tests.node.tables import add_conditions, index_of
from tests.oracle import columns, generator

from oncommons.node.index.compiling import Holdings, compile_question
from oncommons.schema.parsing import parse_question
from oncommons.schema.question import In, leaves

ALL = Holdings({e: frozenset({0}) for e in ("person", "study", "series")}, frozenset({0}), {})


def has(field, *codes):
    return {"field": field, "in": list(codes)}


def some(entity, where=None):
    return {"some": entity} | ({} if where is None else {"where": where})


def counts(index, count, where):
    """Dataset to its certain and possible number."""
    tallies = index.ask(parse_question({"count": count, "where": where}))
    return {t.state.name: (sum(c.certain for c in t.cells), sum(c.possible for c in t.cells)) for t in tallies}


@pytest.fixture(scope="module")
def people():
    """Anna has a CT of the chest and an MR of the breast; Ben a CT of the breast; of Cleo's series nothing is told."""
    index = index_of(
        {"person": "anna", "sex": "F", "age": "045Y", "study": "a1", "modality": "CT", "body_part": "CHEST"},
        {"person": "anna", "sex": "F", "age": "046Y", "study": "a2", "modality": "MR", "body_part": "BREAST"},
        {"person": "ben", "sex": "M", "age": "050Y", "study": "b1", "modality": "CT", "body_part": "BREAST"},
        {"person": "cleo", "study": "c1"},
    )
    yield index
    index.close()


CT, MR = has("modality", "CT"), has("modality", "MR")
BREAST = has("body_part", "BREAST")


@pytest.mark.parametrize(
    ("count", "where", "expected"),
    [
        ("person", has("sex", "F"), (1, 2)),
        ("person", {"not": has("sex", "F")}, (1, 2)),
        ("person", {"field": "sex", "missing": True}, (1, 1)),
        ("person", {"field": "sex", "missing": False}, (2, 2)),
        ("person", {"field": "age", "between": [45, None]}, (2, 3)),
        ("person", {"field": "age", "between": [None, 45]}, (1, 2)),
        ("person", {"field": "age", "between": [45, 45]}, (1, 2)),
        ("person", {"any": [has("sex", "F"), {"not": has("sex", "F")}]}, (2, 3)),
        ("person", some("series"), (3, 3)),
        ("person", some("series", {"all": [CT, BREAST]}), (1, 2)),
        ("person", {"all": [some("series", CT), some("series", BREAST)]}, (2, 3)),
        ("person", {"not": some("series", MR)}, (1, 2)),
        ("person", some("study", some("series", MR)), (1, 2)),
        ("person", some("person", has("sex", "F")), (1, 2)),
        ("study", some("series", MR), (1, 2)),
        ("study", some("person", has("sex", "F")), (2, 3)),
        ("study", some("study", {"field": "age_at_study", "between": [46, None]}), (3, 4)),
        ("series", {"all": [MR, some("series", CT)]}, (1, 2)),
        ("series", some("study", some("series", MR)), (2, 3)),
        ("series", some("person", some("series", BREAST)), (3, 4)),
        ("series", {"all": [CT, has("sex", "F"), {"field": "age_at_study", "between": [40, 45]}]}, (1, 2)),
        ("person", some("condition"), (0, 3)),
        ("person", {"not": some("condition", has("code", "ICD10:C61"))}, (0, 3)),
        ("person", {"any": [has("sex", "M"), some("condition")]}, (1, 3)),
    ],
)
def test_each_criterion_is_judged_in_its_own_scope(people, count, where, expected):
    assert counts(people, count, where) == {"d": expected}


@pytest.fixture(scope="module")
def partly():
    """Dataset a records diagnoses, dataset b does not; of a, one person has none and one an unnamed one."""
    rows = [{"collection": d, "person": f"{d}{i}"} for d in "ab" for i in range(4)]
    index = add_conditions(
        index_of(*rows), "a", ("a0", "ICD10:C61"), ("a1", "ICD10:C50"), ("a1", "ICD10:C61"), ("a2", None)
    )
    yield index
    index.close()


@pytest.mark.parametrize("count", ["person", "study", "series"])
@pytest.mark.parametrize(
    ("where", "a", "b"),
    [
        (some("condition"), (3, 3), (0, 4)),
        ({"not": some("condition")}, (1, 1), (0, 4)),
        (some("condition", has("code", "ICD10:C61")), (2, 3), (0, 4)),
        ({"not": some("condition", has("code", "ICD10:C61"))}, (1, 2), (0, 4)),
        (some("condition", {"field": "code", "missing": True}), (1, 1), (0, 4)),
        (some("condition", some("condition", has("code", "ICD10:C50"))), (1, 2), (0, 4)),
        (some("person", some("condition", has("code", "ICD10:C50"))), (1, 2), (0, 4)),
        ({"all": [some("condition"), some("series")]}, (3, 3), (0, 4)),
    ],
)
def test_an_entity_that_one_dataset_lacks_is_unknown_there_and_judged_elsewhere(partly, count, where, a, b):
    assert counts(partly, count, where) == {"a": a, "b": b}


def test_rows_of_an_entity_are_counted_where_they_are(partly):
    assert counts(partly, "condition", has("code", "ICD10:C61"))["a"] == (2, 3)
    assert counts(partly, "condition", some("series"))["a"] == (4, 4)
    assert counts(partly, "condition", has("sex", "F"))["a"] == (0, 4)


def test_rows_of_an_entity_that_nobody_has_are_none(people):
    assert counts(people, "condition", has("code", "ICD10:C61")) == {"d": (0, 0)}


def literals(sql):
    return re.findall(r"'[^']*'", sql)


@pytest.mark.parametrize("seed", range(200))
def test_no_value_stands_in_the_sql(seed):
    question = parse_question(generator.question(seed))
    query = compile_question(question, ALL)
    codes = {code for leaf in leaves(question) if isinstance(leaf.criterion, In) for code in leaf.criterion.codes}
    words = set(re.findall(r"[A-Za-z0-9:/.]+", re.sub(r"\b(IN|IS|OR|AND|AS|ON)\b", "", query.sql)))
    assert (literals(query.sql), words & codes) == ([], set())
    assert set(re.findall(r"\$(\w+)", query.sql)) == set(query.parameters)


def test_a_value_that_slipped_through_would_still_be_bound():
    field = parse_question({"count": "person", "where": has("sex", "F")}).where.field
    question = parse_question({"count": "person"})
    query = compile_question(
        type(question)("person", In(field, ("x') OR 1=1 --",))),
        Holdings({"person": frozenset({0})}, frozenset({0}), {}),
    )
    assert "OR 1=1" not in query.sql
    assert list(query.parameters.values()) == ["x') OR 1=1 --"]


@pytest.mark.parametrize("seed", range(300))
def test_random_questions_are_answered_as_the_oracle_answers(real, seed):
    body = generator.question(seed)
    expected = columns.answer(body, real.pool)
    for tally in real.index.ask(parse_question(body)):
        truth = expected[tally.state.name]
        where = f"seed {seed}, {tally.state.name}: {body}"
        certain, possible = sum(c.certain for c in tally.cells), sum(c.possible for c in tally.cells)
        assert (certain, possible) == (truth.certain, truth.possible), where
        if truth.groups:
            assert {c.key: (c.certain, c.possible) for c in tally.cells} == truth.groups, where


def test_the_random_questions_are_not_all_alike(real):
    """Guards the test above: many questions have a match, a gap between certain and possible, and groups."""
    found = [columns.answer(generator.question(seed), real.pool) for seed in range(0, 300, 3)]
    datasets = [truth for answer in found for truth in answer.values()]
    assert len(datasets) == 800
    assert sum(truth.certain > 0 for truth in datasets) > 200
    assert sum(truth.certain < truth.possible for truth in datasets) > 200
    assert sum(len(truth.groups) > 1 for truth in datasets) > 100

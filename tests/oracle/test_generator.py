"""Random questions are questions."""

import statistics

from tests.oracle import generator
from tests.oracle.columns import pool_of, truths
from tests.oracle.generator import depth_of, question, size_of
from tests.oracle.kleene import Dataset, Row, upwards

from oncommons.schema.parsing import parse_question

SEEDS = range(500)


def somes(body, scope):
    """Every pair of the entity in scope and the entity that ``some`` asks for."""
    if "some" in body:
        yield scope, body["some"]
        scope = body["some"]
    for inner in [*body.get("all", []), *body.get("any", []), body.get("not"), body.get("where")]:
        if inner is not None:
            yield from somes(inner, scope)


def test_random_questions_parse_and_their_json_parses_to_the_same():
    for seed in SEEDS:
        parsed = parse_question(question(seed))
        assert parse_question(parsed.to_json()) == parsed


def test_the_json_of_a_question_means_what_the_question_meant():
    person = Row("person", Dataset("d"), {"sex": "F", "age": 40})
    person.add("study", study_year=2000).add("series", modality="CT", body_part="CHEST", instances=30)
    pool = pool_of([person])
    for seed in SEEDS:
        body = question(seed)
        again = parse_question(body).to_json()
        assert [*truths(body.get("where"), body["count"], pool)] == [*truths(again.get("where"), again["count"], pool)]


def test_the_same_seed_gives_the_same_question():
    assert question(7) == question(7)


def test_random_questions_are_as_large_as_wanted():
    wheres = [question(seed).get("where") for seed in SEEDS]
    assert 5 <= statistics.mean(map(size_of, wheres)) <= 7
    assert max(map(depth_of, wheres)) == 5


def test_every_counted_entity_grouping_and_operator_is_asked():
    text = str([question(seed, world=world) for seed in SEEDS for world in (generator.IMAGES, generator.CLINICAL)])
    asked = [*generator.COUNTED, *generator.FREQUENT, *generator.RANGES, "missing", "None", "dataset", "condition"]
    assert [word for word in asked if f"'{word}'" not in text and word != "None"] == []
    assert "None" in text


def test_some_is_asked_below_beside_above_and_at_the_same_height():
    pairs = {p for seed in SEEDS for p in somes(question(seed).get("where", {}), question(seed)["count"])}
    assert ("person", "series") in pairs
    assert ("series", "person") in pairs
    assert ("series", "series") in pairs
    assert any("condition" not in upwards(a) and b == "condition" and a != "person" for a, b in pairs)

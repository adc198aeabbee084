"""An answer leaves with what was judged, what was not, and numbers that the policy allows."""

from copy import deepcopy

import pytest
from tests.node.tables import add_conditions, index_of
from tests.oracle import generator

from oncommons.node.index.people import nobody
from oncommons.node.public import tell_public
from oncommons.node.share.release import Voice, release_answer
from oncommons.policy.disclosure.counts import Policy
from oncommons.policy.disclosure.noise import Noise, Shape
from oncommons.policy.disclosure.telling import Teller
from oncommons.schema.answer import OTHERS, exact
from oncommons.schema.answer_json import node_answer_from_json, node_answer_to_json
from oncommons.schema.parsing import parse_question
from oncommons.schema.question import Some, fields_of, leaves

OPEN, CAREFUL = Policy("open"), Policy("threshold", 10)


def answered(index, body, policy=OPEN):
    question = parse_question(body)
    return release_answer("athens", question, index.ask(question), policy)


def the_dataset(index, body, policy=OPEN):
    (found,) = answered(index, body, policy).datasets
    return found


def has(field, *codes):
    return {"field": field, "in": list(codes)}


@pytest.fixture(scope="module")
def index():
    """Twenty-five women, twelve men and three people of whom nothing is told; makers are not recorded."""
    sexes = ["F"] * 25 + ["M"] * 12 + [None] * 3
    found = index_of(
        *({"person": f"p{i}", "sex": sex} for i, sex in enumerate(sexes)), without=["manufacturer"], behind=True
    )
    yield found
    found.close()


def test_the_answer_names_the_node_and_its_policy(index):
    answer = answered(index, {"count": "person"})
    assert (answer.node, answer.status, answer.policy) == ("athens", "answered", "open: counts are exact")


def test_a_criterion_is_applied_where_its_field_is_held_and_unknown_elsewhere(index):
    where = {"all": [has("sex", "F"), {"some": "series", "where": has("manufacturer", "GE")}, {"some": "condition"}]}
    told = the_dataset(index, {"count": "person", "where": where})
    assert [(u.path, u.text) for u in told.applied] == [("where.all[0]", "sex is F")]
    assert [(u.path, u.text) for u in told.unknown] == [
        ("where.all[1].where", "manufacturer is GE"),
        ("where.all[2]", "there is some condition"),
    ]


def test_missing_is_known_even_of_a_field_that_is_not_held(index):
    told = the_dataset(index, {"count": "series", "where": {"field": "manufacturer", "missing": True}})
    assert (told.certain, told.possible, told.unknown) == (exact(40), exact(40), ())


def test_everything_inside_an_entity_that_is_not_held_is_unknown_but_for_missing(index):
    where = {"some": "condition", "where": {"all": [has("code", "ICD10:C61"), has("sex", "F")]}}
    told = the_dataset(index, {"count": "person", "where": where})
    assert [u.path for u in told.unknown] == ["where", "where.where.all[0]"]
    assert [u.path for u in told.applied] == ["where.where.all[1]"]


def is_judged_through_its_parts(leaf, dataset):
    """A ``some`` with criteria of its own, whose entity is held: its parts are listed instead."""
    inside = isinstance(leaf.criterion, Some) and leaf.criterion.where is not None
    return inside and leaf.path not in {use.path for use in dataset.unknown}


@pytest.mark.parametrize("seed", range(200))
def test_every_criterion_is_in_one_of_the_two_lists_of_every_dataset(real, seed):
    body = generator.question(seed)
    answer = answered(real.index, body)
    assert [d.dataset for d in answer.datasets] == sorted(real.pool.datasets)
    for dataset in answer.datasets:
        listed = [use.path for use in (*dataset.applied, *dataset.unknown)]
        asked = [x.path for x in leaves(parse_question(body)) if not is_judged_through_its_parts(x, dataset)]
        assert sorted(listed) == sorted(asked), f"seed {seed}, {dataset.dataset}: {body}"


@pytest.mark.parametrize("seed", range(200))
def test_a_criterion_is_unknown_exactly_where_the_dataset_lacks_what_it_names(real, seed):
    body = generator.question(seed)
    by_path = {leaf.path: leaf.criterion for leaf in leaves(parse_question(body))}
    for dataset in answered(real.index, body).datasets:
        for use in dataset.unknown:
            criterion = by_path[use.path]
            name = criterion.entity if isinstance(criterion, Some) else criterion.field.name
            entity = name if isinstance(criterion, Some) else criterion.field.entity
            lacks = {(dataset.dataset, name), (dataset.dataset, entity)}
            assert lacks & real.pool.lacks, f"seed {seed}, {dataset.dataset}: {use}"


@pytest.mark.parametrize("seed", range(100))
def test_records_that_lack_a_field_are_told_for_every_field_asked_for(real, seed):
    question = parse_question(generator.question(seed))
    for dataset in answered(real.index, question.to_json()).datasets:
        held = [f for f in fields_of(question) if (dataset.dataset, f.entity) not in real.pool.lacks]
        assert [(x.field, x.entity) for x in dataset.lacking] == [(f.name, f.entity) for f in held]
        for lack in dataset.lacking:
            truth = real.pool.missing_values(lack.field)[dataset.dataset]
            assert (lack.records, lack.of) == tuple(map(exact, truth))
            assert lack.known is ((dataset.dataset, lack.field) not in real.pool.lacks)


@pytest.mark.parametrize("seed", range(100))
@pytest.mark.parametrize("k", [2, 10, 100])
def test_every_number_that_a_careful_node_tells_is_an_interval_around_the_truth(real, seed, k):
    body = generator.question(seed)
    careful = answered(real.index, body, Policy("threshold", k))
    for told, truth in zip(careful.datasets, answered(real.index, body).datasets, strict=True):
        pairs = [(told.certain, truth.certain), (told.possible, truth.possible)]
        pairs += [(a.records, b.records) for a, b in zip(told.lacking, truth.lacking, strict=True)]
        pairs += [(a.of, b.of) for a, b in zip(told.lacking, truth.lacking, strict=True)]
        cells = {tuple(g.key.items()): g for g in truth.groups}
        for group in told.groups:
            cell = cells[tuple(group.key.items())]
            pairs += [(group.certain, cell.certain), (group.possible, cell.possible)]
        for shown, true in pairs:
            assert shown.precision != "exact" or shown.at_least == 0
            assert shown.at_least <= true.at_least
            assert shown.at_most is None or true.at_least <= shown.at_most


def test_a_careful_node_suppresses_and_rounds(index):
    few = the_dataset(index, {"count": "person", "where": {"field": "sex", "missing": True}}, CAREFUL)
    many = the_dataset(index, {"count": "person", "where": {"not": has("sex", "M")}}, CAREFUL)
    assert (str(few.certain), few.certain.precision) == ("<10", "suppressed")
    assert (str(many.certain), many.certain.precision) == ("20–29", "rounded")


def test_a_careful_node_tells_no_small_number_of_records_that_lack_a_field(index):
    (lack,) = the_dataset(index, {"count": "person", "where": has("sex", "F")}, CAREFUL).lacking
    assert (lack.records.precision, lack.records.at_most, lack.known) == ("suppressed", 9, True)


def test_a_careful_node_lists_no_small_group(index):
    told = the_dataset(index, {"count": "person", "by": ["sex"]}, CAREFUL)
    assert {g.key["sex"] for g in told.groups} == {"F", "M"}
    assert told.unlisted is not None
    assert told.unlisted.precision == "suppressed"


def test_an_open_node_lists_every_group(index):
    told = the_dataset(index, {"count": "person", "by": ["sex"]})
    assert {g.key["sex"]: g.certain.value for g in told.groups} == {"F": 25, "M": 12, None: 3}
    assert told.unlisted == exact(0)


def test_groups_by_a_field_that_is_not_held_are_one_without_a_code(index):
    told = the_dataset(index, {"count": "series", "by": ["manufacturer"]})
    assert [(dict(g.key), g.certain) for g in told.groups] == [({"manufacturer": None}, exact(40))]
    assert [(x.field, x.known) for x in told.lacking] == [("manufacturer", False)]


def test_by_an_open_list_of_codes_a_careful_node_bounds_nothing_above():
    rows = [{"person": f"p{i}"} for i in range(30)]
    index = add_conditions(index_of(*rows, behind=True), "d", *((f"p{i}", "ICD10:C61") for i in range(30)))
    told = the_dataset(index, {"count": "condition", "by": ["code"]}, CAREFUL)
    index.close()
    assert [(dict(g.key), str(g.certain)) for g in told.groups] == [({"code": "ICD10:C61"}, "30–39")]
    assert told.certain.at_most is None


@pytest.mark.parametrize("seed", range(0, 100, 5))
def test_an_answer_travels_as_json(real, seed):
    answer = answered(real.index, generator.question(seed), CAREFUL)
    assert node_answer_from_json(node_answer_to_json(answer)) == answer


def test_a_node_without_datasets_answers_with_none():
    index = index_of()
    assert answered(index, {"count": "person"}).datasets == ()
    index.close()


def test_missing_inside_an_entity_that_is_not_held_was_not_judged(index):
    where = {"some": "condition", "where": {"field": "code", "missing": True}}
    assert the_dataset(index, {"count": "person", "where": where}).applied == ()


def test_counting_an_entity_that_is_not_held_is_not_an_exact_zero(index):
    told = the_dataset(index, {"count": "condition"})
    assert told.possible != exact(0) or told.unknown


@pytest.fixture(scope="module")
def secretive(real):
    """A node with the rule noise, as it answers a project that has not asked before."""
    shape = Shape(10)
    told = Teller(Noise(b"n" * 32, shape))
    public = tell_public(real.index, told)
    told.news()

    def answer(body):
        question = parse_question(body)
        shelves = {name: deepcopy(shelf) for name, shelf in told.shelves.items()}
        voice = Voice(Teller(told.noise, shelves), public)
        tallies = real.index.ask(question, few=nobody)
        units = {t.state.name: t.place.unit for t in tallies}
        return release_answer("athens", question, tallies, Policy.of("noise"), voice), units

    return answer


@pytest.mark.parametrize("seed", range(80))
def test_numbers_with_noise_are_off_by_no_more_than_noise_and_merging_explain(real, secretive, seed):
    body = generator.question(seed)
    noisy, units = secretive(body)
    assert node_answer_from_json(node_answer_to_json(noisy)) == noisy
    for told, truth in zip(noisy.datasets, answered(real.index, body).datasets, strict=True):
        slack = 4 * 38 * units[told.dataset] * max(len(truth.groups), 1)
        cells = {tuple(g.key.items()): g for g in truth.groups}
        pairs = [(told.certain, truth.certain), (told.possible, truth.possible)]
        for group in told.groups:
            cell = cells[tuple(group.key.items())]
            assert cell.possible.at_least >= 5
            pairs += [(group.certain, cell.certain), (group.possible, cell.possible)]
        for shown, true in pairs:
            assert shown.precision != "exact" or shown.at_least == 0
            assert shown.at_least - slack <= true.at_least
            assert shown.at_most is None or true.at_least <= shown.at_most + slack


@pytest.mark.parametrize("seed", range(0, 80, 4))
def test_groups_may_be_put_together_and_then_bear_the_code_for_all_others(secretive, seed):
    body = generator.question(seed) | {"coarsen": True}
    for dataset in secretive(body)[0].datasets:
        keys = [tuple(g.key.values()) for g in dataset.groups]
        assert len(set(keys)) == len(keys)
        assert all(key[-1] == OTHERS for key in keys if OTHERS in key)


def test_noise_without_the_people_behind_a_number_is_refused(index):
    with pytest.raises(ValueError, match="needs a voice"):
        answered(index, {"count": "person"}, Policy.of("noise"))

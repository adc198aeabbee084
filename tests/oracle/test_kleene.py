"""The plain oracle against truth worked out by hand."""

import pytest
from tests.oracle.kleene import (
    FIELDS,
    PARENT,
    Counted,
    Dataset,
    Row,
    answer,
    kleene_and,
    kleene_not,
    kleene_or,
    ranged_over,
    truth_of,
)

from oncommons.schema.dictionary import ENTITIES
from oncommons.schema.dictionary import FIELDS as DICTIONARY_FIELDS

T, F, U = True, False, None
MR = {"field": "modality", "in": ["MR"]}
CT = {"field": "modality", "in": ["CT"]}
FEMALE = {"field": "sex", "in": ["F"]}


def a_person(lacks=(), name="hospital", **values):
    return Row("person", Dataset(name, frozenset(lacks)), values)


def someone():
    """A woman of unknown age with a study of 2001 (MR, unknown) and one of 2005 (CT), and a diagnosis."""
    person = a_person(sex="F")
    first = person.add("study", study_year=2001)
    first.add("series", modality="MR", instances=10)
    first.add("series", instances=3)
    second = person.add("study", study_year=2005)
    second.add("series", modality="CT", instances=200)
    person.add("condition", code="ICD10:C61")
    return person


def test_the_oracle_knows_the_entities_of_the_dictionary():
    assert {e.name: e.parent for e in ENTITIES.values()} == PARENT


def test_the_oracle_knows_the_fields_of_the_dictionary():
    assert {(e, f) for e, names in FIELDS.items() for f in names} == {(f.entity, f.name) for f in DICTIONARY_FIELDS}


@pytest.mark.parametrize(("truth", "expected"), [(T, F), (F, T), (U, U)])
def test_not_turns_truth_round_and_leaves_unknown(truth, expected):
    assert kleene_not(truth) is expected


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [(T, T, T), (T, F, F), (T, U, U), (F, T, F), (F, F, F), (F, U, F), (U, T, U), (U, F, F), (U, U, U)],
)
def test_and_is_the_table_of_kleene(left, right, expected):
    assert kleene_and([left, right]) is expected


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [(T, T, T), (T, F, T), (T, U, T), (F, T, T), (F, F, F), (F, U, U), (U, T, T), (U, F, U), (U, U, U)],
)
def test_or_is_the_table_of_kleene(left, right, expected):
    assert kleene_or([left, right]) is expected


def test_and_of_nothing_is_true_and_or_of_nothing_is_false():
    assert (kleene_and([]), kleene_or([])) == (True, False)


@pytest.mark.parametrize(
    ("criterion", "expected"),
    [
        ({"field": "age", "between": [40, 50]}, T),
        ({"field": "age", "between": [41, 50]}, F),
        ({"field": "age", "between": [None, 40]}, T),
        ({"field": "age", "between": [None, 39]}, F),
        ({"field": "age", "between": [40, None]}, T),
        ({"field": "age", "missing": True}, F),
        ({"field": "age", "missing": False}, T),
        ({"field": "sex", "in": ["F"]}, U),
        ({"field": "sex", "missing": True}, T),
        ({"field": "sex", "missing": False}, F),
        (None, T),
    ],
)
def test_a_field_test_of_a_person_of_forty_and_unknown_sex(criterion, expected):
    assert truth_of(criterion, a_person(age=40)) is expected


def test_a_series_may_be_asked_for_the_fields_above_it():
    series = someone().children[0].children[0]
    above = {"all": [FEMALE, {"field": "study_year", "between": [2001, 2001]}]}
    assert truth_of(above, series) is True


@pytest.mark.parametrize(
    ("place", "entity", "expected"),
    [
        ("person", "series", [10, 3, 200]),
        ("first study", "series", [10, 3]),
        ("first series", "series", [10, 3, 200]),
        ("condition", "series", [10, 3, 200]),
    ],
)
def test_some_ranges_over_the_rows_below_or_else_over_those_of_the_person(place, entity, expected):
    person = someone()
    first = person.children[0]
    rows = {
        "person": person,
        "first study": first,
        "first series": first.children[0],
        "condition": person.children[2],
    }
    assert [r.values["instances"] for r in ranged_over(entity, rows[place])] == expected


@pytest.mark.parametrize(("entity", "number"), [("person", 1), ("study", 2), ("condition", 1)])
def test_a_study_may_ask_above_it_at_its_height_and_beside_it(entity, number):
    assert len(list(ranged_over(entity, someone().children[0]))) == number


@pytest.mark.parametrize(
    ("study", "criterion", "expected"),
    [
        (0, {"some": "series", "where": MR}, T),
        (0, {"some": "series", "where": CT}, U),
        (1, {"some": "series", "where": MR}, F),
        (0, {"some": "study", "where": {"some": "series", "where": CT}}, T),
        (1, {"not": {"some": "series", "where": MR}}, T),
        (0, {"not": {"some": "series", "where": CT}}, U),
        (0, {"some": "condition", "where": {"field": "code", "in": ["ICD10:C61"]}}, T),
        (0, {"some": "condition", "where": {"field": "code", "in": ["ICD10:C50"]}}, F),
    ],
)
def test_some_is_the_or_of_its_rows(study, criterion, expected):
    assert truth_of(criterion, someone().children[study]) is expected


def test_some_is_false_without_rows():
    assert truth_of({"some": "condition"}, a_person()) is False


def test_some_is_unknown_where_the_dataset_does_not_have_the_entity():
    assert truth_of({"some": "condition"}, a_person(lacks=["condition"])) is None


def test_some_of_an_unknown_entity_stays_unknown_even_where_nothing_could_fit():
    never = {"some": "condition", "where": {"field": "sex", "missing": False}}
    assert truth_of(never, a_person(lacks=["condition"])) is None


def test_the_whole_question_of_the_design_is_judged():
    person = a_person(sex="F", age=45, lacks=["condition"])
    person.add("study").add("series", modality="MR", body_part="BREAST")
    mri = {"some": "series", "where": {"all": [MR, {"field": "body_part", "in": ["BREAST"]}]}}
    told = {"all": [mri, FEMALE, {"field": "age", "between": [40, 50]}]}
    cancer = {"some": "condition", "where": {"field": "code", "in": ["ICDO3:8520/3"]}}
    assert truth_of(told, person) is True
    assert truth_of({"all": [told, {"not": cancer}]}, person) is None


def test_counting_series_counts_series_and_not_those_of_people_who_have_one():
    assert answer({"count": "series", "where": MR}, [someone()]) == {"hospital": Counted(1, 2)}


def test_counting_studies_counts_each_once():
    question = {"count": "study", "where": {"some": "series", "where": CT}}
    assert answer(question, [someone()]) == {"hospital": Counted(1, 2)}


def test_each_dataset_is_counted_by_itself():
    people = [a_person(sex="F", name="a"), a_person(sex="M", name="b"), a_person(name="b")]
    assert answer({"count": "person", "where": FEMALE}, people) == {"a": Counted(1, 1), "b": Counted(0, 1)}


def test_groups_hold_certain_and_possible_of_each_combination_that_is_possible():
    question = {"count": "series", "where": {"not": CT}, "by": ["modality", "dataset", "sex"]}
    groups = answer(question, [someone()])["hospital"].groups
    assert groups == {("MR", "F"): (1, 1), (None, "F"): (0, 1)}


def test_grouping_by_dataset_alone_has_no_cells():
    assert answer({"count": "series", "by": ["dataset"]}, [someone()])["hospital"].groups == {}

"""Counts by the codes of fields, as a Beacon tells them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.schema.dialects.test_beacon_answer import BEACON

from oncommons.schema.answer import OTHERS, Answer, Count, DatasetAnswer, Group, NodeAnswer, exact
from oncommons.schema.dialects.beacon_answer import tell_answer
from oncommons.schema.dialects.beacon_groups import distribution, groupable, grouping
from oncommons.schema.dialects.beacon_request import BeaconRequest
from oncommons.schema.dialects.entry_types import COLLECTIONS, ENTRIES, entry_of
from oncommons.schema.errors_of_protocols import Untranslatable
from oncommons.schema.parsing import MAX_GROUPINGS, parse_question

PERSON, STUDY, SERIES = (entry_of(name) for name in ("person", "study", "series"))
SEX = groupable(PERSON)[:1]


def told(true, k):
    """A number as a threshold releases it; as it is where there is none."""
    low = true - true % k if k else true
    return exact(true) if not k else Count(low, low + k - 1, "rounded" if low else "suppressed")


def dataset(name, women, men, k=0):
    """A dataset's answer by sex, released under a threshold of ``k``, which lists no group that is suppressed."""
    counts = {"F": told(women, k), "M": told(men, k)}
    listed = tuple(Group({"sex": code}, c, c) for code, c in counts.items() if c.at_least)
    whole = told(women + men, k)
    return DatasetAnswer(name, whole, whole, groups=listed, unlisted=Count(0, k - 1, "suppressed") if k else exact(0))


def held(cell, number):
    """Whether a cell allows a number."""
    ends = cell.get("countAdjustedTo")
    if ends is None:
        return cell["count"] == number
    return number < int(ends[0][1:]) if isinstance(ends[0], str) else ends[0] <= number <= ends[1]


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60), st.sampled_from([0, 5, 10])), min_size=1, max_size=4))
def test_the_interval_of_every_group_holds_the_true_number_and_so_does_that_of_groups_that_are_not_listed(sets):
    datasets = [dataset(f"d{i}", *one) for i, one in enumerate(sets)]
    (spread,) = distribution(PERSON, SEX, datasets)
    true = {"NCIT:C16576": sum(w for w, _, _ in sets), "NCIT:C20197": sum(m for _, m, _ in sets)}
    cells = {cell["conceptValues"][0]["id"]: cell for cell in spread["distribution"]}
    for term, number in true.items():
        assert held(cells.get(term, {"count": 0} | spread["notListed"]), number)
    assert [c.get("count", 0) for c in spread["distribution"]] == sorted(
        (c.get("count", 0) for c in spread["distribution"]), reverse=True
    )


def test_what_no_dataset_lists_has_no_number_unless_it_is_certainly_none():
    (unsure,) = distribution(PERSON, SEX, [dataset("a", 30, 0), dataset("b", 30, 3, 10)])
    (sure,) = distribution(PERSON, SEX, [dataset("a", 30, 0)])
    assert unsure["notListed"] == {"exists": True, "countPrecision": "imprecise", "countAdjustedTo": ["<10"]}
    assert sure["notListed"] == {"exists": False, "count": 0, "countPrecision": "exact"}


def test_a_dataset_that_groups_nothing_bounds_each_group_by_its_whole():
    whole = DatasetAnswer("old", exact(7), exact(8))
    (spread,) = distribution(PERSON, SEX, [dataset("a", 5, 2), whole])
    assert spread["distribution"][0]["countAdjustedTo"] == [5, 12]
    assert spread["distribution"][0]["info"]["possible"]["countAdjustedTo"] == [5, 13]


def test_rows_without_a_code_and_all_others_have_names_of_their_own():
    groups = tuple(Group({"sex": code}, exact(1), exact(1)) for code in (None, OTHERS))
    (spread,) = distribution(PERSON, SEX, [DatasetAnswer("d", exact(2), exact(2), groups=groups, unlisted=exact(0))])
    assert {cell["conceptValues"][0]["id"] for cell in spread["distribution"]} == {"undefined", "other"}


def test_entries_can_be_grouped_by_what_our_question_can_be():
    for entry in ENTRIES:
        for field in groupable(entry):
            assert parse_question({"count": entry.entity, "by": [field.name]}).by == (field,)
    assert MAX_GROUPINGS == 2
    assert [f.name for f in grouping(SERIES, ("series.modality", "sex"))] == ["modality", "sex"]


def test_where_a_client_names_no_field_it_is_the_first_of_the_entry():
    assert [grouping(e, ())[0].name for e in (PERSON, STUDY, SERIES)] == ["sex", "sex", "modality"]
    assert grouping(COLLECTIONS[0], ()) == ()


@pytest.mark.parametrize(
    ("entry", "names", "why"),
    [
        (PERSON, ["modality"], "about series"),
        (SERIES, ["age"], "cannot be grouped"),
        (SERIES, ["colour"], "nothing for"),
        (SERIES, ["sex", "person.sex"], "one field or by two"),
        (SERIES, ["sex", "modality", "body_part"], "one field or by two"),
        (COLLECTIONS[0], ["sex"], "listed, not grouped"),
    ],
)
def test_what_cannot_be_grouped_is_refused_with_the_reason(entry, names, why):
    with pytest.raises(Untranslatable, match=why):
        grouping(entry, names)


def answer(*datasets):
    return Answer("id", {"count": "person", "by": ["sex"]}, "", (NodeAnswer("a", "answered", datasets=datasets),))


@pytest.mark.parametrize(
    ("version", "word", "spoken"),
    [
        ("v2.0.0", "aggregated", "v2.0.0"),
        ("2.0", "aggregated", "v2.0.0"),
        ("v2.1.1", "count", "v2.1.1"),
        ("v2", "count", "v2.1.1"),
    ],
)
def test_the_granularity_is_called_as_the_version_of_the_client_calls_it(version, word, spoken):
    asked = BeaconRequest("aggregated", version=version)
    body = tell_answer(BEACON, PERSON, asked, answer(dataset("d", 20, 30)))
    assert body["meta"]["returnedGranularity"] == body["meta"]["receivedRequestSummary"]["requestedGranularity"] == word
    assert body["meta"]["apiVersion"] == spoken
    assert body["info"]["requestedGranularity"] == "aggregated"


def test_where_no_number_is_told_the_granularity_is_boolean():
    body = tell_answer(BEACON, PERSON, BeaconRequest("aggregated"), answer(dataset("d", 2, 3, 10)))
    assert body["meta"]["returnedGranularity"] == "boolean"
    assert body["info"]["responseAggregation"][0]["distribution"] == []

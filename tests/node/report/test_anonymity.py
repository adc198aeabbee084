"""k-anonymity of what can be searched, against a count by hand over every pair of people."""

import random
from collections import Counter

import pytest
from tests.node.tables import index_of

from oncommons.node.report.anonymity import COLUMNS, anonymity, words_of


def rows_of(seed, people=40):
    """Rows of series; each person has one sex, and its studies their own year."""
    chance = random.Random(seed)
    found = []
    for person in range(people):
        sex, age = chance.choice(["F", "M", ""]), chance.choice(["041Y", "042Y", "055Y", ""])
        for study in range(chance.randrange(1, 3)):
            year = chance.choice(["20190101", "20200101"])
            found += [
                {
                    "person": f"p{person}",
                    "study": f"p{person}.{study}",
                    "series": f"p{person}.{study}.{series}",
                    "sex": sex,
                    "age": age,
                    "study_year": year,
                    "modality": chance.choice(["CT", "MR"]),
                    "body_part": chance.choice(["CHEST", "PELVIS", ""]),
                    "manufacturer": chance.choice(["GE", "SIEMENS"]),
                }
                for series in range(chance.randrange(1, 4))
            ]
    return found


def by_hand(rows, change=lambda row: row):
    """Person to the size of the smallest group that one of its rows falls into."""
    told = {(row["person"], tuple(changed.get(name) for name in COLUMNS)) for row in rows for changed in [change(row)]}
    sizes = Counter(values for _, values in told)
    smallest = {}
    for person, values in told:
        smallest[person] = min(sizes[values], smallest.get(person, len(rows)))
    return smallest


def summary(smallest, k):
    sizes = list(smallest.values())
    return min(sizes), sum(size == 1 for size in sizes), sum(size < k for size in sizes)


def found_of(rows, k=3):
    index = index_of(*rows)
    try:
        return anonymity(index.connection, "d", k)
    finally:
        index.close()


@pytest.mark.parametrize("seed", range(4))
def test_groups_are_those_that_are_counted_by_hand(seed):
    rows = rows_of(seed)
    found = found_of(rows)
    assert found.people == 40
    assert (found.now.smallest, found.now.unique, found.now.below) == summary(by_hand(rows), 3)


@pytest.mark.parametrize("seed", range(2))
def test_ways_to_tell_less_do_what_is_counted_by_hand(seed):
    rows = rows_of(seed)
    choices = {choice.change: (choice.smallest, choice.unique, choice.below) for choice in found_of(rows).choices}

    def banded(row, band):
        years = row["age"][:3]
        return row | {"age": years and int(years) // band * band}

    def without(row, name):
        return {key: value for key, value in row.items() if key != name}

    for band in (5, 10):
        by = by_hand(rows, lambda row, band=band: banded(row, band))
        assert choices[f"age in steps of {band} years"] == summary(by, 3)
    for name in COLUMNS:
        assert choices[f"without {name}"] == summary(by_hand(rows, lambda row, name=name: without(row, name)), 3)


@pytest.mark.parametrize("seed", range(4))
def test_people_who_are_alone_with_all_their_series_are_those_that_are_counted_by_hand(seed):
    rows = rows_of(seed)
    series = {}
    for row in rows:
        series.setdefault(row["person"], set()).add(tuple(row.get(name) for name in COLUMNS))
    profiles = Counter(frozenset(told) for told in series.values())
    assert found_of(rows).known == sum(n == 1 for n in profiles.values())


def test_the_smallest_groups_are_named_in_words():
    rows = [{"person": f"p{i}", "sex": "F", "age": "040Y", "modality": "CT"} for i in range(5)]
    found = found_of([*rows, {"person": "x", "sex": "M", "age": "", "modality": "MR"}])
    people, fields = found.worst[0]
    assert (people, fields["sex"], fields["age"], fields["modality"]) == (1, "M", "unknown", "MR")
    assert found.worst[1][0] == 5
    text = "\n".join(words_of(found))
    assert "1 of 6 people are alone" in text
    assert "Smallest group: 1 with sex M, modality MR" in text
    assert found.to_json()["worst"][0]["people"] == 1


def test_people_who_hide_well_need_no_other_way():
    found = found_of([{"person": f"p{i}", "sex": "F"} for i in range(9)])
    assert (found.now.smallest, found.now.unique, found.now.below) == (9, 0, 0)
    assert not any("less" in line for line in words_of(found))


def test_a_dataset_that_is_not_in_the_tables_has_no_people():
    index = index_of({"person": "p"})
    assert anonymity(index.connection, "other", 5) is None
    index.close()

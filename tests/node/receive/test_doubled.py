"""Rows of a table of series that contradict each other."""

import random
from collections import defaultdict

import duckdb
import pytest
from tests.node.tables import every_column, make_raw

from oncommons.node.receive.placing import told_in
from oncommons.node.receive.table import receive_raw
from oncommons.schema.errors import UnreadableSource

FIELDS = ("modality", "manufacturer", "instances")
SETTLED = "SELECT dataset, person, study, series, sex, modality, manufacturer, instances FROM received ORDER BY ALL"


def received(rows):
    """What is received of rows, what was told, and the summary."""
    with duckdb.connect(config={"threads": 1}) as base:
        make_raw(base, rows)
        found = receive_raw(base, every_column())
        return base.execute(SETTLED).fetchall(), told_in(base), found


def told_of(rows):
    return [(row, at, message, kept) for row, at, _, message, kept in received(rows)[1]]


def test_the_sex_of_a_person_who_has_two_is_missing_and_told():
    rows = [{"sex": s, "person": p} for s, p in [("F", "a"), ("M", "b"), ("", "a"), ("M", "a"), ("m", "b"), ("M", "a")]]
    assert told_of(rows) == [
        (4, "sex", "The person is M here and F in row 1; the sex counts as missing.", True),
    ]
    assert [(row[1], row[4]) for row in received(rows)[0]] == [("a", None)] * 4 + [("b", "M")] * 2


def test_people_of_two_datasets_are_two():
    assert told_of([{"sex": "F", "collection": "d"}, {"sex": "M", "collection": "e"}]) == []


TWICE = {"series": "s", "study": "t"}


def test_a_series_twice_alike_counts_once_and_is_told():
    rows = [TWICE | {"manufacturer": "GE"}, TWICE | {"manufacturer": "GE MEDICAL SYSTEMS"}, {}]
    assert told_of(rows) == [(2, "series", "The series is there already in row 1, alike; it counts once.", True)]
    assert received(rows)[0] == [
        ("d", "p", "t", "s", None, None, "GE", None),
        ("d", "p", "t2", "s2", None, None, None, None),
    ]


def test_what_two_rows_of_a_series_disagree_on_is_missing():
    rows = [TWICE | {"modality": "CT", "instances": "3"}, TWICE | {"modality": "MR", "manufacturer": "GE"}]
    message = (
        "The series is there already in row 1, with other values; it counts once, and what differs counts as missing: "
    )
    assert told_of(rows) == [(2, "series", message + "modality.", True)]
    assert received(rows)[0] == [("d", "p", "t", "s", None, None, "GE", 3)]


def test_a_series_of_two_people_is_nobodys():
    rows = [TWICE, {"person": "q"}, TWICE | {"person": "q"}, TWICE | {"study": "u"}, TWICE | {"collection": "e"}]
    found, told, summary = received(rows)
    assert [(row, at, kept) for row, at, _, _, kept in told] == [(row, "person", False) for row in (1, 3, 4)]
    assert told[0][3].startswith("The series is in row 4 too, and")
    assert [row[:4] for row in found] == [("d", "q", "t1", "s1"), ("e", "p", "t", "s")]
    assert (summary.series, summary.refused) == (2, 3)


def test_a_table_in_which_every_series_is_of_two_people_is_refused():
    with pytest.raises(UnreadableSource, match="None of the 2 rows can be taken"):
        received([TWICE, TWICE | {"person": "q"}])


def test_values_that_no_rule_reads_are_told_of_every_row_of_a_series():
    assert [(row, at) for row, at, *_ in told_of([TWICE | {"age": "old"}] * 2)] == [
        (1, "age"),
        (2, "age"),
        (2, "series"),
    ]


VALUES = {
    "person": "pq",
    "study": "tu",
    "series": "xyz",
    "sex": ["", "F", "M"],
    "modality": ["", "CT", "MR", "??"],
    "manufacturer": ["", "GE", "GEMS", "Acme"],
    "instances": ["", "1", "2"],
}
READ = {"": None, "??": None, "Acme": None, "GEMS": "GE", "1": 1, "2": 2}


def settled(rows):
    """What should be received, and the rows that should be refused, found row by row."""
    groups, sexes = defaultdict(list), defaultdict(set)
    for number, row in enumerate(rows, 1):
        groups[row["collection"], row["series"]].append((number, row))
        sexes[row["collection"], row["person"]] |= {row["sex"]} - {""}
    kept, refused = [], []
    for (dataset, series), members in groups.items():
        if len({(row["person"], row["study"]) for _, row in members}) > 1:
            refused += [number for number, _ in members]
            continue
        said = [{READ.get(row[f], row[f]) for _, row in members} - {None} for f in FIELDS]
        values = [next(iter(s)) if len(s) == 1 else None for s in said]
        person, study = members[0][1]["person"], members[0][1]["study"]
        own = sexes[dataset, person]
        of_series = {row["sex"] for _, row in members} & own
        sex = next(iter(own)) if len(own) == 1 and of_series else None
        kept.append((dataset, person, study, series, sex, *values))
    return kept, sorted(refused)


@pytest.mark.parametrize("seed", [1, 2])
def test_contradictions_are_settled_as_row_by_row(seed):
    rng = random.Random(seed)
    sizes = [rng.randint(1, 8) for _ in range(60)]
    rows = [
        {"collection": f"d{d}"} | {c: rng.choice(v) for c, v in VALUES.items()}
        for d, n in enumerate(sizes)
        for _ in range(n)
    ]
    kept, refused = settled(rows)
    found, told, summary = received(rows)
    assert sorted(found, key=repr) == sorted(kept, key=repr)
    assert sorted(row for row, _, code, _, is_kept in told if code == "E333" and not is_kept) == refused
    assert (summary.series, summary.refused) == (len(kept), len(refused))

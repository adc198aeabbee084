"""Links as rows of the tables, and what they make known of series: compared with a walk written out in Python."""

import random

import duckdb
import pytest
from tests.node.tables import every_column, make_raw

from oncommons.node.index.asking import Index
from oncommons.node.index.build import NewDataset, build, copy_old
from oncommons.node.index.links import FIELD, offer_links
from oncommons.node.receive.table import receive_raw
from oncommons.schema.describing import KINDS, code_of
from oncommons.schema.parsing import parse_question

KINDS_AND_OTHERS = [*KINDS, "plan", "registration"]


def built(links, *series, fields=(FIELD,), old=None):
    base = duckdb.connect(config={"threads": 1})
    if old is not None:
        base.execute(f"ATTACH '{old}' AS old (READ_ONLY)")
    make_raw(base, [{"series": name, "collection": dataset} for dataset, name in series])
    received = receive_raw(base, every_column())
    if links is not None:
        offer_links(base, links)
    known = received.fields | set(fields)
    build(base, [NewDataset(name, "", "", "", "", known) for name in received.about])
    return base


def described(base):
    query = "SELECT s.id, c.code FROM series s LEFT JOIN code c ON c.number = s.described_by ORDER BY 1"
    return dict(base.execute(query).fetchall())


def test_a_series_knows_by_what_kinds_it_is_described():
    links = [
        ("R.1", "R", "contours", "C", 3, ""),
        ("S.1", "S", "segmentation", "C", 0, ""),
        ("K", "K", "selection", "C", 1, ""),
    ]
    base = built(links, *(("d", name) for name in "CRMSK"))
    assert described(base) == {"C": "SEGMENTATION_AND_CONTOURS", **dict.fromkeys("KMRS", "NONE")}


def test_a_dose_describes_the_slices_that_its_plan_was_drawn_on():
    links = [
        ("D.1", "D", "dose", "P", 1, "P.1"),
        ("P.1", "P", "plan", "R", 1, "R.1"),
        ("R.1", "R", "contours", "C", 9, ""),
        ("R.2", "R", "contours", "M", 9, ""),
    ]
    base = built(links, *(("d", name) for name in "CDMPR"))
    assert described(base) == {
        "C": "CONTOURS_AND_DOSE",
        "D": "NONE",
        "M": "CONTOURS",
        "P": "DOSE",
        "R": "DOSE",
    }


def test_what_is_not_here_is_a_row_without_a_target():
    base = built([("R.1", "R", "contours", "", 4, ""), ("R.1", "R", "contours", "C", 2, "")], ("d", "C"))
    assert base.execute("SELECT target, objects FROM link ORDER BY 2").fetchall() == [("C", 2), (None, 4)]


def test_it_is_unknown_where_the_source_does_not_say():
    base = built([("R.1", "R", "contours", "C", 2, "")], ("d", "C"), fields=())
    assert described(base) == {"C": None}
    index = Index(base)
    (tally,) = index.ask(parse_question({"count": "series", "where": {"field": "described_by", "in": ["CONTOURS"]}}))
    assert [(cell.certain, cell.possible) for cell in tally.cells] == [(0, 1)]
    assert not tally.state.fields[FIELD].known


def test_links_of_one_import_tell_of_datasets_of_earlier_ones(tmp_path):
    built([], ("a", "C")).execute(
        f"ATTACH '{tmp_path}/old.duckdb' AS kept; COPY FROM DATABASE memory TO kept; DETACH kept"
    )
    base = built([("R.1", "R", "contours", "C", 2, "")], ("b", "R"), old=tmp_path / "old.duckdb")
    assert described(base) == {"C": "CONTOURS", "R": "NONE"}


def test_links_stay_when_something_else_is_indexed(tmp_path):
    links = [("R.1", "R", "contours", "C", 2, "")]
    built(links, ("a", "C"), ("a", "R")).execute(
        f"ATTACH '{tmp_path}/old.duckdb' AS kept; COPY FROM DATABASE memory TO kept; DETACH kept"
    )
    base = built(None, ("b", "X"), fields=(), old=tmp_path / "old.duckdb")
    assert described(base) == {"C": "CONTOURS", "R": "NONE", "X": None}
    with duckdb.connect() as again:
        again.execute(f"ATTACH '{tmp_path}/old.duckdb' AS old (READ_ONLY)")
        copy_old(again)
        assert again.execute("SELECT object, target FROM link").fetchall() == [("R.1", "C")]


def test_what_described_a_series_and_is_gone_describes_it_no_more(tmp_path):
    links = [("R.1", "R", "contours", "C", 2, ""), ("S.1", "S", "segmentation", "M", 2, "")]
    built(links, ("a", "C"), ("a", "M"), ("a", "S"), ("b", "R")).execute(
        f"ATTACH '{tmp_path}/old.duckdb' AS kept; COPY FROM DATABASE memory TO kept; DETACH kept"
    )
    base = built(None, ("b", "X"), fields=(), old=tmp_path / "old.duckdb")
    assert described(base) == {"C": "NONE", "M": "SEGMENTATION", "S": "NONE", "X": None}


@pytest.mark.parametrize("seed", range(12))
def test_random_links_are_followed_as_a_walk_follows_them(seed):
    rng = random.Random(seed)
    names = [f"S{n}" for n in range(14)]
    links = {}
    for _ in range(18):
        series, target = rng.sample(names, 2)
        number = rng.randint(1, 2)
        sole = f"{target}.{rng.randint(1, 2)}" if rng.random() < 0.5 else ""
        links[f"{series}.{number}", target] = (f"{series}.{number}", series, "", target, 1 if sole else 2, sole)
    kind = {name: rng.choice(KINDS_AND_OTHERS) for name in names}
    rows = [(o, s, kind[s], t, n, sole) for o, s, _, t, n, sole in links.values()]
    base = built(rows, *(("d", name) for name in names))
    found = {name: set() for name in names}
    for begin in rows:
        seen, waiting = set(), [begin]
        while waiting:
            _, _, _, target, _, sole = waiting.pop()
            if (target, sole) in seen:
                continue
            seen.add((target, sole))
            found[target].add(begin[2])
            waiting += [r for r in rows if r[1] == target and sole in {"", r[0]}]
    assert described(base) == {name: code_of(kinds) for name, kinds in found.items()}


def test_an_object_of_one_person_says_nothing_of_another():
    """A wrong reference in one person's files must not change what is told of another person."""
    base = duckdb.connect(config={"threads": 1})
    make_raw(base, [{"person": person, "study": person, "series": name} for person, name in ("aC", "aR", "bM", "bD")])
    received = receive_raw(base, every_column())
    links = [
        ("R.1", "R", "contours", "C", 2, ""),
        ("R.1", "R", "contours", "M", 2, ""),
        ("D.1", "D", "dose", "R", 1, ""),
    ]
    offer_links(base, links)
    build(base, [NewDataset(name, "", "", "", "", received.fields | {FIELD}) for name in received.about])
    assert described(base) == {"C": "CONTOURS", "R": "NONE", "M": "NONE", "D": "NONE"}


def test_questions_count_series_by_what_describes_them():
    links = [
        ("R.1", "R", "contours", "C", 3, ""),
        ("S.1", "S", "segmentation", "C", 1, "C.1"),
        ("R.1", "R", "contours", "M", 1, ""),
    ]
    index = Index(built(links, *(("d", name) for name in "CMXRS")))

    def count(*codes):
        (tally,) = index.ask(parse_question({"count": "series", "where": {"field": "described_by", "in": list(codes)}}))
        return sum(cell.certain for cell in tally.cells)

    assert (count("CONTOURS"), count("SEGMENTATION"), count("NONE"), count("DOSE")) == (2, 1, 3, 0)
    assert count("CONTOURS", "NONE") == 5

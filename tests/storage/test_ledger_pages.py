"""A ledger page by page: every file is on exactly one page, newest first, whatever is wanted."""

import random
from contextlib import closing
from dataclasses import replace

import pytest

from oncommons.schema.errors import BadRequest
from oncommons.storage.ledger import Entry
from oncommons.storage.ledger_pages import LedgerPages, Pace, Wanted

KINDS = (("kept", ""), ("quarantined", "E602"), ("quarantined", "E604"), ("refused", "E601"))
WANTED = (
    Wanted(),
    Wanted("kept"),
    Wanted("quarantined"),
    Wanted("quarantined", "E604"),
    Wanted(code="E602", dataset="liver"),
    Wanted(dataset="lung"),
    Wanted("kept", dataset="nowhere"),
)


@pytest.fixture
def ledger(tmp_path):
    with closing(LedgerPages(tmp_path / "ledger.sqlite")) as found:
        yield found


def came(number, rng):
    """A file; many come in the same second."""
    outcome, code = rng.choice(KINDS)
    uids = {"patient": f"P{number % 3}", "study": f"2.{number % 5}", "series": f"3.{number % 7}", "sop": f"4.{number}"}
    return Entry(
        f"{rng.getrandbits(256):064x}",
        outcome,
        rng.choice(["lung", "liver"]),
        code,
        size=number,
        entered=f"2026-11-22T10:00:{number // 9:02}+00:00",
        **(uids if outcome == "kept" else {}),
    )


@pytest.fixture
def entries(ledger):
    rng = random.Random(7)
    found = [came(number, rng) for number in range(100)]
    shuffled = rng.sample(found, len(found))
    ledger.write(shuffled)
    rows = {e.digest: row for row, e in enumerate(shuffled)}
    return sorted(found, key=lambda e: (e.entered, rows[e.digest]), reverse=True)


def matching(entries, wanted):
    given = {name: value for name, value in vars(wanted).items() if value}
    return [e for e in entries if all(getattr(e, name) == value for name, value in given.items())]


@pytest.mark.parametrize("wanted", WANTED)
def test_every_file_is_on_one_page_and_the_newest_come_first(ledger, entries, wanted):
    found, pages, place = [], [], ""
    while True:
        page = ledger.page(wanted, place, 7)
        found += page.entries
        pages.append(list(page.entries))
        place = page.older
        if not place:
            break
    assert found == matching(entries, wanted)
    back = [pages[-1]]
    while page.newer:
        page = ledger.page(wanted, page.newer, 7)
        back.append(list(page.entries))
    assert [e for one in reversed(back) for e in one] == found


def test_pages_do_not_move_when_files_come_in(ledger, entries):
    first = ledger.page(Wanted(), most=10)
    ledger.write([Entry("f" * 64, "refused", "lung", "E601", entered="2026-11-22T11:00:00+00:00")])
    assert ledger.page(Wanted(), first.older, 10).entries == entries[10:20]
    assert ledger.page(Wanted(), most=1).entries[0].digest == "f" * 64


@pytest.mark.parametrize("name", ["patient", "study", "series", "sop"])
def test_kept_files_are_found_by_their_identifiers(ledger, entries, name):
    word = next(getattr(e, name) for e in entries if e.outcome == "kept")
    assert list(ledger.page(Wanted(word=word), most=200).entries) == [e for e in entries if getattr(e, name) == word]
    assert ledger.page(Wanted("refused", word=word)).entries == []


def test_files_are_found_by_the_beginning_of_their_digest(ledger, entries):
    for entry in entries[:5]:
        assert list(ledger.page(Wanted(word=f" {entry.digest[:12].upper()} ")).entries) == [entry]
    assert ledger.page(Wanted(word=entries[0].digest[:3])).entries == []


@pytest.mark.parametrize("word", ["%", "*", "' OR 1=1 --", "x" * 5_000, "\0", "ünïcode"])
def test_a_word_that_is_nothing_finds_nothing(ledger, entries, word):
    assert ledger.page(Wanted(word=word)).entries == []


@pytest.mark.parametrize("place", ["2", "o", "o_", "x2026_1", "o2026'_1", "n2026_a", "n2026_-1", f"n2026_{'9' * 19}"])
def test_a_place_that_is_none_is_told(ledger, place):
    with pytest.raises(BadRequest):
        ledger.page(Wanted(), place)


def test_a_page_has_no_more_files_than_it_may(ledger, entries):
    assert [len(ledger.page(Wanted(), most=n).entries) for n in (-1, 1, 100, 10_000)] == [1, 1, 100, 100]


def test_an_empty_ledger_has_an_empty_page(ledger):
    page = ledger.page(Wanted())
    assert (page.entries, page.newer, page.older, ledger.last()) == ([], "", "", "")
    assert (ledger.kinds(), ledger.pace(), ledger.tallies()) == ([], [], [])


def test_the_pace_is_that_of_the_seconds_in_which_files_came(ledger):
    one = Entry("", "refused", "lung", "E601", size=10)
    times = ["2026-11-21T10:00:58", "2026-11-21T10:00:59", "2026-11-21T12:30:00", "2026-11-22T08:00:07"]
    ledger.write([replace(one, digest=f"{n:064}", entered=f"{time}+00:00") for n, time in enumerate(times)])
    ledger.write([replace(one, digest="d", dataset="liver", entered="2026-11-22T08:00:07+00:00")])
    assert ledger.pace() == [
        Pace("2026-11-22", "liver", 1, 1, 10),
        Pace("2026-11-22", "lung", 1, 1, 10),
        Pace("2026-11-21", "lung", 3, 3, 30),
    ]
    assert ledger.pace("2026-11-22") == ledger.pace()[:2]
    assert ledger.last() == "2026-11-22T08:00:07+00:00"


def test_kinds_are_told_over_all_days(ledger, entries):
    told = {(k.dataset, k.outcome, k.code): (k.files, k.bytes) for k in ledger.kinds()}
    for (dataset, outcome, code), numbers in told.items():
        those = matching(entries, Wanted(outcome, code, dataset))
        assert numbers == (len(those), sum(e.size for e in those))
    assert sum(files for files, _ in told.values()) == 100


def test_every_page_comes_from_an_index(ledger, entries):
    for wanted in (*WANTED, Wanted(word="P1"), Wanted("kept", word="abcdef")):
        for where, values in ledger._searches(wanted):
            query = f"EXPLAIN QUERY PLAN SELECT entered, rowid FROM file WHERE {where} AND (entered, rowid) < (?, ?)"
            plan = [row[3] for row in ledger._rows(f"{query} ORDER BY entered DESC, rowid DESC", [*values, "~", 0])]
            assert not [step for step in plan if step.startswith("SCAN")]

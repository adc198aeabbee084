"""The ledger of whose rows analyses used."""

import stat
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace

import pytest

from oncommons.schema.errors import StorageFailed
from oncommons.storage.analysed import Analysed, Partner, Sum, Tally


@pytest.fixture
def ledger(tmp_path):
    found = Analysed(tmp_path / "analysed.sqlite")
    yield found
    found.close()


def test_crowds_are_kept_by_dataset_once(ledger):
    with ledger.alone():
        for crowd in (0b1011, 1 << 200_000, 0b1011, 0):
            ledger.enter("lung", crowd, "cox", 1.0)
        ledger.enter("skin", 0b1, "cox", 1.0)
    assert sorted(ledger.crowds("lung")) == [0, 0b1011, 1 << 200_000]
    assert ledger.crowds("skin") == [1]
    assert ledger.crowds("none") == []


def test_it_is_there_after_closing_and_its_owners_alone(tmp_path):
    path = tmp_path / "analysed.sqlite"
    first = Analysed(path)
    first.enter("lung", 5, "glm", 1.0)
    first.close()
    again = Analysed(path)
    assert again.crowds("lung") == [5]
    again.close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_of_two_who_look_and_enter_the_second_sees_the_first(tmp_path):
    def work(crowd):
        ledger = Analysed(tmp_path / "analysed.sqlite")
        with ledger.alone():
            seen = ledger.crowds("lung")
            ledger.enter("lung", crowd, "cox", 1.0)
        ledger.close()
        return len(seen)

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(work, range(1, 9))) == list(range(8))


def test_what_is_no_ledger_is_told(tmp_path):
    (tmp_path / "analysed.sqlite").write_text("no database, however long it may be")
    with pytest.raises(StorageFailed):
        Analysed(tmp_path / "analysed.sqlite")


def test_crowds_are_counted_by_dataset_and_analysis_and_nobody_in_them_is_told(ledger):
    assert ledger.tallies() == []
    for crowd, run, now in ((0b111, "cox", 1.0), (0b110, "cox", 3.0), (0b111, "glm", 4.0), (0b1, "glm", 2.0)):
        ledger.enter("lung", crowd, run, now)
    ledger.enter("breast", 0b1, "cox", 5.0)
    assert ledger.tallies() == [
        Tally("breast", "cox", 1, 5.0),
        Tally("lung", "cox", 2, 3.0),
        Tally("lung", "glm", 1, 2.0),
    ]


SUM = Sum({"bergen": 60, "cork": 0}, frozenset({("lung", 0b1011), ("skin", 1 << 90)}), {"a": 4}, {"age": 1})


def test_sums_are_kept_by_company_and_people_with_all_that_was_told(tmp_path):
    path = tmp_path / "analysed.sqlite"
    with closing(Analysed(path)) as ledger, ledger.alone():
        ledger.enter_sum(SUM, 1.0)
        ledger.enter_sum(replace(SUM, asked={"b": 6}, columns={"stage": 3}), 2.0)
        ledger.enter_sum(replace(SUM, asked={"a": 9}), 3.0)  # told before
        ledger.enter_sum(replace(SUM, company={"cork": 0}), 4.0)
        ledger.enter_sum(replace(SUM, crowd=frozenset({("lung", 0b1010)})), 5.0)
    with closing(Analysed(path)) as again:
        first, *others = again.sums()
    assert first == replace(SUM, asked={"a": 4, "b": 6}, columns={"age": 1, "stage": 3})
    assert others == [replace(SUM, company={"cork": 0}), replace(SUM, crowd=frozenset({("lung", 0b1010)}))]


def test_a_hospital_keeps_its_first_key_until_another_is_confirmed(ledger):
    ledger.offer_partner("bergen", b"1", 1.0)
    ledger.offer_partner("bergen", b"2", 2.0)
    assert ledger.partners() == {"bergen": Partner("bergen", b"1", 1.0, False, b"2")}
    ledger.confirm_partner("bergen", b"2")
    assert ledger.partners() == {"bergen": Partner("bergen", b"2", 1.0, True, b"2")}


def test_what_stands_for_numbers_is_kept_by_dataset_and_field_and_once(tmp_path):
    with closing(Analysed(tmp_path / "analysed.sqlite")) as ledger:
        for words in (b"12", b"12", b"13"):
            ledger.enter_values("lung", "person.follow_up", words, 1.0)
        assert list(ledger.values("lung", "person.follow_up")) == [b"12", b"13"]
        assert not [*ledger.values("lung", "condition.size"), *ledger.values("skin", "person.follow_up")]


def test_what_stayed_is_counted_by_project_once_for_the_same_run_and_since_a_time(ledger):
    for project, run, now in (("p", b"1", 10.0), ("p", b"1", 11.0), ("p", b"2", 12.0), ("q", b"1", 13.0)):
        ledger.enter_withheld(project, run, now)
    assert ledger.withheld(0.0) == {"p": 2, "q": 1}
    assert ledger.withheld(10.5) == {"p": 2, "q": 1}  # the same again counts as of the last time
    assert ledger.withheld(11.5) == {"p": 1, "q": 1}
    assert (ledger.forget_withheld("p"), ledger.forget_withheld("p")) == (2, 0)
    assert ledger.withheld(0.0) == {"q": 1}


def test_of_whom_a_variable_was_missing_is_kept_with_what_was_told_first(ledger):
    few, more = frozenset({("lung", 0b101), ("skin", 1 << 90)}), frozenset({("lung", 0b1)})
    for crowd, told in ((few, 10), (more, 10), (few, 20), (frozenset(), 10)):
        ledger.enter_lacking(crowd, told, 1.0)
    assert list(ledger.lacking()) == [(few, 10), (more, 10), (frozenset(), 10)]

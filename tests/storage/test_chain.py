"""The arithmetic of a log: every single change is found, by an oracle that recomputes the chain by itself."""

import json
from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.storage.chains import a_log, head_of, oracle

from oncommons.storage.chain import (
    Entry,
    Event,
    Head,
    Reader,
    came_late,
    contradicts,
    digest_of,
    moment,
    next_entry,
)

LOG = a_log(9)


def faults(lines, *heads):
    reader = Reader()
    for line in lines:
        reader.read(line)
    return [*reader.faults, *reader.compare(heads)]


def found(lines, *heads):
    return [(fault.what, fault.first, fault.last) for fault in faults(lines, *heads)]


@st.composite
def changed(draw):
    """The log with one change: a byte, or an entry dropped, swapped, cut, inserted or repeated."""
    lines, i = list(LOG), draw(st.integers(0, len(LOG) - 1))
    match draw(st.sampled_from(["flip", "drop", "swap", "cut", "insert", "repeat"])):
        case "flip":
            place, byte = draw(st.integers(0, len(lines[i]) - 1)), draw(st.integers(1, 127))
            lines[i] = lines[i][:place] + chr(ord(lines[i][place]) ^ byte) + lines[i][place + 1 :]
        case "drop":
            del lines[i]
        case "swap":
            j = draw(st.integers(0, len(LOG) - 1).filter(lambda j: j != i))
            lines[i], lines[j] = lines[j], lines[i]
        case "cut":
            del lines[i:]
        case "insert":
            lines.insert(i, a_log(12, "forged")[draw(st.integers(0, 11))])
        case "repeat":
            lines.insert(draw(st.integers(0, len(LOG))), lines[i])
    return lines


@given(changed())
def test_every_single_change_is_found(lines):
    assert oracle(lines) != head_of(LOG)
    assert faults(lines, head_of(LOG))


@given(st.integers(0, 30))
def test_a_log_that_is_whole_has_no_fault_and_the_head_of_the_oracle(number):
    lines = a_log(number)
    assert faults(lines, head_of(lines), Head()) == []
    assert oracle(lines) == head_of(lines)


@given(st.integers(0, 8), st.integers(0, 8))
def test_a_log_that_was_written_anew_from_some_entry_on_contradicts_what_others_keep(at, seen):
    head, lines = (head_of(LOG[:at]), LOG[:at])
    for i in range(at, len(LOG)):
        entry = next_entry(Event("released", {"job": "another"}, 1_800_000_000 + i), head)
        head, lines = entry.head, [*lines, entry.to_line()]
    assert oracle(lines) == head
    assert faults(lines) == []
    kept = head_of(LOG[: seen + 1])
    assert found(lines, kept) == ([] if seen < at else [("rewritten", 1, seen + 1)])


def test_what_was_done_and_where_is_told():
    top = head_of(LOG)
    assert found(LOG[:3] + LOG[4:], top) == [("removed", 4, 4)]
    assert found(LOG[:2] + LOG[6:], top) == [("removed", 3, 6)]
    assert found(LOG[:7], top) == [("cut off", 8, 9)]
    assert found([*LOG[:3], LOG[1], *LOG[3:]], top)[0] == ("repeated", 2, 2)
    swapped = [*LOG[:3], LOG[4], LOG[3], *LOG[5:]]
    assert [what for what, *_ in found(swapped, top)] == ["removed", "reordered", "removed"]
    assert found([*LOG[:4], LOG[4].replace("j4", "j0"), *LOG[5:]], top) == [("changed", 5, 5)]
    assert found([*LOG[:4], "{}", *LOG[5:]], top) == [("unreadable", 5, 5)]


def test_of_a_cut_log_it_is_told_what_nobody_has_compared():
    (fault,) = faults(LOG[:7], head_of(LOG[:4]), head_of(LOG))
    assert fault.words.endswith("What stands in entries 5 to 7 was compared with nothing.")
    assert "compared" not in faults(LOG[:7], head_of(LOG[:7]), head_of(LOG))[0].words


def test_an_entry_that_was_changed_and_hashed_anew_does_not_fit_the_next():
    old = Entry.from_line(LOG[4])
    draft = Entry(old.number, old.time, old.kind, {"job": "forged"}, old.former, "")
    forged = Entry(old.number, old.time, old.kind, draft.body, old.former, digest_of(draft))
    assert found([*LOG[:4], forged.to_line(), *LOG[5:]]) == [("inserted", 6, 6)]


def test_what_was_written_anew_lies_between_the_last_head_that_agrees_and_the_first_that_does_not():
    head, lines = head_of(LOG[:5]), LOG[:5]
    for i in range(4):
        entry = next_entry(Event("released", {"job": i}, 0), head)
        head, lines = entry.head, [*lines, entry.to_line()]
    heads = [head_of(LOG[:n]) for n in (2, 4, 7, 9)]
    assert found(lines, *heads) == [("rewritten", 5, 7)]
    assert "5 to 7" in faults(lines, *heads)[0].words


@pytest.mark.parametrize("kept", ["00" * 32, "ff" * 32])
def test_a_head_of_ones_own_hides_no_other_of_the_same_length(kept):
    assert found(LOG[:5], head_of(LOG[:5]), Head(5, kept), head_of(LOG[:3])) == [("rewritten", 4, 5)]


def test_an_entry_comes_back_from_its_line():
    for line, after in pairwise(LOG):
        entry = Entry.from_line(line)
        assert entry.to_line() == line
        assert Entry.from_line(after).former == entry.digest
    assert json.loads(LOG[0])["former"] == "0" * 64


@pytest.mark.parametrize(
    "line",
    [
        "",
        "[]",
        "null",
        "{}",
        LOG[0].replace(":", ": ", 1),
        LOG[0].replace('"number":1', '"number":1.5'),
        LOG[0].replace('"number":1', '"number":true'),
        LOG[0].replace('"kind":"released"', '"kind":5'),
        LOG[0].replace("0" * 64, "zz" * 32),
        LOG[0].replace("0" * 64, "00"),
        "[" * 100_000,
    ],
)
def test_what_is_no_entry_is_not_read(line):
    with pytest.raises(ValueError):
        Entry.from_line(line)


def test_times_are_in_utc_to_the_millisecond():
    assert moment(1_800_000_000.25) == "2027-01-15T08:00:00.250Z"


@dataclass(frozen=True)
class Said:
    """What an owner says of a log."""

    head: Head
    made: int


@pytest.mark.parametrize(
    ("size", "digest", "made", "late", "wrong"),
    [
        (6, "b", 0, False, False),
        (5, "a", 9, False, False),
        (5, "b", 0, False, True),
        (4, "a", 1, True, True),
        (4, "a", 0, True, True),
        (4, "a", 2, False, True),
    ],
)
def test_only_a_shorter_log_signed_no_later_came_late_and_only_one_that_grew_or_stayed_fits(
    size, digest, made, late, wrong
):
    earlier, later = Said(Head(5, "a"), 1), Said(Head(size, digest), made)
    assert (came_late(earlier, later), contradicts(earlier.head, later.head)) == (late, wrong)

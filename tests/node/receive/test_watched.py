"""A watched folder: what is ready is a function of what was seen, what is there, and the time."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncommons.node.receive.watched import DONE, move_away, origin_of, scan, step, watch
from oncommons.schema.errors import UnreadableSource

A, B = Path("a"), Path("b")


def run(*looks, quiet=10):
    """What is ready at each look; a look is a time and the files with their marks."""
    known, told = {}, []
    for now, there in looks:
        ready, known = step(known, there, now, quiet)
        told.append(ready)
    return told


def test_a_file_is_ready_when_it_has_not_changed_for_long_enough_and_only_once():
    mark = (5, 1)
    assert run((0, {A: mark}), (9.9, {A: mark}), (10, {A: mark}), (99, {A: mark})) == [[], [], [A], []]


def test_a_file_that_grows_or_is_touched_is_waited_for():
    assert run((0, {A: (5, 1)}), (9, {A: (6, 1)}), (12, {A: (6, 2)}), (20, {A: (6, 2)}), (22, {A: (6, 2)}))[-2:] == [
        [],
        [A],
    ]


def test_a_file_that_changes_after_it_was_ready_is_ready_again():
    looks = [(0, {A: (5, 1)}), (10, {A: (5, 1)}), (11, {A: (5, 2)}), (21, {A: (5, 2)})]
    assert run(*looks) == [[], [A], [], [A]]


def test_a_file_that_went_and_came_back_is_new():
    looks = [(0, {A: (5, 1)}), (10, {A: (5, 1)}), (20, {}), (30, {A: (5, 1)}), (40, {A: (5, 1)})]
    assert run(*looks) == [[], [A], [], [], [A]]


def test_nothing_need_be_waited_for():
    assert run((0, {A: (5, 1), B: (0, 0)}), quiet=0) == [[A, B]]


@given(
    st.lists(
        st.tuples(st.floats(0, 5), st.dictionaries(st.sampled_from([A, B]), st.tuples(st.integers(0, 1), st.just(0)))),
        max_size=30,
    )
)
def test_what_is_ready_was_the_same_for_long_enough(turns):
    now, looks = 0, []
    for later, there in turns:
        now += later
        looks.append((now, there))
    for number, ready in enumerate(run(*looks, quiet=7)):
        for path in ready:
            mark, same = looks[number][1][path], number
            while same and looks[same - 1][1].get(path) == mark:
                same -= 1
            assert looks[number][0] - looks[same][0] >= 7


def test_a_scan_finds_files_of_sub_folders_and_not_what_is_done(tmp_path):
    for name in ("one", "sub/two", f"{DONE}/three", f"sub/{DONE}/four"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"12345")
    (tmp_path / "link").symlink_to("none")
    found = scan(tmp_path)
    assert {str(path.relative_to(tmp_path)) for path in found} == {"one", "sub/two", f"sub/{DONE}/four", "link"}
    about = (tmp_path / "one").stat()
    assert found[tmp_path / "one"] == (5, about.st_mtime_ns)


def test_a_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(UnreadableSource):
        next(watch(tmp_path / "none", 0, lambda: 0, lambda: True))


def test_a_folder_is_looked_at_until_the_end_is_told(tmp_path):
    times, told = iter(range(0, 100, 5)), iter([False, False, False, False, True])
    waits = []

    def wait():
        waits.append((tmp_path / f"{len(waits)}").write_bytes(b"x"))
        return next(told)

    ready = list(watch(tmp_path, 10, lambda: next(times), wait))
    assert [[path.name for path in some] for some in ready] == [["0"], ["1"]]
    assert len(waits) == 5


def test_what_came_of_an_archive_came_of_a_file():
    files = {"/w/a.zip": A, "/w/b": B}
    names = ("/w/a.zip", "/w/a.zip/x/y.dcm", "/w/a.zip/../../b", "/w/b", "/w/bc", "", "x")
    assert [origin_of(name, files) for name in names] == [A, A, A, B, None, None, None]


def test_files_are_moved_and_never_over_others(tmp_path):
    for content in (b"1", b"2", b"3"):
        (tmp_path / "sub").mkdir(exist_ok=True)
        (tmp_path / "sub" / "one.dcm").write_bytes(content)
        move_away(tmp_path / "sub" / "one.dcm", tmp_path)
    found = {str(p.relative_to(tmp_path / DONE)): p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    assert found == {"sub/one.dcm": b"1", "2/sub/one.dcm": b"2", "3/sub/one.dcm": b"3"}
    move_away(tmp_path / "gone", tmp_path)

"""A file of records that only grows."""

import os
import resource
import signal

import pytest

from oncommons.schema.errors import StorageFailed, StorageFull
from oncommons.storage.journal import append, every_record, records


@pytest.fixture
def path(tmp_path):
    return tmp_path / "checks.jsonl"


def test_records_come_back_in_order(path):
    assert records(path) == []
    for n in range(3):
        append(path, {"n": n, "words": "größer\nals 3"})
    assert [record["n"] for record in records(path)] == [0, 1, 2]
    assert records(path)[0]["words"] == "größer\nals 3"


def test_many_records_are_made_durable_at_once(path, monkeypatch):
    synced = []
    monkeypatch.setattr(os, "fsync", synced.append)
    append(path, *({"n": n} for n in range(5000)))
    assert [record["n"] for record in records(path)] == list(range(5000))
    assert len(synced) == 1


def test_a_record_that_a_crash_cut_short_is_left_out_and_harms_no_other(path):
    append(path, {"n": 1})
    whole = path.read_bytes()
    for cut in range(1, len(whole)):
        path.write_bytes(whole + whole[:cut])
        append(path, {"n": 2})
        found = records(path)
        assert found[0] == {"n": 1}
        assert found[-1] == {"n": 2}


def test_a_file_of_which_no_record_may_be_missed_is_read_after_a_crash(path):
    assert every_record(path) == []
    append(path, {"n": 1}, {"n": 2})
    whole, line = path.read_bytes(), b'{"n":3}'
    for cut in range(len(line) + 1):
        path.write_bytes(whole + line[:cut])
        kept = [{"n": 1}, {"n": 2}, *([{"n": 3}] if cut == len(line) else [])]
        assert every_record(path) == kept
        append(path, {"n": 4})
        assert every_record(path) == [*kept, {"n": 4}]


@pytest.mark.parametrize("damage", [b"\0", b"\n", b"\r", b"\xff", b"\xff\xff"])
def test_a_file_of_which_no_record_may_be_missed_is_not_read_without_one(path, damage):
    append(path, {"n": 1}, {"n": 2})
    whole = path.read_bytes()
    damaged = [whole[:at] + damage + whole[at + len(damage) :] for at in range(len(whole) - len(damage))]
    for content in {*damaged} - {whole}:
        path.write_bytes(content)
        with pytest.raises(StorageFailed):
            every_record(path)


@pytest.mark.parametrize("line", ["", "5", "[]", "null", '{"n":'])
def test_a_line_without_a_record_is_damage(path, line):
    path.write_text(f'{{"n":1}}\n{line}\n{{"n":2}}\n')
    with pytest.raises(StorageFailed):
        every_record(path)


def test_of_records_that_find_no_room_none_is_left(path):
    append(path, {"n": 0})
    before = path.read_bytes()
    once = resource.getrlimit(resource.RLIMIT_FSIZE)
    heard = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 40, once[1]))
    try:
        with pytest.raises(StorageFull):
            append(path, {"n": 1}, {"words": "x" * 100})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, once)
        signal.signal(signal.SIGXFSZ, heard)
    assert path.read_bytes() == before
    append(path, {"n": 1}, {"n": 2})
    assert [record["n"] for record in records(path)] == [0, 1, 2]


def test_only_the_owner_may_read_it(path):
    append(path, {})
    assert os.stat(path).st_mode & 0o077 == 0  # noqa: PTH116


def test_a_place_that_cannot_be_used_is_told(tmp_path):
    with pytest.raises(StorageFailed):
        append(tmp_path, {})
    with pytest.raises(StorageFailed):
        records(tmp_path)

"""The log of a node and that of a hub: one suite for both, and what concerns only the node's file."""

import json
import multiprocessing
import os
import signal
import sqlite3
import stat
import threading
from contextlib import closing

import pytest
from tests.storage.chains import head_of, oracle
from tests.storage.conftest import opened

from oncommons.schema.errors import StorageFailed, StorageFull
from oncommons.schema.errors_of_protocols import NoAuditLog
from oncommons.storage.audit import AuditLog, open_audit
from oncommons.storage.audit_hub import HubLog
from oncommons.storage.chain import Event, Head


def event(number, **more):
    return Event("released", {"number": number, **more}, 1_800_000_000 + number)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "audit.sqlite"


@pytest.fixture(params=["file", "sqlite", "postgres"])
def log(request, path):
    """A log, of each implementation in turn."""
    if request.param == "file":
        with closing(AuditLog(path)) as log:
            yield log
        return
    with opened(request.getfixturevalue(f"{request.param}_url")) as database:
        yield HubLog(database)


def test_a_new_log_is_empty(log):
    assert (log.head(), list(log.lines())) == (Head(), [])


def test_what_is_entered_is_a_chain(log):
    heads = [log.enter(event(1)), log.enter(event(2), event(3, text="Zoë \U0001f600", part=0.5)), log.enter()]
    lines = list(log.lines())
    assert [json.loads(line)["body"]["number"] for line in lines] == [1, 2, 3]
    assert heads[1:] == [log.head()] * 2 == [head_of(lines)] * 2
    assert oracle(lines[:2]) == head_of(lines[:2])


def test_of_several_events_all_are_entered_or_none(log):
    log.enter(event(1))
    with pytest.raises(ValueError):
        log.enter(event(2), event(3, wrong="\ud800"))
    assert log.head().size == len(list(log.lines())) == 1


def test_long_logs_are_read_in_parts(log):
    log.enter(*(event(i) for i in range(1_101)))
    lines = list(log.lines())
    assert oracle(lines) == log.head()
    assert len(lines) == 1_101


def test_the_newest_entries_with_certain_words_are_found_in_a_nodes_log(path):
    with closing(AuditLog(path)) as log:
        for number in range(5):
            log.enter(event(number, permit=f"P-{number % 2}"))
        found = [json.loads(line)["body"]["number"] for line in log.lines_with('"P-0"', 2)]
        assert (found, log.lines_with("%", 9)) == ([4, 2], [])


def test_of_writers_at_the_same_time_each_follows_another(log):
    def write(name):
        for i in range(10):
            log.enter(event(i, writer=name))

    threads = [threading.Thread(target=write, args=[name]) for name in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = list(log.lines())
    assert oracle(lines) == log.head()
    written = [json.loads(line)["body"] for line in lines]
    for name in range(6):
        assert [body["number"] for body in written if body["writer"] == name] == list(range(10))


def _write(path, name, times, together):
    with closing(AuditLog(path)) as log:
        together.wait()
        for i in range(times):
            log.enter(event(i, writer=name))


def test_an_entry_and_the_new_head_are_kept_together_or_not_at_all(path):
    with closing(AuditLog(path)) as log:
        head = log.enter(event(1))
        log._connection.execute("CREATE TRIGGER no BEFORE INSERT ON head BEGIN SELECT RAISE(ABORT, 'no'); END")
        with pytest.raises(StorageFailed):
            log.enter(event(2))
        assert (log.head(), len(list(log.lines()))) == (head, 1)


def test_of_processes_at_the_same_time_each_follows_another(path):
    fresh = multiprocessing.get_context("fork")
    together = fresh.Barrier(4)
    processes = [fresh.Process(target=_write, args=(path, name, 15, together)) for name in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * 4
    with closing(open_audit(path)) as log:
        assert oracle(list(log.lines())) == log.head()
        assert log.head().size == 60


def _write_and_tell(path, pipe):
    with closing(AuditLog(path)) as log:
        i = 0
        while True:
            pipe.send(log.enter(event(i)).size)
            i += 1


def test_after_a_crash_everything_that_was_confirmed_is_there_and_the_log_goes_on(path):
    fresh = multiprocessing.get_context("fork")
    here, there = fresh.Pipe(duplex=False)
    writer = fresh.Process(target=_write_and_tell, args=(path, there))
    writer.start()
    confirmed = 0
    while confirmed < 40:
        confirmed = here.recv()
    os.kill(writer.pid, signal.SIGKILL)  # wherever it is in writing the next one
    writer.join()
    there.close()
    while here.poll():
        try:
            confirmed = here.recv()
        except EOFError:
            break
    with closing(open_audit(path)) as log:
        assert oracle(list(log.lines())) == log.head()
        assert log.head().size >= confirmed
        assert log.enter(event(0)).size == log.head().size
        assert oracle(list(log.lines())) == log.head()


def test_an_entry_of_which_the_transaction_did_not_end_is_not_there(path):
    with closing(AuditLog(path)) as log:
        log.enter(event(1))
        log._connection.execute("BEGIN IMMEDIATE")
        log._connection.execute("INSERT INTO entry VALUES (2, 'half')")
        log.close()  # as a power cut would
    with closing(open_audit(path)) as log:
        assert oracle(list(log.lines())) == log.head()
        assert log.enter(event(2)).size == 2


def test_the_first_entry_says_whose_log_it_is_however_many_begin_it(path):
    logs = [AuditLog(path, lambda: Event("begun", {"log": "mine"}, 0)) for _ in range(2)]
    for log in logs:
        log.enter(event(1))
    assert [json.loads(line)["kind"] for line in logs[0].lines()] == ["begun", "released", "released"]
    for log in logs:
        log.close()


def test_only_its_owner_can_read_it(path):
    AuditLog(path).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_is_no_log_is_told(tmp_path, path):
    with pytest.raises(NoAuditLog, match="no audit log"):
        open_audit(path)
    path.write_bytes(b"not a database, but long enough to be looked at" * 100)
    with pytest.raises(StorageFailed, match="audit log"):
        AuditLog(path)


def fill(log):
    for i in range(100):
        log.enter(event(i, text="x" * 60_000))


def test_a_full_disk_loses_nothing_and_says_so(small_disk):
    with closing(AuditLog(small_disk / "audit.sqlite")) as log:
        with pytest.raises(StorageFull, match="Nothing was entered"):
            fill(log)
        assert oracle(list(log.lines())) == log.head()
        assert log.head().size == len(list(log.lines())) > 3


def test_what_is_entered_is_synced_before_it_is_confirmed(path):
    with closing(AuditLog(path)) as log:
        assert log._connection.execute("PRAGMA synchronous").fetchone() == (2,)
        with closing(sqlite3.connect(path)) as another:
            log.enter(event(1))
            assert another.execute("SELECT count(*) FROM entry").fetchone() == (1,)

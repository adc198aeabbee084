"""Workers: objects come back in their order, from one process or several, and a process that ends is told."""

import gc
import os
import signal
import threading
from dataclasses import dataclass

import duckdb
import pytest
from tests.node.images import dicom

from oncommons.imaging.deid.pixels import apart
from oncommons.node import workers
from oncommons.node.deidentify import node_keys, node_profile
from oncommons.node.receive import spool
from oncommons.node.receive.archive import Told
from oncommons.node.workers import Worker, finished, now, settled
from oncommons.schema.errors import DamagedImage, StorageFailed


@dataclass(frozen=True)
class Made:
    """An object that is made where it is read."""

    number: int

    @property
    def name(self):
        return f"made {self.number}"

    def read(self):
        return dicom(self.number)


@dataclass(frozen=True)
class Deadly(Made):
    """An object whose reader is killed by the system."""

    def read(self):
        os.kill(os.getpid(), signal.SIGKILL)


@dataclass(frozen=True)
class Telling(Made):
    """An object that cannot be read, and says by which process."""

    def read(self):
        raise DamagedImage(f"{os.getpid()}.")


@dataclass(frozen=True)
class Collecting(Made):
    """An object whose reader collects garbage."""

    def read(self):
        gc.collect()
        return dicom(self.number)


@pytest.fixture
def worker(home, tmp_path):
    (tmp_path / "drafts").mkdir()
    keys, profile = node_keys(home.secret_file), node_profile(home.profile_file)
    return Worker(keys, profile, lambda _: None, tmp_path / "drafts")


def all_of(arrivals, worker, home, processes):
    batches = finished(arrivals, "lung", worker, home, processes)
    return [pair for batch, done in batches for pair in zip(batch, done, strict=True)]


@pytest.mark.parametrize("processes", [1, 2, 3])
def test_objects_come_back_in_their_order(home, worker, processes):
    arrivals = [Made(number) for number in range(150)]
    pairs = all_of(arrivals, worker, home, processes)
    assert [arrival for arrival, _ in pairs] == arrivals
    assert [done.entry.outcome for _, done in pairs] == ["kept"] * 150
    assert all(done.draft.read_bytes()[128:132] == b"DICM" for _, done in pairs)


def test_a_process_that_is_killed_is_told_and_does_not_hang(home, worker):
    with pytest.raises(StorageFailed):
        all_of([Made(1), Deadly(2)], worker, home, 2)


def test_a_process_never_closes_the_databases_of_the_one_that_began_it(home, worker, tmp_path):
    def arrivals():
        connection = duckdb.connect(tmp_path / "index.duckdb")
        connection.execute("CREATE TABLE t AS SELECT range AS n FROM range(100000)")
        knot = [connection]
        knot.append(knot)  # only the collector finds it, once this generator has ended
        yield Collecting(1)
        yield Collecting(2)

    assert [done.entry.outcome for _, done in all_of(arrivals(), worker, home, 2)] == ["kept", "kept"]


@pytest.mark.parametrize("processes", [1, 2])
def test_what_only_this_process_can_read_is_taken_in_by_it_in_its_turn(home, worker, monkeypatch, processes):
    monkeypatch.setattr(spool, "MOST_IN_MEMORY", 100)
    arrivals = [Told(str(n), spool.spooled([dicom(n)])) if n % 70 == 7 else Made(n) for n in range(150)]
    pairs = all_of(arrivals, worker, home, processes)
    assert [arrival for arrival, _ in pairs] == arrivals
    assert [done.entry.sop for _, done in pairs] == [
        done.entry.sop for _, done in all_of(map(Made, range(150)), worker, home, 1)
    ]


@pytest.mark.parametrize(("number", "one"), [(1, True), (192, True), (193, False)])
def test_few_batches_are_taken_in_by_this_process(home, worker, monkeypatch, number, one):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    pairs = all_of([Telling(n) for n in range(number)], worker, home, 0)
    assert len(pairs) == number
    assert {done.entry.reason.startswith(f"{os.getpid()}.") for _, done in pairs} == {one}


@pytest.mark.parametrize("processes", [1, 2])
def test_an_import_that_fails_or_is_left_ends_the_processes_that_look_at_pixels(home, worker, monkeypatch, processes):
    monkeypatch.setattr(apart, "READER", apart.Apart(("cat",)))
    apart.READER.ask([], b"")
    with pytest.raises(ZeroDivisionError):
        all_of((Made(1 // n) for n in (1, 0)), worker, home, processes)
    assert not apart.READER.runs()
    apart.READER.ask([], b"")
    batches = finished([Made(n) for n in range(100)], "lung", worker, home, processes)
    next(batches)
    batches.close()
    assert not apart.READER.runs()


@dataclass(frozen=True)
class Seen(Made):
    """An object that says who read it."""

    by: list

    def read(self):
        self.by.append(threading.get_ident())
        if self.number == 3:
            raise DamagedImage("It cannot be read.")
        return dicom(self.number)


@pytest.mark.parametrize("large", [True, False])
def test_behind_a_large_object_the_next_is_read_by_a_thread(home, worker, monkeypatch, large):
    monkeypatch.setattr(workers, "_LARGE", range(1, 1 << 30) if large else range(0))
    by = []
    pairs = all_of([Seen(number, by) for number in range(1, 6)], worker, home, 1)
    assert [done.entry.outcome for _, done in pairs] == ["kept", "kept", "quarantined", "kept", "kept"]
    assert [reader == threading.get_ident() for reader in by] == [True, *[not large] * 2, True, not large]


@pytest.mark.parametrize("processes", [1, 2])
def test_what_became_of_objects_is_told_in_their_order(home, worker, monkeypatch, processes):
    monkeypatch.setattr(workers, "_TOGETHER", 100)
    monkeypatch.setattr(workers, "_LONGEST", float("inf"))
    arrivals, settled_at_once = [Made(number) for number in range(300)], []

    def settle(batch, done):
        settled_at_once.append(len(batch))
        return [(arrival, one.entry.outcome) for arrival, one in zip(batch, done, strict=True)]

    told = list(settled(finished(arrivals, "lung", worker, home, processes), settle))
    assert told == [(arrival, (arrival, "kept")) for arrival in arrivals]
    assert settled_at_once == [128, 128, 44]


def test_nobody_waits_long_for_others(monkeypatch):
    monkeypatch.setattr(workers, "_LONGEST", -1)
    batches = [([Made(number)], [number]) for number in range(3)]
    assert [told for _, told in settled(batches, lambda _, done: [done])] == [[0], [1], [2]]


def test_what_cannot_be_settled_is_told(monkeypatch):
    monkeypatch.setattr(workers, "_TOGETHER", 1)
    handed = []

    def settle(_, done):
        handed.append(done)
        raise StorageFailed("The disk is broken.")

    with pytest.raises(StorageFailed):
        list(settled([([Made(number)], [number]) for number in range(4)], settle))
    assert handed in ([[0]], [[0], [1]])


def test_nothing_comes_of_nothing(home, worker):
    assert all_of([], worker, home, 2) == []


def test_the_time_is_that_of_no_place():
    assert now().endswith("+00:00")

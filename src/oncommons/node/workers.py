"""Who does the work of an import: reads, de-identifies and drafts, in this process or in several."""

from __future__ import annotations

import gc
import hashlib
import os
import signal
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache, partial
from importlib import import_module
from itertools import chain, islice, zip_longest
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from pathlib import Path
from threading import Thread
from time import monotonic, time
from typing import Literal, NamedTuple, TypeAlias, TypeVar

import orjson

from oncommons.imaging.deid.clean import Cleaned, deidentify
from oncommons.imaging.deid.keys import Keys
from oncommons.imaging.deid.pixels.loader import recogniser_here, rest
from oncommons.imaging.deid.rules import Profile
from oncommons.imaging.pieces import Data, Span, chunks_of
from oncommons.node.deidentify import node_keys
from oncommons.node.home import Home
from oncommons.node.keep.shelf import Finished
from oncommons.node.receive.arrival import Arrival
from oncommons.schema.errors import ImageError, NotDicom, RejectedImage, StorageFailed
from oncommons.storage.drafts import write_draft
from oncommons.storage.ledger import Entry, Ledger

Batch: TypeAlias = tuple[Sequence[Arrival], Sequence[Finished]]
"""Objects and what will become of them."""
_T = TypeVar("_T")
_BATCH = 64
_FEW = 3
_AHEAD = 3
"""Batches that each process is ahead of the one that settles."""
_MOST_HELD = 8 * 1024 * 1024
"""Bytes of a batch that are in memory before it is taken in, as those of members of a packed archive are."""
_LARGE = range(128 * 1024, 4 * 1024 * 1024)
"""Bytes of an object behind which it pays to read and to hash the next beside the others, and memory holds both."""
_TOGETHER, _LONGEST = 256, 1.0
"""Objects that are settled together, and seconds after which those that are there no longer wait for others."""


class Read(NamedTuple):
    """The bytes of an object and their SHA-256, or why they cannot be read."""

    raw: Data = b""
    digest: str = ""
    fault: ImageError | None = None


def read(arrival: Arrival) -> Read:
    """Read an object."""
    raw: Data = b""
    try:
        raw = arrival.read()
        return Read(raw, _digest(raw))
    except ImageError as fault:
        return Read(raw, fault=fault)


@dataclass(frozen=True)
class Worker:
    """Whoever reads, de-identifies and drafts, in whatever thread or process.

    Attributes:
        keys: How pseudonyms are made.
        profile: Which attributes stay.
        known: What the ledger says of a file, by its digest.
        drafts: Where drafts are written.
        compress: Whether objects are kept losslessly compressed.
    """

    keys: Keys
    profile: Profile
    known: Callable[[str], Entry | None]
    drafts: Path
    compress: bool = False

    def finish(self, arrival: Arrival, dataset: str) -> Finished:
        """What will become of one object, drafted; nothing is in its place yet."""
        return self.finish_read(arrival, read(arrival), dataset)

    def finish_read(self, arrival: Arrival, came: Read, dataset: str) -> Finished:
        """The same of an object that has been read."""
        if came.fault is not None:
            return self.laid_aside(came.fault, came.raw, came.digest, dataset, arrival.name)
        try:
            before = self.known(came.digest)
            if before is not None and (before.outcome == "kept" or before.code == RejectedImage.code):
                return Finished(before)
            return self.cleaned(came.raw, came.digest, dataset)
        except ImageError as fault:
            return self.laid_aside(fault, came.raw, came.digest, dataset, arrival.name)

    def cleaned(self, raw: Data, digest: str, dataset: str, *, looked: bool = False) -> Finished:
        """An object that will be kept.

        Raises:
            ImageError: it cannot be.
        """
        cleaned = deidentify(raw, self.profile, self.keys, looked=looked, recogniser=recogniser_here())
        if self.compress:
            cleaned = import_module("oncommons.node.compressing").compressed(cleaned, self.drafts)
        return Finished(_entry(digest, dataset, cleaned), write_draft(self.drafts, chunks_of(cleaned.pieces)))

    def laid_aside(self, fault: ImageError, raw: Data, digest: str, dataset: str, origin: str) -> Finished:
        """An object that is not kept, because of a fault."""
        refused = isinstance(fault, NotDicom)
        digest = digest or hashlib.sha256(os.fsencode(origin)).hexdigest()  # what cannot be read is known by its name
        outcome: Literal["refused", "quarantined"] = "refused" if refused else "quarantined"
        entry = Entry(digest, outcome, dataset, fault.code, fault.message, size=len(raw), entered=now())
        return Finished(entry, self._copied(raw) if raw and not refused else None, origin)

    def _copied(self, raw: Data) -> Path | None:
        try:
            return write_draft(self.drafts, Span(raw, 0, len(raw)).chunks())
        except ImageError:  # a large file that changes while it is read
            return None


def finished(arrivals: Iterable[Arrival], dataset: str, worker: Worker, home: Home, processes: int) -> Iterator[Batch]:
    """Batches of objects and what will become of them, in the order in which they came.

    Args:
        arrivals: The objects.
        dataset: Which dataset they belong to.
        worker: Who does it where there is one process.
        home: The node.
        processes: How many processes there are; more than one only in a process without other threads. 0 takes one
            for few batches, since starting more would take longer, and one for each processor otherwise.

    Raises:
        MachineError: the disk is full or broken, or a process has ended.
    """
    batches = _batches(arrivals)
    if not processes:
        first = list(islice(batches, _FEW + 1))
        processes = len(os.sched_getaffinity(0)) if len(first) > _FEW else 1
        batches = chain(first, batches)
    if processes == 1:
        with ThreadPoolExecutor(1) as hand:
            try:
                for batch in batches:
                    yield batch, [worker.finish_read(one, came, dataset) for one, came in _ahead(batch, hand)]
            finally:
                rest()
        return
    gc.collect()  # what is garbage now is closed here, where its threads are
    finish = partial(_finish, home, worker.profile, worker.drafts, dataset)
    pool = ProcessPoolExecutor(processes, get_context("fork"), _begin)
    pool.submit(os.getpid)  # all processes begin now, as long as there are no other threads
    running: deque[tuple[list[Arrival], Callable[[], list[Finished]]]] = deque()
    try:
        for batch in batches:
            here = any(_is_open(arrival) for arrival in batch)
            running.append(
                (batch, partial(_all, worker, dataset, batch) if here else pool.submit(finish, batch).result)
            )
            while len(running) >= processes * _AHEAD or sum(_held(a) for b, _ in running for a in b) > 4 * _MOST_HELD:
                yield _result(*running.popleft())
        while running:
            yield _result(*running.popleft())
    finally:
        pool.shutdown(cancel_futures=True)
        rest()


def settled(
    batches: Iterable[Batch], settle: Callable[[Sequence[Arrival], Sequence[Finished]], list[_T]]
) -> Generator[tuple[Arrival, _T], None, None]:
    """Objects and what became of them: several batches are settled at once, by a thread, while the next are worked on.

    Where the caller does not go on, what was handed to the thread is settled all the same.

    Args:
        batches: As :func:`finished` gives them.
        settle: Gives for each object of a batch what became of it.
    """
    with ThreadPoolExecutor(1) as hand:
        before: deque[tuple[Sequence[Arrival], Future[list[_T]]]] = deque()
        for batch, done in _together(batches):
            before.append((batch, hand.submit(settle, batch, done)))
            if len(before) > 1:
                yield from _told(*before.popleft())
        while before:
            yield from _told(*before.popleft())


def _told(batch: Sequence[Arrival], told: Future[list[_T]]) -> Iterator[tuple[Arrival, _T]]:
    return zip(batch, told.result(), strict=True)


def _together(batches: Iterable[Batch]) -> Iterator[Batch]:
    """Fewer and larger batches; none waits long for the next."""
    arrivals: list[Arrival] = []
    together: list[Finished] = []
    since = monotonic()
    for batch, done in batches:
        arrivals += batch
        together += done
        if len(together) >= _TOGETHER or monotonic() - since > _LONGEST:
            yield arrivals, together
            arrivals, together, since = [], [], monotonic()
    if together:
        yield arrivals, together


def _batches(arrivals: Iterable[Arrival]) -> Iterator[list[Arrival]]:
    """Objects in batches of a bearable number and size."""
    batch: list[Arrival] = []
    held = 0
    for arrival in arrivals:
        batch.append(arrival)
        held += _held(arrival)
        if len(batch) == _BATCH or held >= _MOST_HELD:
            yield batch
            batch, held = [], 0
    if batch:
        yield batch


def _held(arrival: Arrival) -> int:
    """Bytes of an object that are in memory, or in a file without a name, already."""
    return len(getattr(arrival, "content", b""))


def _is_open(arrival: Arrival) -> bool:
    """Whether the bytes of an object lie in a file that only this process can read."""
    return not isinstance(getattr(arrival, "content", b""), bytes)


def _ahead(batch: Sequence[Arrival], hand: Executor) -> Iterator[tuple[Arrival, Read]]:
    """Objects and their bytes; behind a large one the next is read by a thread, since most of that is not Python's."""
    ahead: Future[Read] | None = None
    for arrival, following in zip_longest(batch, batch[1:]):
        came = ahead.result() if ahead else read(arrival)
        ahead = hand.submit(read, following) if following and len(came.raw) in _LARGE else None
        yield arrival, came


def _all(worker: Worker, dataset: str, batch: Sequence[Arrival]) -> list[Finished]:
    return [worker.finish(arrival, dataset) for arrival in batch]


def _result(batch: list[Arrival], finish: Callable[[], list[Finished]]) -> tuple[list[Arrival], list[Finished]]:
    try:
        return batch, finish()
    except BrokenProcessPool as fault:
        raise StorageFailed("A process of the import ended; what is kept stays. Import again.") from fault


def _finish(home: Home, profile: Profile, drafts: Path, dataset: str, batch: Sequence[Arrival]) -> list[Finished]:
    """In a process of its own: what will become of a batch."""
    worker = Worker(_keys(home.secret_file), profile, _ledger(home.ledger_file).entry, drafts, home.compress)
    return _all(worker, dataset, batch)


_keys = lru_cache(maxsize=1)(node_keys)
_ledger = lru_cache(maxsize=1)(Ledger)


def _begin() -> None:
    """Begin a process that ends with the one that started it, and leaves interruptions and what was open there to it.

    What was open in the other process is never collected in this one: the threads of a database are not here, and to
    close it without them is a fault of memory.
    """
    gc.freeze()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    above = parent_process()
    if above is not None:
        Thread(target=_end_after, args=[above.sentinel], daemon=True).start()


def _end_after(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)


def _digest(raw: Data) -> str:
    if isinstance(raw, bytes):
        return hashlib.sha256(raw).hexdigest()
    found = hashlib.sha256()
    for chunk in Span(raw, 0, len(raw)).chunks():
        found.update(chunk)
    return found.hexdigest()


def now() -> str:
    """This moment as the ledger writes it: UTC (ISO 8601), in whole seconds."""
    return _written(int(time()))


@lru_cache(maxsize=1)
def _written(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).isoformat(timespec="seconds")


def _entry(digest: str, dataset: str, cleaned: Cleaned) -> Entry:
    return Entry(
        digest,
        "kept",
        dataset,
        patient=cleaned.patient,
        study=cleaned.study,
        series=cleaned.series,
        sop=cleaned.sop,
        **cleaned.facts,
        size=sum(map(len, cleaned.pieces)),
        syntax=cleaned.syntax,
        attributes=orjson.dumps(cleaned.attributes).decode("ascii"),
        entered=now(),
    )

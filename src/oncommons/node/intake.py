"""The order of the stages for images, and nowhere else: receive, deidentify, keep.

Each object is read, de-identified and written as a draft by whoever takes it in; a batch is then settled at once.
"""

from __future__ import annotations

import hashlib
import os
import signal
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property, lru_cache, partial
from itertools import islice
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from pathlib import Path
from threading import Lock, Thread
from typing import Any, Literal, Self

import orjson

from oncommons.imaging.deid.clean import Cleaned, deidentify
from oncommons.imaging.deid.keys import Keys
from oncommons.imaging.deid.rules import Profile
from oncommons.imaging.pieces import chunks_of
from oncommons.node.deidentify import node_keys, node_profile
from oncommons.node.home import Home
from oncommons.node.keep.shelf import Finished, Settled, Shelf
from oncommons.node.receive.arrival import Arrival
from oncommons.schema.errors import ConflictingImage, ImageError, NotDicom, NotFound, RejectedImage, StorageFailed
from oncommons.storage.drafts import drafts_in, write_draft
from oncommons.storage.files import plain_file_errors
from oncommons.storage.ledger import Entry, Ledger

_BATCH = 64
_AHEAD = 3
"""Batches that each process is ahead of the one that settles."""
_MOST_HELD = 8 * 1024 * 1024
"""Bytes of a batch that are in memory before it is taken in, as those of members of a packed archive are."""
Outcome = Literal["kept", "duplicate", "quarantined", "refused"]


@dataclass(frozen=True)
class Taken:
    """What became of one object.

    Attributes:
        outcome: ``kept``, ``duplicate``, ``quarantined`` or ``refused``.
        digest: SHA-256 of the bytes as they came.
        code: Code of the error where it was not kept.
        message: The reason in words, safe for strangers.
        sop: New SOP Instance UID where it is kept.
    """

    outcome: Outcome
    digest: str
    code: str = ""
    message: str = ""
    sop: str = ""


Tell = Callable[[Arrival, Taken], None]
"""Called with each object and what became of it."""


@dataclass
class ImageReport:
    """What became of the objects of one import; every one is in exactly one of the four numbers.

    Attributes:
        kept: Objects that are kept now.
        duplicate: Objects that were there already, bit by bit.
        quarantined: Objects that wait for a person, by error code.
        refused: Files that are not images.
        series: Series that the dataset has now.
    """

    kept: int = 0
    duplicate: int = 0
    quarantined: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    series: int = 0

    @property
    def came(self) -> int:
        """How many objects came in."""
        return self.kept + self.duplicate + self.quarantined.total() + self.refused

    def count(self, taken: Taken) -> None:
        """Count one object."""
        if taken.outcome == "quarantined":
            self.quarantined[taken.code] += 1
        else:
            setattr(self, taken.outcome, getattr(self, taken.outcome) + 1)

    def to_json(self) -> dict[str, Any]:
        """The report as JSON."""
        return {
            "came": self.came,
            "kept": self.kept,
            "duplicate": self.duplicate,
            "quarantined": dict(sorted(self.quarantined.items())),
            "refused": self.refused,
            "series": self.series,
        }


@dataclass(frozen=True)
class _Worker:
    """Whoever reads, de-identifies and drafts, in whatever thread or process."""

    keys: Keys
    profile: Profile
    known: Callable[[str], Entry | None]
    drafts: Path

    def finish(self, arrival: Arrival, dataset: str) -> Finished:
        """What will become of one object, drafted; nothing is in its place yet."""
        raw, digest = b"", ""
        try:
            raw = arrival.read()
            digest = hashlib.sha256(raw).hexdigest()
            before = self.known(digest)
            if before is not None and (before.outcome == "kept" or before.code == RejectedImage.code):
                return Finished(before)
            return self.cleaned(raw, digest, dataset)
        except ImageError as fault:
            return self.laid_aside(fault, raw, digest, dataset, arrival.name)

    def cleaned(self, raw: bytes, digest: str, dataset: str, *, looked: bool = False) -> Finished:
        """An object that will be kept.

        Raises:
            ImageError: it cannot be.
        """
        cleaned = deidentify(raw, self.profile, self.keys, looked=looked)
        return Finished(_entry(digest, dataset, cleaned), write_draft(self.drafts, chunks_of(cleaned.pieces)))

    def laid_aside(self, fault: ImageError, raw: bytes, digest: str, dataset: str, origin: str) -> Finished:
        """An object that is not kept, because of a fault."""
        refused = isinstance(fault, NotDicom)
        digest = digest or hashlib.sha256(os.fsencode(origin)).hexdigest()  # what cannot be read is known by its name
        outcome: Literal["refused", "quarantined"] = "refused" if refused else "quarantined"
        entry = Entry(digest, outcome, dataset, fault.code, fault.message, size=len(raw), entered=_now())
        return Finished(entry, write_draft(self.drafts, [raw]) if raw and not refused else None, origin)


@dataclass(frozen=True)
class _Raw:
    """Bytes that are in memory already."""

    content: bytes
    name: str

    def read(self) -> bytes:
        return self.content


@dataclass
class _Waiting:
    """Objects of one thread that wait to be settled, and what became of them."""

    finished: Sequence[Finished]
    told: list[Settled] | None = None
    fault: BaseException | None = None


class Intake:
    """Takes objects in; may be used by several threads, and by several processes of one node at the same time.

    Args:
        home: The node.
    """

    def __init__(self, home: Home) -> None:
        self.home = home
        self._inside = ExitStack()
        self._lock, self._reading = Lock(), Lock()
        self._waiting: deque[_Waiting] = deque()

    def __enter__(self) -> Self:
        with ExitStack() as inside:
            drafts = inside.enter_context(drafts_in(self.home.drafts))
            self._ledger = inside.enter_context(closing(Ledger(self.home.ledger_file)))
            self._read = inside.enter_context(closing(Ledger(self.home.ledger_file)))
            profile = node_profile(self.home.profile_file)
            self._worker = _Worker(node_keys(self.home.secret_file), profile, self._known, drafts)
            self._inside = inside.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._inside.close()

    def take(self, raw: bytes, dataset: str, name: str = "") -> Taken:
        """Take in one object; when this returns, it is durable, and so is its entry in the ledger.

        Args:
            raw: The file.
            dataset: Which dataset it belongs to.
            name: Where it came from.

        Raises:
            MachineError: the disk is full or broken; the ledger does not speak of the object.
        """
        arrival = _Raw(raw, name)
        return self._settle([arrival], [self._worker.finish(arrival, dataset)])[0]

    def take_all(self, arrivals: Iterable[Arrival], dataset: str, tell: Tell, processes: int = 1) -> ImageReport:
        """Take in objects one after another; it can be stopped at any moment and done again.

        Args:
            arrivals: The objects.
            dataset: Which dataset they belong to.
            tell: Hears of each.
            processes: How many processes de-identify; more than one only in a process without other threads.

        Raises:
            MachineError: the disk is full or broken; what was kept until then stays.
        """
        report = ImageReport()
        for batch, finished in self._finished(iter(arrivals), dataset, processes):
            for arrival, taken in zip(batch, self._settle(batch, finished), strict=True):
                report.count(taken)
                tell(arrival, taken)
        with self._lock:
            report.series = len(self._ledger.series(dataset))
        return report

    def release(self, entry: Entry) -> Taken:
        """Keep an object of quarantine after a person has looked at its pixels; or try it again.

        Raises:
            ImageError: it cannot be kept; it stays in quarantine.
            NotFound: there is no copy of it.
        """
        raw, origin = self._copy(entry)
        finished = self._worker.cleaned(raw, entry.digest, entry.dataset, looked=True)
        finished = replace(finished, origin=origin)
        with self._lock:
            (what,) = self._shelf.settle([finished])
        if what == "conflict":
            raise _conflict()
        return Taken("kept", entry.digest, sop=finished.entry.sop)

    def reject(self, entry: Entry) -> None:
        """Take an object out of quarantine for good; if it comes again, it is refused."""
        fault = RejectedImage("A person of this node has rejected it.")
        gone = Entry(entry.digest, "refused", entry.dataset, fault.code, fault.message, entered=_now())
        with self._lock:
            self._shelf.settle([Finished(gone)])

    @cached_property
    def _shelf(self) -> Shelf:
        """Opened when first needed: an object store brings threads, and processes are begun before."""
        return Shelf(self.home.blobs, self.home.quarantine, self._ledger)

    def _copy(self, entry: Entry) -> tuple[bytes, str]:
        path, origin = self._shelf.laid_aside(entry)
        with plain_file_errors():
            if not path.exists():
                raise NotFound("There is no copy of this file in quarantine; import it again.")
            return path.read_bytes(), origin

    def _known(self, digest: str) -> Entry | None:
        with self._reading:  # nobody who looks waits until what others bring is durable
            return self._read.entry(digest)

    def _finished(
        self, arrivals: Iterator[Arrival], dataset: str, processes: int
    ) -> Iterator[tuple[Sequence[Arrival], Sequence[Finished]]]:
        """Batches of objects and what will become of them, in the order in which they came."""
        batches = _batches(arrivals)
        if processes == 1:
            for batch in batches:
                yield batch, [self._worker.finish(arrival, dataset) for arrival in batch]
            return
        finish = partial(_finish, self.home, self._worker.profile, self._worker.drafts, dataset)
        pool = ProcessPoolExecutor(processes, get_context("fork"), _begin)
        running: deque[tuple[list[Arrival], Future[list[Finished]]]] = deque()
        try:
            for batch in batches:
                running.append((batch, pool.submit(finish, batch)))
                while len(running) >= processes * _AHEAD or sum(_held(b) for b, _ in running) > 4 * _MOST_HELD:
                    yield _result(*running.popleft())
            while running:
                yield _result(*running.popleft())
        finally:
            pool.shutdown(cancel_futures=True)

    def _settle(self, batch: Sequence[Arrival], finished: Sequence[Finished]) -> list[Taken]:
        """Settle objects, together with those of the threads that came while others were being settled."""
        mine = _Waiting(finished)
        self._waiting.append(mine)
        with self._lock:
            if mine.told is None and mine.fault is None:
                self._settle_all([self._waiting.popleft() for _ in range(len(self._waiting))])
        if mine.fault is not None:
            raise mine.fault
        return [self._told(*row) for row in zip(batch, finished, mine.told or [], strict=True)]

    def _settle_all(self, waiting: Sequence[_Waiting]) -> None:
        try:
            told = iter(self._shelf.settle([f for one in waiting for f in one.finished]))
            for one in waiting:
                one.told = list(islice(told, len(one.finished)))
        except BaseException as fault:
            for one in waiting:
                one.fault = fault
            raise

    def _told(self, arrival: Arrival, finished: Finished, what: Settled) -> Taken:
        entry = finished.entry
        if what in {"duplicate", "conflict"} and finished.draft is not None:
            finished.draft.unlink(missing_ok=True)
        if what == "conflict":
            fault = _conflict()
            again = self._worker.laid_aside(fault, _read_again(arrival), entry.digest, entry.dataset, arrival.name)
            return self._settle([arrival], [again])[0]
        return Taken(what, entry.digest, entry.code, entry.reason, entry.sop)


def _batches(arrivals: Iterator[Arrival]) -> Iterator[list[Arrival]]:
    """Objects in batches of a bearable number and size."""
    batch: list[Arrival] = []
    for arrival in arrivals:
        batch.append(arrival)
        if len(batch) == _BATCH or _held(batch) >= _MOST_HELD:
            yield batch
            batch = []
    if batch:
        yield batch


def _held(batch: Sequence[Arrival]) -> int:
    """Bytes of a batch that are in memory already."""
    return sum(len(getattr(arrival, "content", b"")) for arrival in batch)


def _result(batch: list[Arrival], future: Future[list[Finished]]) -> tuple[list[Arrival], list[Finished]]:
    try:
        return batch, future.result()
    except BrokenProcessPool as fault:
        raise StorageFailed("A process of the import ended; what is kept stays. Import again.") from fault


def _finish(home: Home, profile: Profile, drafts: Path, dataset: str, batch: Sequence[Arrival]) -> list[Finished]:
    """In a process of its own: what will become of a batch."""
    worker = _Worker(_keys(home.secret_file), profile, _ledger(home.ledger_file).entry, drafts)
    return [worker.finish(arrival, dataset) for arrival in batch]


_keys = lru_cache(maxsize=1)(node_keys)
_ledger = lru_cache(maxsize=1)(Ledger)


def _begin() -> None:
    """Begin a process that ends with the one that started it, and leaves interruptions to it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    above = parent_process()
    if above is not None:
        Thread(target=_end_after, args=[above.sentinel], daemon=True).start()


def _end_after(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)


def _read_again(arrival: Arrival) -> bytes:
    try:
        return arrival.read()
    except ImageError:  # it is gone meanwhile
        return b""


def _conflict() -> ConflictingImage:
    return ConflictingImage("Another image with the same SOP Instance UID is kept already.")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


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
        entered=_now(),
    )

"""The order of the stages for images, and nowhere else: receive, deidentify, keep.

Each object is read, de-identified and written as a draft by whoever takes it in; a batch is then settled at once.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib import import_module
from itertools import islice
from threading import Lock
from typing import Any, Literal, Self

from oncommons.imaging.deid.pixels.face import SAYS_YES
from oncommons.imaging.pieces import Data
from oncommons.node.deidentify import node_keys, node_profile
from oncommons.node.home import Home
from oncommons.node.keep.shelf import Finished, Settled, Shelf
from oncommons.node.receive.arrival import Arrival
from oncommons.node.receive.folder import read_file
from oncommons.node.workers import Worker, finished, now, settled
from oncommons.schema.errors import ConflictingImage, ImageError, MissingPackage, NotFound, RejectedImage
from oncommons.storage.decisions import Decision, Person
from oncommons.storage.drafts import drafts_in
from oncommons.storage.files import plain_file_errors
from oncommons.storage.ledger import Entry, Ledger

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
        dataset: The dataset that it is in; of a duplicate the one that it came into first.
        face: New Series Instance UID where it is kept and a face could be rebuilt from it and its neighbours.
    """

    outcome: Outcome
    digest: str
    code: str = ""
    message: str = ""
    sop: str = ""
    dataset: str = ""
    face: str = ""


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
        elsewhere: Those of the duplicates that are in other datasets, where they stay; by dataset.
        faces: Series of what is kept now from which a face could be rebuilt.
    """

    kept: int = 0
    duplicate: int = 0
    quarantined: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    series: int = 0
    elsewhere: Counter[str] = field(default_factory=Counter)
    faces: set[str] = field(default_factory=set)

    @property
    def came(self) -> int:
        """How many objects came in."""
        return self.kept + self.duplicate + self.quarantined.total() + self.refused

    def count(self, taken: Taken) -> None:
        """Count one object."""
        if taken.outcome == "quarantined":
            self.quarantined[taken.code] += 1
        else:
            self.faces |= {taken.face} - {""}
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
            "elsewhere": dict(sorted(self.elsewhere.items())),
            "faces": len(self.faces),
        }


@dataclass(frozen=True)
class _Raw:
    """Bytes that are in memory already."""

    content: Data
    name: str

    def read(self) -> Data:
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
        if self.home.compress:
            import_module("oncommons.node.compressing").load_codec()  # it takes long to begin, and few compress
        with ExitStack() as inside:
            drafts = inside.enter_context(drafts_in(self.home.drafts))
            self._ledger = inside.enter_context(closing(Ledger(self.home.ledger_file)))
            self._read = inside.enter_context(closing(Ledger(self.home.ledger_file)))
            profile = node_profile(self.home.profile_file)
            keys = node_keys(self.home.secret_file)
            self._worker = Worker(keys, profile, self._known, drafts, self.home.compress)
            self._inside = inside.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._inside.close()

    def take(self, raw: Data, dataset: str, name: str = "") -> Taken:
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
            processes: How many processes de-identify; more than one, and 0, only in a process without other threads.

        Raises:
            MachineError: the disk is full or broken; what was kept until then stays.
        """
        report = ImageReport()
        batches = finished(arrivals, dataset, self._worker, self.home, processes)
        with closing(settled(batches, self._settle)) as objects:
            for arrival, taken in objects:
                report.count(taken)
                if taken.outcome == "duplicate" and taken.dataset != dataset:
                    report.elsewhere[taken.dataset] += 1
                tell(arrival, taken)
        with self._lock:
            report.series = self._ledger.number_of_series(dataset)
        return report

    def release(self, entry: Entry, by: Person) -> Taken:
        """Keep an object of quarantine after a person has looked at its pixels; or try it again.

        Args:
            entry: The object.
            by: Who decided it; it is recorded, whatever came of it.

        Raises:
            ImageError: it cannot be kept; it stays in quarantine.
            NotFound: there is no copy of it.
        """
        try:
            return self._released(entry, by)
        except ImageError:
            with self._lock:
                self._ledger.write([], [_decision(entry, "release", by, "quarantined")])
            raise

    def _released(self, entry: Entry, by: Person) -> Taken:
        raw, origin = self._copy(entry)
        finished = self._worker.cleaned(raw, entry.digest, entry.dataset, looked=True)
        finished = replace(finished, origin=origin, decision=_decision(entry, "release", by, "kept"))
        with self._lock:
            (what,) = self._shelf.settle([finished])
        if what == "conflict":
            raise _conflict()
        return Taken("kept", entry.digest, sop=finished.entry.sop, dataset=entry.dataset)

    def reject(self, entry: Entry, by: Person) -> None:
        """Take an object out of quarantine for good; if it comes again, it is refused.

        Args:
            entry: The object.
            by: Who decided it.
        """
        fault = RejectedImage("A person of this node has rejected it.")
        gone = Entry(entry.digest, "refused", entry.dataset, fault.code, fault.message, entered=now())
        with self._lock:
            self._shelf.settle([Finished(gone, decision=_decision(entry, "reject", by, "refused"))])

    @cached_property
    def _shelf(self) -> Shelf:
        """Opened when first needed: an object store brings threads, and processes are begun before."""
        return Shelf(self.home.blobs, self.home.quarantine, self._ledger)

    def _copy(self, entry: Entry) -> tuple[Data, str]:
        path, origin = self._shelf.laid_aside(entry)
        with plain_file_errors():
            if not path.exists():
                raise NotFound("There is no copy of this file in quarantine; import it again.")
        return read_file(path), origin

    def _known(self, digest: str) -> Entry | None:
        with self._reading:  # nobody who looks waits until what others bring is durable
            return self._read.entry(digest)

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
            raw = _read_again(arrival)
            if self._is_kept_otherwise(raw, entry):
                return Taken("duplicate", entry.digest, sop=entry.sop, dataset=self._dataset_of(entry))
            again = self._worker.laid_aside(_conflict(), raw, entry.digest, entry.dataset, arrival.name)
            return self._settle([arrival], [again])[0]
        place = self._dataset_of(entry) if what == "duplicate" else entry.dataset
        face = entry.series if what == "kept" and SAYS_YES in entry.attributes else ""
        return Taken(what, entry.digest, entry.code, entry.reason, entry.sop, place, face)

    def _dataset_of(self, entry: Entry) -> str:
        """The dataset that an object is in which has come before."""
        with self._reading:
            holder = self._read.entry(self._read.holder(entry.sop) or entry.digest)
        return entry.dataset if holder is None else holder.dataset

    def _is_kept_otherwise(self, raw: Data, entry: Entry) -> bool:
        """Whether a file is what is kept of before the node began to compress what it keeps, or ended it."""
        with self._reading:
            holder = self._read.entry(self._read.holder(entry.sop) or "")
        if holder is None or holder.syntax == entry.syntax:
            return False
        otherwise = replace(self._worker, compress=not self._worker.compress)
        try:
            finished = otherwise.cleaned(raw, entry.digest, entry.dataset)
        except (ImageError, MissingPackage):
            return False
        with self._lock:
            kept = self._shelf.is_kept(finished)
        if finished.draft is not None:
            finished.draft.unlink(missing_ok=True)
        return kept


def _read_again(arrival: Arrival) -> Data:
    try:
        return arrival.read()
    except ImageError:  # it is gone meanwhile
        return b""


def _decision(entry: Entry, what: str, by: Person, became: str) -> Decision:
    return Decision(entry.digest, what, by.name, by.way, now(), became)


def _conflict() -> ConflictingImage:
    return ConflictingImage("Another image with the same SOP Instance UID is kept already.")

"""The order of the stages for archives: a receiver or a pull in front of the intake, the index behind it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from threading import Event, Lock
from typing import Any, Self

from oncommons.imaging.deid.values import replaced
from oncommons.node.deidentify import node_keys
from oncommons.node.flow import index_images
from oncommons.node.home import Home
from oncommons.node.intake import ImageReport, Intake, Taken
from oncommons.node.receive.dimse.listening import Heard, Listening, dimse
from oncommons.node.receive.pulling import Arrivals, StudyReport, pull
from oncommons.node.receive.studies import DimseAddress, WebAddress
from oncommons.node.receive.table import About
from oncommons.node.receive.wado import Login, WebArchive
from oncommons.schema.errors import OncommonsError
from oncommons.storage.ledger import Ledger

log = logging.getLogger("oncommons.receive")

Progress = Callable[[StudyReport], None]


@dataclass
class Tally:
    """What became of everything that came; several threads may count.

    Attributes:
        report: What was taken in.
        failed: Objects that this machine could not take; their sender was told, and has them still.
    """

    report: ImageReport = field(default_factory=ImageReport)
    failed: int = 0
    _lock: Lock = field(default_factory=Lock)

    def count(self, heard: Heard) -> None:
        """Count one object."""
        with self._lock:
            if heard.outcome == "failed":
                self.failed += 1
            else:
                self.report.count(Taken(heard.outcome, "", heard.code))

    def to_json(self) -> dict[str, Any]:
        """The tally as JSON."""
        body = self.report.to_json()
        del body["elsewhere"]  # a sender names no dataset
        return body | {"came": body["came"] + self.failed, "failed": self.failed}


class Reception:
    """A receiver with the intake behind it; what came is indexed when nothing has come for a while.

    Args:
        home: The node.
        settings: Where and how to listen, and for which dataset.
        about: The dataset in words.
        quiet: Seconds without an object after which the index is renewed.

    Raises:
        MissingPackage: pynetdicom is not installed.
        PacsError: a title cannot be one.
        MachineError: the port, the certificate or the disk cannot be used.
    """

    def __init__(self, home: Home, settings: Listening, about: About, quiet: float = 5.0) -> None:
        self.tally, self.settings = Tally(), replace(settings, room=home.drafts)
        self._home, self._about, self._quiet = home, about, quiet
        self._inside, self._news, self._behind, self._ended = ExitStack(), Event(), False, False
        self._hearers: list[Callable[[Heard], None]] = [self.tally.count]

    @property
    def port(self) -> int:
        """The port that is listened at."""
        return int(self._receiver.port)

    def tell(self, hearer: Callable[[Heard], None]) -> None:
        """Have somebody else hear of each object, too."""
        self._hearers.append(hearer)

    def __enter__(self) -> Self:
        with ExitStack() as inside:
            receiver = dimse("receiver").Receiver
            intake = inside.enter_context(Intake(self._home))
            self._receiver = receiver(intake.take, self.settings, self._hear)
            self._receiver.start()
            inside.callback(self._receiver.stop)
            self._inside = inside.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._inside.close()
        if self._behind:
            self._index()

    def index_when_quiet(self) -> None:
        """Wait for objects, and then until none has come for a while; bring what is kept into the index."""
        self._news.wait()
        while self._news.is_set() and not self._ended:
            self._news.clear()
            self._news.wait(self._quiet)
        try:
            if self._behind:
                self._index()
        except OncommonsError:
            log.exception("What came is kept, and could not be indexed yet.")

    def index_until_ended(self) -> None:
        """Bring what is kept into the index each time, until :meth:`end_indexing`; for a thread of its own."""
        while not self._ended:
            self.index_when_quiet()

    def end_indexing(self) -> None:
        """Have whoever waits for objects wait no longer; what comes then is indexed when the reception ends."""
        self._ended = True
        self._news.set()

    def _index(self) -> None:
        self._behind = False
        try:
            index_images(self._home, self.settings.dataset, self._about)
        except BaseException:
            self._behind = True
            raise

    def _hear(self, heard: Heard) -> None:
        for hearer in self._hearers:
            hearer(heard)
        if heard.outcome == "kept":
            self._behind = True
            self._news.set()


@dataclass(frozen=True)
class PullReport:
    """What became of the studies that were asked for.

    Attributes:
        studies: Each study.
        tally: What became of everything that came.
    """

    studies: Sequence[StudyReport]
    tally: Tally

    @property
    def is_complete(self) -> bool:
        """Whether nothing lacks."""
        return all(study.is_complete for study in self.studies)

    def to_json(self) -> dict[str, Any]:
        """The report as JSON."""
        studies = [study.to_json() for study in self.studies]
        return {"complete": self.is_complete, **self.tally.to_json(), "studies": studies}


def pull_by_move(
    home: Home, address: DimseAddress, studies: Sequence[str], reception: Reception, tell: Progress
) -> PullReport:
    """Pull studies from an archive that sends them to our receiver.

    Args:
        home: The node.
        address: The archive.
        studies: Study Instance UIDs.
        reception: Our receiver, entered; its title is the one that the archive knows.
        tell: Hears of each study.

    Raises:
        PacsError: a title cannot be one.
        MachineError: a certificate or the disk cannot be used.
    """
    query, ours, arrivals = dimse("query"), reception.settings, Arrivals()
    reception.tell(arrivals.hear)
    archive = query.DimseArchive(address, query.Us(ours.aet, ours.certificate, ours.key, ours.ca))
    with _kept_here(home) as is_kept:
        return PullReport(_told(pull(archive, studies, is_kept, arrivals), tell), reception.tally)


@dataclass(frozen=True)
class Wanted:
    """What to pull, and into which dataset.

    Attributes:
        studies: Study Instance UIDs.
        dataset: The dataset's name.
        about: The dataset in words.
    """

    studies: Sequence[str]
    dataset: str
    about: About


def pull_from_web(home: Home, address: WebAddress, login: Login, wanted: Wanted, tell: Progress) -> PullReport:
    """Pull studies from an archive behind a web server, and index them.

    Args:
        home: The node.
        address: The archive.
        login: How this node is known there.
        wanted: What to pull.
        tell: Hears of each study.

    Raises:
        MachineError: the certificates or the disk cannot be used; what was kept until then stays.
    """
    tally, arrivals = Tally(), Arrivals()

    def hear(heard: Heard) -> None:
        tally.count(heard)
        arrivals.hear(heard)

    with (
        Intake(home) as intake,
        _kept_here(home) as is_kept,
        closing(WebArchive(address, login, wanted.dataset, intake.take, hear, home.drafts)) as archive,
    ):
        told = _told(pull(archive, wanted.studies, is_kept, arrivals), tell)
    if tally.report.kept:
        index_images(home, wanted.dataset, wanted.about)
    return PullReport(told, tally)


def _told(studies: Iterator[StudyReport], tell: Progress) -> list[StudyReport]:
    told = []
    for study in studies:
        tell(study)
        told.append(study)
    return told


@contextmanager
def _kept_here(home: Home) -> Iterator[Callable[[str], bool]]:
    """Whether an instance, by its original SOP Instance UID, is kept at this node."""
    keys = node_keys(home.secret_file)
    with closing(Ledger(home.ledger_file)) as ledger:

        def is_kept(sop: str) -> bool:
            return ledger.holder(replaced(sop.encode("ascii", "replace"), keys).decode("ascii")) is not None

        yield is_kept

"""The order of the stages, and nowhere else: receive, deidentify, keep, index, share, report."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

import duckdb

from oncommons.imaging.deid.clean import Cleaned, deidentify
from oncommons.imaging.deid.keys import Keys
from oncommons.imaging.deid.rules import CANCER_RESEARCH
from oncommons.node.deidentify import node_keys
from oncommons.node.home import Home
from oncommons.node.index.asking import Index
from oncommons.node.index.build import NewDataset, build
from oncommons.node.keep.shelf import Shelf
from oncommons.node.receive.folder import files_in, read_file
from oncommons.node.receive.kept import receive_kept
from oncommons.node.receive.table import About, Received
from oncommons.node.report.cards import write_cards
from oncommons.node.share.release import release_answer
from oncommons.schema.answer import NodeAnswer
from oncommons.schema.dataset import DatasetCard
from oncommons.schema.errors import ConflictingImage, ImageError, NotDicom, NothingImported, UnreadableSource
from oncommons.schema.parsing import parse_question
from oncommons.storage.generations import Generations
from oncommons.storage.ledger import Entry, Ledger, Outcome

Source = Callable[[duckdb.DuckDBPyConnection], Received]
"""A way in: fills the temporary table ``received`` and says what it holds."""


def import_from(source: Source, tables: Generations) -> Received:
    """Receive from a source and index what came; datasets that come again are replaced.

    Raises:
        NodeError: the source cannot be read; the node's tables are as before.
        MachineError: the disk is full or broken; the node's tables are as before.
    """
    with tables.fresh() as connection:
        received = source(connection)
        words = received.about
        build(
            connection,
            [NewDataset(n, w.title, w.licence, w.source, w.about, received.fields) for n, w in words.items()],
        )
    return received


Tell = Callable[[Path, str], None]
"""Called with each file and what became of it."""


@dataclass
class ImageReport:
    """What became of the files of one import; every file is in exactly one of the four numbers.

    Attributes:
        kept: Files that are kept now.
        duplicate: Files that were there already, bit by bit.
        quarantined: Files that wait for a person, by error code.
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
        """How many files came in."""
        return self.kept + self.duplicate + self.quarantined.total() + self.refused

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


def import_images(home: Home, place: Path, dataset: str, about: About, tell: Tell) -> ImageReport:
    """Take in a file or a folder of DICOM files.

    It can be stopped at any moment and run again: what is kept stays, the rest is done then.

    Args:
        home: The node.
        place: The file or folder.
        dataset: Which dataset the images belong to.
        about: The dataset in words.
        tell: Hears of each file.

    Raises:
        UnreadableSource: there is no such place, or the dataset has no name.
        MachineError: the disk is full or broken; what was kept until then stays.
    """
    dataset = dataset.strip()
    if not dataset:
        raise UnreadableSource("The dataset needs a name: --dataset NAME.")
    files = files_in(place)
    keys = node_keys(home.secret_file)
    with closing(Ledger(home.ledger_file)) as ledger:
        with Shelf(home.images, home.quarantine, ledger) as shelf:
            report = _take_in(files, shelf, dataset, keys, tell)
        rows = ledger.series(dataset)
    report.series = len(rows)
    if rows:
        import_from(lambda connection: receive_kept(connection, dataset, rows, about), home.tables)
    return report


def _take_in(files: Iterable[Path], shelf: Shelf, dataset: str, keys: Keys, tell: Tell) -> ImageReport:
    report = ImageReport()
    for path in files:
        outcome, code = _one(path, shelf, dataset, keys)
        if outcome == "quarantined":
            report.quarantined[code] += 1
        else:
            setattr(report, outcome, getattr(report, outcome) + 1)
        tell(path, outcome)
    return report


def _one(path: Path, shelf: Shelf, dataset: str, keys: Keys) -> tuple[str, str]:
    """What becomes of one file, and the code of the reason."""
    raw, digest = b"", ""
    try:
        raw = read_file(path)
        digest = hashlib.sha256(raw).hexdigest()
        before = shelf.entry(digest)
        if before is not None and before.outcome == "kept":
            return "duplicate", ""
        cleaned = deidentify(raw, CANCER_RESEARCH, keys)
        if shelf.holder(cleaned.sop) not in {None, digest}:
            raise ConflictingImage("Another image with the same SOP Instance UID is kept already.")
        shelf.keep(_entry(digest, dataset, cleaned), cleaned.content)
    except ImageError as fault:
        outcome: Outcome = "refused" if isinstance(fault, NotDicom) else "quarantined"
        digest = digest or hashlib.sha256(os.fsencode(path)).hexdigest()  # what cannot be read is known by its path
        shelf.note(Entry(digest, outcome, dataset, fault.code, fault.message, size=len(raw)), raw)
        return outcome, fault.code
    return "kept", ""


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
        size=len(cleaned.content),
    )


@dataclass
class Desk:
    """Where a serving node answers questions; notices when an import has brought new tables.

    One question at a time: the tables are read by one thread.
    """

    home: Home
    _path: Path | None = None
    _index: Index | None = None
    _lock: Lock = field(default_factory=Lock)

    def answer(self, body: object) -> NodeAnswer:
        """Answer a cohort question, released by the node's policy.

        Raises:
            QuestionError: this node cannot read the question.
            NothingImported: the node holds no data yet.
        """
        question = parse_question(body)
        with self._lock:
            tallies = self._current().ask(question)
        name = self.home.membership.name if self.home.membership else ""
        return release_answer(name, question, tallies, self.home.policy)

    def cards(self) -> tuple[DatasetCard, ...]:
        """The node's dataset cards; none before anything was imported."""
        with self._lock:
            if self.home.tables.current() is None:
                return ()
            index = self._current()
            return write_cards(index.datasets.values(), index.people_by_code(), self.home.policy)

    def has_news(self) -> bool:
        """Whether an import has brought tables that no answer has used yet."""
        return self.home.tables.current() != self._path

    def _current(self) -> Index:
        path = self.home.tables.current()
        if path != self._path or self._index is None:
            fresh = self.home.tables.open()
            if fresh is None:
                raise NothingImported("This node holds no data yet: oncommons node import.")
            if self._index is not None:
                self._index.close()
            self._index, self._path = Index(fresh), path
        return self._index

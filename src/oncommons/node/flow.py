"""The order of the stages, and nowhere else: receive, deidentify, keep (see intake), index, share, report."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

import duckdb

from oncommons.node.home import Home
from oncommons.node.index.asking import Index
from oncommons.node.index.build import NewDataset, build
from oncommons.node.intake import ImageReport, Intake, Taken, Tell
from oncommons.node.receive.arrival import Arrival
from oncommons.node.receive.kept import receive_kept
from oncommons.node.receive.table import About, Received
from oncommons.node.report.cards import write_cards
from oncommons.node.share.release import release_answer
from oncommons.schema.answer import NodeAnswer
from oncommons.schema.dataset import DatasetCard
from oncommons.schema.errors import ImageError, NotFound, NothingImported, UnreadableSource
from oncommons.schema.parsing import parse_question
from oncommons.storage.decisions import Person
from oncommons.storage.generations import Generations
from oncommons.storage.ledger import Entry, Ledger

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
        connection.begin()  # one write to the disk instead of a hundred
        build(
            connection,
            [NewDataset(n, w.title, w.licence, w.source, w.about, received.fields) for n, w in words.items()],
        )
        connection.commit()
    return received


def import_images(
    home: Home, arrivals: Iterable[Arrival], dataset: str, about: About, tell: Tell, processes: int = 1
) -> ImageReport:
    """Take in images and index them.

    It can be stopped at any moment and run again: what is kept stays, the rest is done then.

    Args:
        home: The node.
        arrivals: What came in.
        dataset: Which dataset the images belong to.
        about: The dataset in words.
        tell: Hears of each object.
        processes: How many processes de-identify.

    Raises:
        UnreadableSource: the dataset has no name.
        MachineError: the disk is full or broken; what was kept until then stays.
    """
    dataset = dataset.strip()
    if not dataset:
        raise UnreadableSource("The dataset needs a name: --dataset NAME.")
    with Intake(home) as intake:
        report = intake.take_all(arrivals, dataset, tell, processes)
    index_images(home, dataset, about)
    return report


def index_images(home: Home, dataset: str, about: About) -> None:
    """Bring the kept images of a dataset into the tables that questions are answered from.

    Raises:
        MachineError: the disk is full or broken; the tables are as before.
    """
    with closing(Ledger(home.ledger_file)) as ledger:
        rows = ledger.series(dataset)
    if rows:
        import_from(lambda connection: receive_kept(connection, dataset, rows, about), home.tables)


def release_images(
    home: Home, waiting: Sequence[Entry], by: Person, index: Callable[[str], None] | None = None
) -> list[Taken]:
    """Keep files of quarantine that a person has looked at, and index them; tells what became of each.

    Args:
        home: The node.
        waiting: The files.
        by: Who decided it.
        index: Has a dataset indexed; at once where it is left out.

    Raises:
        MachineError: the disk is full or broken; what was kept until then stays.
    """
    told: list[Taken] = []
    with Intake(home) as intake:
        for entry in waiting:
            try:
                told.append(intake.release(entry, by))
            except (ImageError, NotFound) as fault:
                told.append(Taken("quarantined", entry.digest, fault.code, fault.message))
    for dataset in sorted({e.dataset for e, t in zip(waiting, told, strict=True) if t.outcome == "kept"}):
        if index:
            index(dataset)
        else:
            index_images(home, dataset, About(""))
    return told


def reject_images(home: Home, waiting: Sequence[Entry], by: Person) -> None:
    """Delete the copies of files in quarantine; if they come again, they are refused.

    Args:
        home: The node.
        waiting: The files.
        by: Who decided it.

    Raises:
        MachineError: the disk is full or broken; what was rejected until then is gone.
    """
    with Intake(home) as intake:
        for entry in waiting:
            intake.reject(entry, by)


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

"""The order of the stages, and nowhere else: receive, deidentify, keep (see intake), index, share, report."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import cached_property
from threading import Lock

import duckdb

from oncommons.node.disclosing import DISCLOSURES, Disclosure
from oncommons.node.home import Home
from oncommons.node.index.asking import Index
from oncommons.node.index.build import NewDataset, build
from oncommons.node.index.links import FIELD, offer_links
from oncommons.node.intake import ImageReport, Intake, Taken, Tell
from oncommons.node.linking import link_kept
from oncommons.node.receive.accepted import Accepted, offer, read_mappings
from oncommons.node.receive.arrival import Arrival
from oncommons.node.receive.kept import receive_kept
from oncommons.node.receive.table import About, Received
from oncommons.policy.budget import EVERYBODY
from oncommons.schema.answer import NodeAnswer
from oncommons.schema.dataset import DatasetCard
from oncommons.schema.errors import ImageError, MalformedQuestion, NotFound, NothingImported, UnreadableSource
from oncommons.schema.parsing import parse_question
from oncommons.storage.decisions import Person
from oncommons.storage.generations import Generations
from oncommons.storage.ledger import Entry, Ledger

EVEN_SECONDS = 0.01
"""Under the rules ``noise`` and ``private`` an answer takes a multiple of this, or its time would tell a few people from nobody."""
Source = Callable[[duckdb.DuckDBPyConnection], Received]
"""A way in: fills the temporary table ``received`` and says what it holds."""


def import_from(source: Source, tables: Generations, accepted: Callable[[], Sequence[Accepted]] = tuple) -> Received:
    """Receive from a source and index what came; datasets that come again are replaced.

    Args:
        source: A way in.
        tables: The node's tables.
        accepted: Reads the mappings that the node's people accepted, when nobody else writes tables; they win over the
            rules.

    Raises:
        NodeError: the source cannot be read; the node's tables are as before.
        MachineError: the disk is full or broken; the node's tables are as before.
    """
    with tables.fresh() as connection:
        offer(connection, accepted())
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
        processes: How many processes de-identify; 0 chooses, see :func:`oncommons.node.workers.finished`.

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
        if not ledger.number_of_series(dataset):
            return

    def receive(connection: duckdb.DuckDBPyConnection) -> Received:
        """Read what is kept when nobody else writes tables, or a later index could be replaced by an earlier one."""
        with closing(Ledger(home.ledger_file)) as ledger:
            found = receive_kept(connection, dataset, ledger.series(dataset), about, ledger.attributes(dataset))
        offer_links(connection, link_kept(home, dataset))
        return replace(found, fields=found.fields | {FIELD})

    import_from(receive, home.tables, lambda: accepted_at(home))


def accepted_at(home: Home) -> tuple[Accepted, ...]:
    """The mappings that a node's people accepted.

    Raises:
        BadMappingFile: somebody spoilt the node's file of them.
    """
    if not home.mappings_file.exists():
        return ()
    return read_mappings(home.mappings_file).mappings


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

    Attributes:
        home: The node.
        clock: Tells the time, in seconds.
        wait: Waits so many seconds.
    """

    home: Home
    clock: Callable[[], float] = time.perf_counter
    wait: Callable[[float], None] = time.sleep
    _index: Index | None = None
    _state: str = ""
    _lock: Lock = field(default_factory=Lock)

    @cached_property
    def disclosure(self) -> Disclosure:
        """Applies the node's rule."""
        return DISCLOSURES[self.home.policy.rule](self.home)

    def answer(self, body: object, project: str = EVERYBODY) -> NodeAnswer:
        """Answer a cohort question, released by the node's policy.

        Args:
            body: The question's JSON.
            project: Who asks; what one project was told is remembered together.

        Raises:
            QuestionError: this node cannot read the question.
            NothingImported: the node holds no data yet.
            BudgetSpent: the project has asked as much as it may.
            TooManyQuestions: it asks faster than it may.
            BeyondPrivacy: the rule ``private`` cannot answer it.
        """
        begun = self.clock()
        question = parse_question(body)
        if question.nodes:  # else one question had many forms here, each with a price and an answer of its own
            raise MalformedQuestion("Nodes are named at a hub; a node answers for itself.", at="nodes")
        name = self.home.membership.name if self.home.membership else ""
        try:
            with self._lock:
                index = self._current()
                return replace(self.disclosure.answer(index, self._state, project, question), node=name)
        finally:  # a refusal, too, may have waited for somebody else's answer
            if self.disclosure.even:
                self.wait((begun - self.clock()) % EVEN_SECONDS)

    def cards(self) -> tuple[DatasetCard, ...]:
        """The node's dataset cards; none before anything was imported."""
        with self._lock:
            return self.disclosure.cards(self._current()) if self.home.tables.state() else ()

    def has_news(self) -> bool:
        """Whether an import has brought tables that no answer has used yet."""
        return self.home.tables.state() != self._state

    def close(self) -> None:
        """Close the tables, and what was told."""
        if self._index is not None:
            self._index.close()
        self.disclosure.close()

    def _current(self) -> Index:
        while self._index is None or self.home.tables.state() != self._state:
            if self._index is not None:  # first, since DuckDB gives the same tables again for a file of the same name
                self._index.close()
                self._index = None
            state, fresh = self.home.tables.state(), self.home.tables.open()
            if fresh is None:
                raise NothingImported("This node holds no data yet: oncommons node import.")
            if self.home.tables.state() != state:  # replaced meanwhile
                fresh.close()
                continue
            self._index, self._state = self.disclosure.see(fresh), state
        return self._index

"""The order of the stages, and nowhere else: receive, deidentify, keep (see intake), index, share, report."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import replace

import duckdb

from oncommons.node.home import Home
from oncommons.node.index.build import NewDataset, build
from oncommons.node.index.links import FIELD, offer_links
from oncommons.node.intake import ImageReport, Intake, Taken, Tell
from oncommons.node.linking import link_kept
from oncommons.node.receive.accepted import Accepted, offer, read_mappings
from oncommons.node.receive.arrival import Arrival
from oncommons.node.receive.kept import receive_kept
from oncommons.node.receive.table import About, Received
from oncommons.node.recording import record
from oncommons.schema.errors import ImageError, NotFound, UnreadableSource
from oncommons.storage.decisions import Person
from oncommons.storage.generations import Generations
from oncommons.storage.ledger import Entry, Ledger

Source = Callable[[duckdb.DuckDBPyConnection], Received]
"""A way in: fills the temporary table ``received`` and says what it holds."""


_MANY = 10_000
"""Series that several threads index sooner than one."""


def import_from(
    source: Source,
    tables: Generations,
    accepted: Callable[[], Sequence[Accepted]] = tuple,
    *,
    little: bool = False,
) -> Received:
    """Receive from a source and index what came; datasets that come again are replaced.

    Args:
        source: A way in.
        tables: The node's tables.
        accepted: Reads the mappings that the node's people accepted, when nobody else writes tables; they win over the
            rules.
        little: Whether few rows come.

    Raises:
        NodeError: the source cannot be read; the node's tables are as before.
        MachineError: the disk is full or broken; the node's tables are as before.
    """
    with tables.fresh(little=little) as connection:
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
        number = ledger.number_of_series(dataset)
    if not number:
        return

    def receive(connection: duckdb.DuckDBPyConnection) -> Received:
        """Read what is kept when nobody else writes tables, or a later index could be replaced by an earlier one."""
        with closing(Ledger(home.ledger_file)) as ledger:
            found = receive_kept(connection, dataset, ledger.series(dataset), about, ledger.attributes(dataset))
        offer_links(connection, link_kept(home, dataset))
        return replace(found, fields=found.fields | {FIELD})

    import_from(receive, home.tables, lambda: accepted_at(home), little=number < _MANY)
    record(home, "imported", {"way": "images", "datasets": [dataset], "series": number})


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

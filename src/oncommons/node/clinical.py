"""The order of the stages for clinical data: receive, index, and how people are linked to images."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import duckdb

from oncommons.node.deidentify import node_keys
from oncommons.node.home import Home
from oncommons.node.index.build import build
from oncommons.node.index.clinical import NewSource, links
from oncommons.node.index.contradictions import Contradiction, find_contradictions
from oncommons.node.receive.clinical.loading import FIRST
from oncommons.node.receive.clinical.records import Fault, Names, Source, Taken

Receive = Callable[[duckdb.DuckDBPyConnection], Taken]
"""A way in: fills the temporary tables ``clinical_…`` and says what came."""


@dataclass(frozen=True)
class ClinicalReport:
    """What became of a source of clinical data.

    Attributes:
        taken: What came.
        links: How many people of the dataset are in clinical data and in images (``both``), or in only one of them.
    """

    taken: Taken
    links: Mapping[str, int]

    def to_json(self) -> dict[str, Any]:
        """The report as JSON."""
        taken = self.taken
        return {
            "dataset": taken.source.dataset,
            "source": taken.source.name,
            "read": taken.read,
            "refused": taken.refused,
            "passed_over": dict(sorted(taken.passed_over.items())),
            "rows": dict(sorted(taken.rows.items())),
            "faults": dict(sorted(taken.faults.items())),
            "first_faults": [_fault(f) for f in taken.first],
            "people": dict(self.links),
        }


def import_clinical(home: Home, receive: Receive) -> ClinicalReport:
    """Receive from a source of clinical data and index what came; a source of the same name and dataset is replaced.

    Args:
        home: The node.
        receive: The way in.

    Raises:
        NodeError: the source cannot be read; the node's tables are as before.
        MachineError: the disk is full or broken; the node's tables are as before.
    """
    with home.tables.fresh() as connection:
        connection.begin()  # one write to the disk instead of two hundred
        taken = receive(connection)
        source = taken.source
        words = (source.about.title, source.about.licence, source.about.source, source.about.about)
        build(connection, [], NewSource(source.dataset, source.name, source.kind, source.digest, source.fields, words))
        wrong = find_contradictions(connection, source.dataset, source.name)
        found = links(connection, source.dataset)
        connection.commit()
    return ClinicalReport(_with(taken, wrong), found)


def faults_of(home: Home, source: Source) -> list[tuple[Any, ...]]:
    """Everything that could not be read of a source: row, place, code, message, and whether the rest was taken.

    Args:
        home: The node.
        source: The source as it was taken.

    Raises:
        StorageFailed: the tables cannot be read.
    """
    connection = home.tables.open()
    if connection is None:
        return []
    with connection:
        query = "SELECT source_row, place, code, message, kept FROM omop.fault WHERE dataset = $1 AND source = $2 ORDER BY ALL"
        return connection.execute(query, [source.dataset, source.name]).fetchall()


def names_at(home: Home) -> Names:
    """What the node calls people and studies: as in the images that it keeps.

    Args:
        home: The node.

    Raises:
        StorageFailed: the node's secret cannot be read.
    """
    keys = node_keys(home.secret_file)
    return Names(
        lambda number: keys.patient(number.strip().encode("utf-8")).decode("ascii"),
        lambda uid: keys.uid(uid.strip().encode("ascii", "replace")).decode("ascii"),
    )


def _with(taken: Taken, wrong: Sequence[Contradiction]) -> Taken:
    """What came, with what only all rows together show to be wrong."""
    faults = Counter(taken.faults) + Counter(w.code for w in wrong)
    told = [*taken.first, *(Fault(w.row, w.place, w.code, w.message) for w in wrong)]
    return replace(taken, faults=dict(faults), first=tuple(sorted(told[:FIRST], key=lambda f: f.row)))


def _fault(fault: Fault) -> dict[str, Any]:
    return {
        "row": fault.row,
        "at": fault.at,
        "code": fault.code,
        "message": fault.message,
        "kept": fault.kept,
    }

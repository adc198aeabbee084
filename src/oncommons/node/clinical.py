"""The order of the stages for clinical data: receive, index, and how people are linked to images."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from shlex import quote
from typing import Any

import duckdb

from oncommons.node.deidentify import node_keys
from oncommons.node.home import Home
from oncommons.node.index.build import build
from oncommons.node.index.clinical import NewSource, SourceKey, links, sources
from oncommons.node.index.contradictions import Contradiction, find_contradictions
from oncommons.node.index.unlinked import find_unlinked, imaged_datasets
from oncommons.node.receive.clinical.loading import FIRST
from oncommons.node.receive.clinical.records import Names, Source, Taken
from oncommons.node.receive.clinical.resuming import Readings
from oncommons.node.receive.faults import Fault, FaultGroup, grouped
from oncommons.node.recording import record
from oncommons.schema.errors import NotFound
from oncommons.schema.errors_of_rows import NotFhir, SourceTwice

Receive = Callable[[duckdb.DuckDBPyConnection], Taken]
"""A way in: fills the temporary tables ``clinical_…`` and says what came."""


@dataclass(frozen=True)
class ClinicalReport:
    """What became of a source of clinical data.

    Attributes:
        taken: What came.
        links: How many people of the dataset are in clinical data and in images (``both``), or in only one of them.
        imaged: Other datasets of the node that have images, where this one has none.
        groups: What could not be read, by place and kind; all of it counts.
        elsewhere: Other datasets that hold the same content, each with its name there.
    """

    taken: Taken
    links: Mapping[str, int]
    groups: tuple[FaultGroup, ...] = ()
    elsewhere: tuple[SourceKey, ...] = ()
    imaged: tuple[str, ...] = ()

    @property
    def is_complete(self) -> bool:
        """Whether all that is in the source could be read, if not always understood; else it says of nobody what is not."""
        return NotFhir.code not in self.taken.faults

    def to_json(self) -> dict[str, Any]:
        """The report as JSON."""
        taken = self.taken
        return {
            "dataset": taken.source.dataset,
            "source": taken.source.name,
            "read": taken.read,
            "refused": taken.refused,
            "complete": self.is_complete,
            "damaged": list(taken.damaged),
            "passed_over": dict(sorted(taken.passed_over.items())),
            "rows": dict(sorted(taken.rows.items())),
            "faults": dict(sorted(taken.faults.items())),
            "fault_groups": [vars(group) for group in self.groups],
            "first_faults": [_fault(f) for f in taken.first],
            "skipped": list(taken.skipped),
            "elsewhere": [{"dataset": dataset, "source": name} for dataset, name in self.elsewhere],
            "people": dict(self.links),
            "imaged_elsewhere": list(self.imaged),
        }


def import_clinical(home: Home, receive: Receive) -> ClinicalReport:
    """Receive from a source of clinical data and index what came; a source of the same name and dataset is replaced.

    Args:
        home: The node.
        receive: The way in.

    Raises:
        NodeError: the source cannot be read; the node's tables are as before.
        SourceTwice: the dataset has the same content under another name; the node's tables are as before.
        MachineError: the disk is full or broken; the node's tables are as before.
    """
    with home.tables.fresh() as connection:
        connection.begin()  # one write to the disk instead of two hundred
        taken = receive(connection)
        source = taken.source
        elsewhere = _elsewhere(connection, source)
        words = (source.about.title, source.about.licence, source.about.source, source.about.about)
        build(connection, [], NewSource(source.dataset, source.name, source.kind, source.digest, source.fields, words))
        wrong = find_contradictions(connection, source.dataset, source.name)
        found, groups = links(connection, source.dataset), _groups(connection, source)
        imaged = () if found["images"] or found["both"] else imaged_datasets(connection)
        connection.commit()
        Readings(home.readings).forget()
    rows = sum(taken.rows.values())
    record(home, "imported", {"way": "clinical", "datasets": [source.dataset], "source": source.name, "rows": rows})
    return ClinicalReport(_with(taken, wrong), found, groups, elsewhere, imaged)


def remove_clinical(home: Home, name: str, dataset: str = "") -> SourceKey:
    """Take away all that a source of clinical data said; the node is then as if it had never come.

    Only words of the dataset that it has replaced, such as the title, stay as they are.

    Args:
        home: The node.
        name: What the source is called.
        dataset: Which dataset it belongs to; may be left out where only one has a source of the name.

    Returns:
        Dataset and name of the source that was removed.

    Raises:
        NotFound: there is no such source, or several; nothing was changed.
        MachineError: the disk is full or broken; nothing was changed.
    """
    connection = home.tables.open()
    there: list[SourceKey] = []
    if connection is not None:
        with connection:
            there = sources(connection)
    found = [one for one in there if one[1] == name and dataset in {"", one[0]}]
    if len(found) != 1:
        raise NotFound(_not_one(name, found, there))
    with home.tables.fresh() as fresh:
        fresh.begin()
        build(fresh, [], gone=found[0])
        fresh.commit()
    record(home, "removed", {"way": "clinical", "datasets": [found[0][0]], "source": found[0][1]})
    return found[0]


def _not_one(name: str, found: Sequence[SourceKey], there: Sequence[SourceKey]) -> str:
    if found:
        return f"Several datasets have a source {name!r}: {', '.join(d for d, _ in found)}. Say which: --dataset NAME."
    near = get_close_matches(name, [one for _, one in there], n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    named = ", ".join(f"{one!r} of {d}" for d, one in there)
    return f"The node has no clinical source {name[:80]!r}.{hint} " + (f"It has {named}." if there else "It has none.")


def _elsewhere(connection: duckdb.DuckDBPyConnection, source: Source) -> tuple[SourceKey, ...]:
    """Other datasets that hold the content of a source."""
    same = sources(connection, source.digest, old=True) if source.digest else []
    twins = [name for dataset, name in same if dataset == source.dataset and name != source.name]
    if twins:
        raise SourceTwice(
            f"The dataset {source.dataset} has the content of {source.name} already, as the source {twins[0]!r}; its rows "
            "would count twice. Nothing was changed. If it is to have the new name, remove the old one first: "
            f"oncommons node clinical {quote(twins[0])} --remove --dataset {quote(source.dataset)}"
        )
    return tuple(one for one in same if one[0] != source.dataset)


def _groups(connection: duckdb.DuckDBPyConnection, source: Source) -> tuple[FaultGroup, ...]:
    return grouped(connection, "omop.fault", "dataset = $1 AND source = $2", (source.dataset, source.name))


def faults_of(home: Home, source: Source) -> list[tuple[Any, ...]]:
    """Everything that could not be read of a source: row, place, code, message, and whether the rest was taken.

    After it, as far as the dataset has images: who of the source has none, by row, and who has only images, by pseudonym.

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
        found = connection.execute(query, [source.dataset, source.name]).fetchall()
        return found + [
            (one.row, "person", "", one.message, True) for one in find_unlinked(connection, source.dataset, source.name)
        ]


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

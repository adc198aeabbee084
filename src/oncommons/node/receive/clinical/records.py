"""What every way in for clinical data delivers: rows of OMOP tables, all text, and what could not be read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from oncommons.node.receive.faults import Fault
from oncommons.node.receive.table import About


class OmopRow(NamedTuple):
    """A row of an OMOP table.

    Attributes:
        table: Name of the table.
        person: Pseudonym of the person.
        item: Name of the row within its source; what belongs to it says so in ``event_item``.
        row: Where in the source it stood, counted from 1.
        values: Column to text; what is absent is missing.
    """

    table: str
    person: str
    item: str
    row: int
    values: Mapping[str, str]


Put = Callable[[OmopRow], None]
"""Takes a row of an OMOP table."""
Complain = Callable[[Fault], None]
"""Hears what could not be read."""


@dataclass(frozen=True)
class Names:
    """What is called how at this node.

    Attributes:
        person: Number that the hospital gave a patient to what the images of the node call them.
        study: Study Instance UID to the one that the images of the node have.
    """

    person: Callable[[str], str]
    study: Callable[[str], str]


AS_GIVEN = Names(str.strip, str.strip)
"""People and studies are called as in the source."""


@dataclass(frozen=True)
class Source:
    """A source of clinical data as it is remembered.

    Attributes:
        dataset: Which dataset it belongs to.
        name: What it is called; a source of the same name and dataset is replaced.
        kind: ``table``, ``fhir`` or ``omop``.
        digest: SHA-256 of its bytes, empty where it has none.
        fields: Fields of the dictionary (``entity.field``) that it can fill.
        about: The dataset in words.
    """

    dataset: str
    name: str
    kind: str
    digest: str
    fields: frozenset[str]
    about: About = field(default_factory=lambda: About(""))


@dataclass(frozen=True)
class Taken:
    """What came of a source.

    Attributes:
        source: The source.
        read: Rows (or resources) that were read.
        refused: Of these, how many were not taken.
        rows: Table to number of rows that came of it.
        faults: How many things could not be read, by code of the error.
        first: The first of them.
        passed_over: Kinds of resources or tables that are not read, each with how many there were.
        skipped: Files of a folder that were not read, each with the reason.
        damaged: Files of a folder of which nothing was taken since they are damaged.
    """

    source: Source
    read: int
    refused: int
    rows: Mapping[str, int]
    faults: Mapping[str, int]
    first: tuple[Fault, ...]
    passed_over: Mapping[str, int] = field(default_factory=dict)
    skipped: tuple[str, ...] = ()
    damaged: tuple[str, ...] = ()

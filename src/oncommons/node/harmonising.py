"""What a data manager does about raw values: sees what is not mapped, accepts mappings, shares them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from oncommons.node.flow import accepted_at
from oncommons.node.home import Home
from oncommons.node.index.remap import keeps_readings, remap, to_remap
from oncommons.node.optouts import open_seen
from oncommons.node.receive.accepted import (
    COLUMNS,
    FIELDS,
    FOR_PEOPLE,
    Accepted,
    Key,
    Reading,
    offer,
    table,
    write_mappings,
)
from oncommons.node.receive.rules import BODY_PART_SPELLINGS, MANUFACTURER_PREFIXES
from oncommons.node.report.harmonised import DatasetCoverage, Unmapped, coverage, unmapped
from oncommons.node.report.proposing import propose
from oncommons.policy.disclosure.noise import Shape
from oncommons.schema.errors_of_rows import NoMappingAccepted
from oncommons.storage.decisions import Person
from oncommons.storage.files import alone_in, plain_file_errors, replace_file
from oncommons.storage.journal import append, records

SPELLINGS = MappingProxyType(
    {"body_part": BODY_PART_SPELLINGS, "manufacturer": MappingProxyType(dict(MANUFACTURER_PREFIXES))}
)
"""Spellings that the rules know, by field."""
MOST_PROPOSED = 500
MOST_DECIDED = 50
MOST_CHECKED = 100
"""Strings of each field for which a proposal is looked for."""


@dataclass(frozen=True)
class Taken:
    """What became of a file of mappings.

    Attributes:
        new: Mappings that were not there.
        changed: Mappings whose code is another one now.
        same: Mappings that were there already.
        faults: Rows that were not accepted: their number and why.
        undecided: Rows without a code.
        series: Series that are already here and changed at once.
    """

    new: int
    changed: int
    same: int
    faults: tuple[tuple[int, str], ...]
    undecided: int
    series: int

    def to_json(self) -> dict[str, Any]:
        """As JSON."""
        faults = [{"row": row, "why": why} for row, why in self.faults]
        return asdict(self) | {"faults": faults}


def mapped(home: Home, dataset: str = "") -> tuple[DatasetCoverage, ...]:
    """How much of each dataset is mapped; nothing where nothing is indexed, or only by an older version.

    Args:
        home: The node.
        dataset: One dataset; all if left out.

    Raises:
        MachineError: the node's tables cannot be read.
    """
    connection = open_seen(home)
    if connection is None:
        return ()
    with connection:
        return coverage(connection, dataset) if keeps_readings(connection) else ()


def checked(home: Home, dataset: str = "") -> tuple[DatasetCoverage, ...]:
    """The same with proposals for what is not mapped.

    Args:
        home: The node.
        dataset: One dataset; all if left out.

    Raises:
        MachineError: the node's tables cannot be read.
    """
    found = mapped(home, dataset)
    near = {(u.field, u.raw.lower(), u.context): u for u in proposals(home, dataset, MOST_CHECKED)} if found else {}

    def told(one: Unmapped) -> Unmapped:
        like = near.get((one.field, one.raw.lower(), one.context))
        return replace(one, code=like.code, why=like.why) if like else one

    return tuple(
        replace(one, fields=tuple(replace(f, unmapped=tuple(map(told, f.unmapped))) for f in one.fields))
        for one in found
    )


def proposals(home: Home, dataset: str = "", most: int = MOST_PROPOSED) -> tuple[Unmapped, ...]:
    """Strings that no rule reads, field by field and by weight, with what they might mean.

    Args:
        home: The node.
        dataset: One dataset; all if left out.
        most: How many of each field.

    Raises:
        MachineError: the node's tables cannot be read.
    """
    connection = open_seen(home)
    if connection is None:
        return ()
    with connection:
        if not keeps_readings(connection):
            return ()
        lost = [one for one in unmapped(connection, dataset, most) if one.field in FIELDS]
        return propose(connection, lost, SPELLINGS)


def proposals_table(found: Sequence[Unmapped]) -> str:
    """Proposals as a CSV file to be decided on: what is proposed stands in ``why``, the code is left to a person."""
    rows = [(u.field, u.raw, u.context, "", u.series, u.people, f"{u.code}: {u.why}" if u.code else "") for u in found]
    return table((*COLUMNS, *FOR_PEOPLE), rows)


def accept(home: Home, reading: Reading, by: Person | None = None) -> Taken:
    """Keep mappings at the node and apply them to what is here; doing so again changes nothing.

    Args:
        home: The node.
        reading: The mappings, checked.
        by: Who decided; each mapping that is new or changed is noted with the name.

    Raises:
        NoMappingAccepted: there are rows, and none is good.
        MachineError: the disk is full or broken; no mapping was changed, though the decision may have been noted.
    """
    if reading.faults and not reading.mappings:
        first = reading.faults[0]
        raise NoMappingAccepted(f"None of {len(reading.faults):,} rows is good. Row {first.row}: {first.why}")
    with alone_in(home.folder):
        before = {one.key: one for one in accepted_at(home)}
        new = sum(one.key not in before for one in reading.mappings)
        changed = sum(one.key in before and before[one.key].code != one.code for one in reading.mappings)
        after = before | {one.key: one for one in reading.mappings}
        if new or changed:
            if by is not None:
                _note(home, by, before, reading.mappings)
            with plain_file_errors():
                replace_file(home.mappings_file, write_mappings(after.values()).encode("utf-8"))
    series = apply(home)
    faults = tuple((fault.row, fault.why) for fault in reading.faults)
    return Taken(new, changed, len(reading.mappings) - new - changed, faults, reading.undecided, series)


def decided(home: Home, most: int = MOST_DECIDED) -> list[dict[str, Any]]:
    """Who accepted which mapping, and when, the newest first; those of a file that was put there by hand are not known.

    Args:
        home: The node.
        most: How many.

    Raises:
        MachineError: the notes cannot be read.
    """
    return records(home.decided_file)[::-1][:most]


def _note(home: Home, by: Person, before: Mapping[Key, Accepted], now: Sequence[Accepted]) -> None:
    """Note what was decided anew."""
    at = datetime.now(UTC).isoformat(timespec="seconds")
    notes = []
    for one in now:
        was = before[one.key].code if one.key in before else ""
        if was != one.code:
            notes.append({"at": at, "by": by.name, "way": by.way, **asdict(one), "was": was})
    append(home.decided_file, *notes)


def apply(home: Home) -> int:
    """Apply the accepted mappings to what is indexed; returns how many series changed.

    An import that began before they were written is waited for; one that begins later reads them itself.

    Args:
        home: The node.

    Raises:
        MachineError: the disk is full or broken; the tables are as before.
    """
    home.tables.settle()
    connection = home.tables.open()
    if connection is None:
        return 0
    with connection:
        offer(connection, accepted_at(home))
        waiting = to_remap(connection)
    if not waiting:
        return 0
    with home.tables.fresh() as fresh:
        offer(fresh, accepted_at(home))
        return remap(fresh)


def export(home: Home, *, everything: bool = False) -> tuple[Accepted, ...]:
    """The accepted mappings that may be shared: a string that few people have might say who they are.

    Under the rule ``private`` none may, since whether enough people have it would show a single person.

    Args:
        home: The node.
        everything: Also strings that fewer people have than the node's policy tells.

    Raises:
        MachineError: the node's tables cannot be read.
    """
    accepted = accepted_at(home)
    if everything or home.policy.rule == "open":
        return accepted
    common = set() if home.policy.rule == "private" else _common(home)
    return tuple(one for one in accepted if one.key[:2] in common)


def _common(home: Home) -> set[tuple[str, str]]:
    """Field and string of which enough people have one."""
    connection = open_seen(home)
    if connection is None:
        return set()
    with connection:
        if not keeps_readings(connection):
            return set()
        fields = [row[0] for row in connection.execute("SELECT DISTINCT field FROM reading").fetchall()]
        found = set()
        for field in fields:
            rows = connection.execute(
                f"SELECT lower(trim(r.raw)) FROM series s JOIN reading r ON r.key = s.{field}_reading "
                "JOIN person p ON p.key = s.person GROUP BY 1 HAVING count(DISTINCT p.id) >= $k",
                {"k": Shape(home.policy.k).reach if home.policy.rule == "noise" else home.policy.k},
            ).fetchall()
            found |= {(field, row[0]) for row in rows}
        return found

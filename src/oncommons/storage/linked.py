"""Tables of a ledger that say which kept objects refer to which kept series, and to what that is not here.

``linking``: objects whose references were read.  ``link``: a series that one refers to, how many of its objects are named,
and which if it is one.  ``link_lost``: names of objects and series that are not here; when one comes, it becomes a link.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

LINKS = """
CREATE TABLE IF NOT EXISTS linking (sop TEXT NOT NULL PRIMARY KEY, series TEXT NOT NULL, kind TEXT NOT NULL)
    STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS linking_of ON linking (series);
CREATE TABLE IF NOT EXISTS link (
    sop TEXT NOT NULL, target TEXT NOT NULL, objects INTEGER NOT NULL, sole TEXT NOT NULL, PRIMARY KEY (sop, target)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS link_to ON link (target);
CREATE TABLE IF NOT EXISTS link_lost (sop TEXT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (sop, name)) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS link_lost_as ON link_lost (name);
"""
_HAS_COME = """EXISTS (SELECT 1 FROM file WHERE file.sop = name AND outcome = 'kept')
        OR EXISTS (SELECT 1 FROM file WHERE file.series = name AND outcome = 'kept')"""
ANY_FOUND = f"SELECT 1 FROM link_lost WHERE {_HAS_COME} LIMIT 1"
"""A query that gives a row where something has come that was not here when it was named."""
FIND_LOST = (
    """
    INSERT INTO link SELECT l.sop, f.series, count(*), CASE count(*) WHEN 1 THEN min(l.name) ELSE '' END
        FROM link_lost l JOIN file f ON f.sop = l.name AND f.outcome = 'kept' GROUP BY 1, 2
        ON CONFLICT DO UPDATE SET objects = objects + excluded.objects,
            sole = CASE objects WHEN 0 THEN excluded.sole ELSE '' END
    """,
    """
    INSERT INTO link SELECT DISTINCT l.sop, l.name, 0, '' FROM link_lost l
        JOIN file f ON f.series = l.name AND f.outcome = 'kept' WHERE TRUE ON CONFLICT DO NOTHING
    """,
    f"DELETE FROM link_lost WHERE {_HAS_COME}",
)
"""Statements that make links of names that were not here before; the later ones count on the earlier."""


@dataclass(frozen=True)
class Linked:
    """What one kept object refers to.

    Attributes:
        sop: Its SOP Instance UID.
        series: Its series.
        kind: What it is to what it refers to.
        targets: Series that are here, and the objects of each that it names; none where it names the series only.
        lost: Names that are not here.
    """

    sop: str
    series: str
    kind: str
    targets: Mapping[str, frozenset[str]] = field(default_factory=dict)
    lost: frozenset[str] = frozenset()


class LinkRow(NamedTuple):
    """One object and one series that it refers to, or all that is not here.

    Attributes:
        sop: SOP Instance UID of the object.
        series: Its series.
        kind: What it is to the other.
        target: The series that it refers to; empty for all that is not here, and where it refers to nothing.
        objects: How many objects of it are named; 0 where only the series is named.
        sole: The one that is named, where it is one.
    """

    sop: str
    series: str
    kind: str
    target: str
    objects: int
    sole: str

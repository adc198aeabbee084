"""Table of the audit: by what an entry of the hub's log is found.

It follows from the log and is made anew from it where it lacks; what is shown of an entry is always read from the log.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Integer, String, Table, Text

from oncommons.storage.database import METADATA

MARK = Table(
    "audit_mark",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("kind", String(40), nullable=False, index=True),
    Column("time", String(24), nullable=False, index=True),
    Column("job", String(64), nullable=False, index=True),
    Column("permit", String(64), nullable=False, index=True),
    Column("project", String(64), nullable=False),
    Column("nodes", Text, nullable=False),
    Column("datasets", Text, nullable=False),
    Column("refused", Boolean, nullable=False),
)
"""``nodes`` and ``datasets`` (``node/dataset``) have one name a line, and a line break at both ends."""

"""Tables of saved questions, of the numbers that are waited for, and of what was heard and seen of them."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, ForeignKey, ForeignKeyConstraint, Integer, String, Table, Text, false

from oncommons.storage.database import METADATA

SAVED = Table(
    "saved_question",
    METADATA,
    Column("digest", String(64), primary_key=True),
    Column("name", String(120), nullable=False),
    Column("question", Text, nullable=False),
    Column("made", Float, nullable=False),
    Column("count", Text, nullable=False),
    Column("checked", Float, nullable=True),
    Column("permit", String(64), nullable=False, server_default=""),
    Column("person", String(200), nullable=False, server_default=""),
)
WATCH = Table(
    "watch",
    METADATA,
    Column("digest", String(64), ForeignKey("saved_question.digest", ondelete="CASCADE"), primary_key=True),
    Column("reach", Integer, primary_key=True),
    Column("made", Float, nullable=False),
    Column("reached", Float, nullable=True),
)
WATCHER = Table(
    "watcher",
    METADATA,
    Column("digest", String(64), primary_key=True),
    Column("reach", Integer, primary_key=True),
    Column("person", String(24), ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True),
    Column("made", Float, nullable=False),
    ForeignKeyConstraint(["digest", "reach"], ["watch.digest", "watch.reach"], ondelete="CASCADE"),
)
"""Who is told when a number that is waited for is reached, or is not any more."""
HEARD = Table(
    "heard",
    METADATA,
    Column("digest", String(64), ForeignKey("saved_question.digest", ondelete="CASCADE"), primary_key=True),
    Column("node", String(63), primary_key=True),
    Column("asked", Float, nullable=False),
    Column("count", Text, nullable=False),
    Column("told", Float, nullable=True),
    Column("code", String(4), nullable=False, server_default=""),
    Column("consents", Boolean, nullable=False, server_default=false()),
)
SIGHTING = Table(
    "sighting",
    METADATA,
    Column("digest", String(64), ForeignKey("saved_question.digest", ondelete="CASCADE"), primary_key=True),
    Column("reach", Integer, primary_key=True),
    Column("seen", Float, primary_key=True, index=True),
    Column("standing", String(11), nullable=False),
    Column("before", String(11), nullable=False),
    Column("count", Text, nullable=False),
    Column("nodes", Text, nullable=False),
)

"""Table of runs: who asked for what under which permit, where it stands, and what came of it."""

from __future__ import annotations

from sqlalchemy import Column, Float, Integer, String, Table, Text, UniqueConstraint

from oncommons.storage.database import METADATA

RUN = Table(
    "run",
    METADATA,
    Column("key", String(32), primary_key=True),
    Column("permit", String(64), nullable=False),
    Column("person", String(200), nullable=False, index=True),
    Column("id", String(64), nullable=False),
    Column("run", Text, nullable=False),
    Column("title", String(200), nullable=False),
    Column("version", Integer, nullable=False),
    Column("state", String(9), nullable=False, index=True),
    Column("asked", Float, nullable=False),
    Column("ended", Float, nullable=True),
    Column("standing", Text, nullable=False),
    Column("progress", Text, nullable=False),
    Column("record", Text, nullable=False),
    Column("error", Text, nullable=False),
    Column("holder", String(32), nullable=False),
    Column("until", Float, nullable=False),
    UniqueConstraint("permit", "person", "id", name="uq_run_permit"),
)
"""``key`` begins the names of its rounds on the work list and is told to nobody; ``holder`` is the process that drives
it, until ``until``."""

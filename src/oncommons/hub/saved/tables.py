"""Tables of saved questions and of the numbers that are waited for."""

from __future__ import annotations

from sqlalchemy import Column, Float, ForeignKey, Integer, String, Table, Text

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
)
WATCH = Table(
    "watch",
    METADATA,
    Column("digest", String(64), ForeignKey("saved_question.digest", ondelete="CASCADE"), primary_key=True),
    Column("reach", Integer, primary_key=True),
    Column("made", Float, nullable=False),
    Column("reached", Float, nullable=True),
)

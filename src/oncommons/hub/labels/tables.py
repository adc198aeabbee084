"""Tables of imported labels."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, ForeignKey, Integer, String, Table, Text

from oncommons.storage.database import METADATA

LABEL_SET = Table(
    "label_set",
    METADATA,
    Column("name", String(120), primary_key=True),
    Column("about", Text, nullable=False),
    Column("imported", Float, nullable=False),
)
LABEL = Table(
    "label",
    METADATA,
    Column("name", String(120), ForeignKey("label_set.name", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("code", String(40), nullable=False),
    Column("language", String(40), nullable=False),
    Column("synonym", Boolean, nullable=False),
    Column("text", Text, nullable=False),
)

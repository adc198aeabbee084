"""Table of the catalogue: dataset cards as the nodes published them."""

from __future__ import annotations

from sqlalchemy import Column, Float, String, Table, Text

from oncommons.storage.database import METADATA

DATASET = Table(
    "dataset",
    METADATA,
    Column("node", String(63), primary_key=True),
    Column("dataset", String(255), primary_key=True),
    Column("card", Text, nullable=False),
    Column("published", Float, nullable=False),
)

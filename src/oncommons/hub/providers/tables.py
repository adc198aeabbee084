"""Table of sign-ins that are under way at a provider."""

from __future__ import annotations

from sqlalchemy import Column, Float, String, Table, Text

from oncommons.storage.database import METADATA

VISIT = Table(
    "provider_visit",
    METADATA,
    Column("digest", String(64), primary_key=True),
    Column("browser", String(64), nullable=False),
    Column("provider", String(32), nullable=False),
    Column("sealed", Text, nullable=False),
    Column("made", Float, nullable=False, index=True),
)
"""A sign-in that is under way: digests of its ``state`` and of the browser's secret, and the rest, sealed; used once."""
ALL = (VISIT,)

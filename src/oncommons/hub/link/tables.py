"""Tables of the link: nodes, invitations, and the assertions that were used."""

from __future__ import annotations

from sqlalchemy import Column, Float, String, Table, Text

from oncommons.storage.database import METADATA

NODE = Table(
    "node",
    METADATA,
    Column("name", String(63), primary_key=True),
    Column("jwk", Text, nullable=False),
    Column("joined", Float, nullable=False),
    Column("revoked", Float, nullable=True),
    Column("seen", Float, nullable=True),
    Column("version", String(64), nullable=False),
    Column("analyses", Text, nullable=True),
)
INVITATION = Table(
    "invitation",
    METADATA,
    Column("digest", String(64), primary_key=True),
    Column("name", String(63), nullable=False),
    Column("expires", Float, nullable=False),
    Column("used", Float, nullable=True),
)
ASSERTION = Table(
    "assertion",
    METADATA,
    Column("jti", String(128), primary_key=True),
    Column("expires", Float, nullable=False),
)

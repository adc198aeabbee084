"""Tables of people: accounts, organisations, roles, links, sessions, tokens, known browsers, wrong tries.

Nothing that opens an account is kept as it is: passwords as argon2id, random secrets as SHA-256, the secret of a
second factor sealed with the hub's key.
"""

from __future__ import annotations

from sqlalchemy import Column, Float, ForeignKey, Integer, String, Table, Text

from oncommons.storage.database import METADATA

PERSON = Table(
    "person",
    METADATA,
    Column("id", String(24), primary_key=True),
    Column("email", String(254), nullable=True, unique=True),
    Column("name", String(120), nullable=False),
    Column("password", Text, nullable=False),
    Column("factor", Text, nullable=False),
    Column("step", Integer, nullable=False),
    Column("made", Float, nullable=False),
    Column("erased", Float, nullable=True),
)
"""An account; ``factor`` is the sealed secret of the second factor, ``step`` the last time step that was used."""
ORGANISATION = Table(
    "organisation",
    METADATA,
    Column("id", String(24), primary_key=True),
    Column("name", String(120), nullable=False, unique=True),
    Column("made", Float, nullable=False),
)
MEMBERSHIP = Table(
    "membership",
    METADATA,
    Column("person", String(24), ForeignKey("person.id", ondelete="CASCADE"), primary_key=True),
    Column("organisation", String(24), ForeignKey("organisation.id", ondelete="CASCADE"), primary_key=True),
    Column("role", String(24), primary_key=True),
    Column("made", Float, nullable=False),
)
LINK = Table(
    "person_link",
    METADATA,
    Column("digest", String(64), primary_key=True),
    Column("id", String(24), nullable=False, unique=True),
    Column("purpose", String(8), nullable=False),
    Column("email", String(254), nullable=False),
    Column("organisation", String(24), ForeignKey("organisation.id", ondelete="CASCADE"), nullable=True),
    Column("role", String(24), nullable=False),
    Column("by", String(24), nullable=False),
    Column("made", Float, nullable=False),
    Column("expires", Float, nullable=False),
)
"""A link that works once: ``purpose`` is ``join`` or ``reset``; gone when it is used."""
SESSION = Table(
    "session",
    METADATA,
    Column("digest", String(64), primary_key=True),
    Column("id", String(24), nullable=False, unique=True),
    Column("person", String(24), ForeignKey("person.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("made", Float, nullable=False),
    Column("seen", Float, nullable=False),
    Column("browser", String(120), nullable=False),
)
TOKEN = Table(
    "person_token",
    METADATA,
    Column("digest", String(64), primary_key=True),
    Column("id", String(24), nullable=False, unique=True),
    Column("person", String(24), ForeignKey("person.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("name", String(120), nullable=False),
    Column("scopes", String(120), nullable=False),
    Column("made", Float, nullable=False),
    Column("expires", Float, nullable=False),
    Column("seen", Float, nullable=True),
)
DEVICE = Table(
    "known_browser",
    METADATA,
    Column("digest", String(64), primary_key=True),
    Column("person", String(24), ForeignKey("person.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("seen", Float, nullable=False),
)
"""Browsers in which a person has signed in before: guesses of strangers do not make these wait."""
RECOVERY = Table(
    "recovery_code",
    METADATA,
    Column("person", String(24), ForeignKey("person.id", ondelete="CASCADE"), primary_key=True),
    Column("digest", String(64), primary_key=True),
)
TRIES = Table(
    "wrong_tries",
    METADATA,
    Column("name", String(80), primary_key=True),
    Column("count", Integer, nullable=False),
    Column("until", Float, nullable=False),
    Column("forget", Float, nullable=False, index=True),
)
"""Wrong tries at something, since they were last forgotten; the next is taken after ``until``."""
ALL = (PERSON, ORGANISATION, MEMBERSHIP, LINK, SESSION, TOKEN, DEVICE, RECOVERY, TRIES)

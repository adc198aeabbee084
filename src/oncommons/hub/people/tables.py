"""Tables of people: accounts, organisations, roles, identities, links, sessions, tokens, known browsers, wrong tries.

Nothing that opens an account is kept as it is: passwords as argon2id, random secrets as SHA-256, the secret of a
second factor sealed with the hub's key.
"""

from __future__ import annotations

from sqlalchemy import Column, Float, ForeignKey, Integer, String, Table, Text, UniqueConstraint

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
    Column("browser", String(64), nullable=True),
)
"""A link that works once: ``purpose`` is one of the kinds of ``rules.py``; gone when it is used.

``browser`` is the digest of a secret of the browser in which alone it works, where its kind is bound to one."""
ASKED = Table(
    "link_asked",
    METADATA,
    Column("id", String(24), primary_key=True),
    Column("purpose", String(8), nullable=False),
    Column("email", String(254), nullable=False),
    Column("browser", String(64), nullable=False),
    Column("made", Float, nullable=False),
    Column("next", Float, nullable=False, index=True),
    Column("tries", Integer, nullable=False),
)
"""Links that were asked for and are not made yet, by whoever typed an address, which need not be somebody's here."""
SESSION = Table(
    "session",
    METADATA,
    Column("digest", String(64), primary_key=True),
    Column("id", String(24), nullable=False, unique=True),
    Column("person", String(24), ForeignKey("person.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("made", Float, nullable=False),
    Column("seen", Float, nullable=False),
    Column("browser", String(120), nullable=False),
    Column("identity", String(24), nullable=True),
)
"""A visit of somebody who is signed in; ``identity`` is the one of a provider by which it was opened, if any."""
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
IDENTITY = Table(
    "identity",
    METADATA,
    Column("id", String(24), primary_key=True),
    Column("person", String(24), ForeignKey("person.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("provider", String(32), nullable=False),
    Column("issuer", String(255), nullable=False),
    Column("subject", String(255), nullable=False),
    Column("made", Float, nullable=False),
    Column("seen", Float, nullable=False),
    Column("told", Text, nullable=False),
    Column("visas", Text, nullable=False),
    UniqueConstraint("issuer", "subject"),
)
"""What a provider calls a person: ``issuer`` and ``subject`` together name one (OpenID Connect Core 1.0, section 5.7).

``told`` and ``visas`` are JSON of what the provider said at the last sign-in, as far as it is kept."""
GRANTED = Table(
    "identity_role",
    METADATA,
    Column("identity", String(24), ForeignKey("identity.id", ondelete="CASCADE"), primary_key=True),
    Column("organisation", String(24), ForeignKey("organisation.id", ondelete="CASCADE"), primary_key=True),
    Column("role", String(24), primary_key=True),
)
"""Roles that a person has only because of what a provider says; they go when it says so no more."""
TRIES = Table(
    "wrong_tries",
    METADATA,
    Column("name", String(80), primary_key=True),
    Column("count", Integer, nullable=False),
    Column("until", Float, nullable=False),
    Column("forget", Float, nullable=False, index=True),
)
"""Wrong tries at something, since they were last forgotten; the next is taken after ``until``."""
ALL = (PERSON, ORGANISATION, MEMBERSHIP, LINK, ASKED, SESSION, TOKEN, DEVICE, RECOVERY, IDENTITY, GRANTED, TRIES)

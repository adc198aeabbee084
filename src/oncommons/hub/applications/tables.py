"""Tables of applications: forms, applications, authors, answers, earlier texts, documents, invitations, comments.

People are named by identifier only, which stays as a pseudonym when an account is erased.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, ForeignKey, Integer, String, Table, Text

from oncommons.storage.database import METADATA

FORM = Table(
    "application_form",
    METADATA,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("source", Text, nullable=False),
    Column("made", Float, nullable=False),
)
"""Every version of the form, as the operator wrote it."""
APPLICATION = Table(
    "application",
    METADATA,
    Column("id", String(24), primary_key=True),
    Column("form", Integer, nullable=False),
    Column("applicant", String(24), nullable=False, index=True),
    Column("state", String(16), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("made", Float, nullable=False),
    Column("changed", Float, nullable=False),
)


def _of() -> Column[str]:
    """The column that names the application, with which a row goes."""
    return Column("application", String(24), ForeignKey("application.id", ondelete="CASCADE"), primary_key=True)


def _within() -> Column[str]:
    """The same column of rows that have an identifier of their own."""
    key = ForeignKey("application.id", ondelete="CASCADE")
    return Column("application", String(24), key, nullable=False, index=True)


AUTHOR = Table(
    "application_author",
    METADATA,
    _of(),
    Column("person", String(24), primary_key=True, index=True),
    Column("made", Float, nullable=False),
)
"""Who writes an application besides the applicant."""
ANSWER = Table(
    "application_answer",
    METADATA,
    _of(),
    Column("paragraph", String(40), primary_key=True),
    Column("value", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("by", String(24), nullable=False),
    Column("begun", Float, nullable=False),
    Column("at", Float, nullable=False),
)
"""The answers as they stand; ``begun`` is when the one who wrote last began to."""
EARLIER = Table(
    "application_earlier",
    METADATA,
    _of(),
    Column("paragraph", String(40), primary_key=True),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("value", Text, nullable=False),
    Column("by", String(24), nullable=False),
    Column("at", Float, nullable=False),
    Column("aside", Boolean, nullable=False),
)
"""Texts that do not stand: earlier ones, and, ``aside``, those of somebody who came too late."""
DOCUMENT = Table(
    "application_document",
    METADATA,
    Column("id", String(24), primary_key=True),
    _within(),
    Column("paragraph", String(40), nullable=False),
    Column("name", String(120), nullable=False),
    Column("kind", String(100), nullable=False),
    Column("size", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("by", String(24), nullable=False),
    Column("at", Float, nullable=False),
)
INVITE = Table(
    "application_invite",
    METADATA,
    Column("digest", String(64), primary_key=True),
    Column("id", String(24), nullable=False, unique=True),
    _within(),
    Column("email", String(254), nullable=False, index=True),
    Column("by", String(24), nullable=False),
    Column("made", Float, nullable=False),
    Column("expires", Float, nullable=False),
)
"""Who may become an author: whoever has an address, or, where it is empty, a link."""
COMMENT = Table(
    "application_comment",
    METADATA,
    Column("id", String(24), primary_key=True),
    _within(),
    Column("paragraph", String(40), nullable=False),
    Column("thread", String(24), nullable=False),
    Column("by", String(24), nullable=False),
    Column("at", Float, nullable=False),
    Column("text", Text, nullable=False),
    Column("resolved", Float, nullable=True),
    Column("resolver", String(24), nullable=False),
)
"""What is said about a paragraph; ``thread`` is the first comment that it answers, or its own identifier."""
ALL = (FORM, APPLICATION, AUTHOR, ANSWER, EARLIER, DOCUMENT, INVITE, COMMENT)

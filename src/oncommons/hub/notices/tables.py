"""Tables of notices: what people are told, how they want to be told, and the e-mails that go out.

An e-mail's text is not kept: it is written anew from the notices whenever it is tried.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, Integer, String, Table, UniqueConstraint

from oncommons.storage.database import METADATA

NOTICE = Table(
    "notice",
    METADATA,
    Column("id", String(24), primary_key=True),
    Column("person", String(24), ForeignKey("person.id", ondelete="CASCADE"), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("says", String(300), nullable=False),
    Column("where", String(300), nullable=False),
    Column("once", String(200), nullable=False),
    Column("subject", String(200), nullable=False, index=True),
    Column("until", Float, nullable=True),
    Column("made", Float, nullable=False, index=True),
    Column("read", Float, nullable=True),
    Column("settled", Float, nullable=True),
    Column("mail", String(24), nullable=True, index=True),
    Column("reminded", Float, nullable=True),
    UniqueConstraint("person", "once", name="uq_notice_person"),
)
"""``until`` makes it one that waits for the person, up to ``settled``; ``mail`` is the e-mail that tells of it.

``reminded`` is when the person was told once more, shortly before ``until``."""
Index("ix_notice_person_made", NOTICE.c.person, NOTICE.c.made)
WISH = Table(
    "notice_wish",
    METADATA,
    Column("person", String(24), ForeignKey("person.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("how", String(8), nullable=False),
)
MAIL = Table(
    "mail",
    METADATA,
    Column("id", String(24), primary_key=True),
    Column("person", String(24), ForeignKey("person.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("daily", Boolean, nullable=False),
    Column("made", Float, nullable=False),
    Column("next", Float, nullable=True, index=True),
    Column("tries", Integer, nullable=False),
    Column("sent", Float, nullable=True),
    Column("fault", String(200), nullable=False),
)
"""``next`` is when it is tried next; none once it was sent or given up."""
ALL = (NOTICE, WISH, MAIL)

"""Tables of decisions: what was handed in, all that happened since, and what follows from it.

``decision_event`` only ever grows, and alone says how an application stands.  The columns of ``decision`` but for
``blank``, ``clocks`` and ``made``, and all rows of ``decision_duty`` and ``decision_party``, are derived from it.
"""

from __future__ import annotations

from sqlalchemy import Column, Float, ForeignKey, Index, Integer, String, Table, Text

from oncommons.storage.database import METADATA

DECISION = Table(
    "decision",
    METADATA,
    Column("application", String(64), primary_key=True),
    Column("title", String(300), nullable=False),
    Column("blank", Text, nullable=False),
    Column("clocks", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("due", Float, nullable=True, index=True),
    Column("made", Float, nullable=False),
    Column("moved", Float, nullable=False),
    Column("settled", Integer, nullable=False),
)
"""``size`` counts the events, ``due`` is when the next clock runs out; ``settled`` is the number of events up to which
the book of permits agrees with the decision."""
EVENT = Table(
    "decision_event",
    METADATA,
    Column("application", String(64), ForeignKey("decision.application"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", Float, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("person", String(24), nullable=False),
    Column("event", Text, nullable=False),
)
SUBMISSION = Table(
    "decision_submission",
    METADATA,
    Column("application", String(64), ForeignKey("decision.application"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("record", Text, nullable=False),
)
"""What was handed in, each time; ``number`` is that of the event with which it was, which has its hash."""
DUTY = Table(
    "decision_duty",
    METADATA,
    Column("application", String(64), ForeignKey("decision.application"), primary_key=True),
    Column("person", String(24), primary_key=True),
    Column("holder", String(63), primary_key=True),
    Column("role", String(16), primary_key=True),
    Column("moves", String(120), nullable=False),
    Column("until", Float, nullable=False),
    Column("level", Integer, nullable=False),
)
"""Who must act, until when; ``holder`` is empty for the application itself."""
Index("ix_decision_duty_person", DUTY.c.person)
PARTY = Table(
    "decision_party",
    METADATA,
    Column("application", String(64), ForeignKey("decision.application"), primary_key=True),
    Column("person", String(24), primary_key=True),
)
"""Who has to do with an application, or had."""
Index("ix_decision_party_person", PARTY.c.person)
HOLDER = Table(
    "decision_holder",
    METADATA,
    Column("node", String(63), primary_key=True),
    Column("organisation", String(24), ForeignKey("organisation.id"), nullable=False),
    Column("quorum", Integer, nullable=True),
    Column("asks_patients", Integer, nullable=False),
)
"""Which organisation decides about the datasets of a node, and by which rules; ``quorum`` is empty for more than half."""
ALL = (DECISION, EVENT, SUBMISSION, DUTY, PARTY, HOLDER)

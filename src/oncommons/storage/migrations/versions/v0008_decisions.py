"""Decisions on applications."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    files()
    derived()
    holders()


def _application() -> sa.Column[str]:
    return sa.Column("application", sa.String(64), nullable=False)


def _of(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["application"], ["decision.application"], name=f"fk_{table}_application_decision")


def files() -> None:
    op.create_table(
        "decision",
        _application(),
        sa.Column("title", sa.String(300), nullable=False),
        sa.Column("blank", sa.Text, nullable=False),
        sa.Column("clocks", sa.Text, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("due", sa.Float, nullable=True),
        sa.Column("made", sa.Float, nullable=False),
        sa.Column("moved", sa.Float, nullable=False),
        sa.Column("settled", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("application", name="pk_decision"),
    )
    op.create_index("ix_decision_due", "decision", ["due"])
    op.create_table(
        "decision_event",
        _application(),
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("person", sa.String(24), nullable=False),
        sa.Column("event", sa.Text, nullable=False),
        _of("decision_event"),
        sa.PrimaryKeyConstraint("application", "number", name="pk_decision_event"),
    )
    op.create_table(
        "decision_submission",
        _application(),
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("record", sa.Text, nullable=False),
        _of("decision_submission"),
        sa.PrimaryKeyConstraint("application", "number", name="pk_decision_submission"),
    )


def derived() -> None:
    op.create_table(
        "decision_duty",
        _application(),
        sa.Column("person", sa.String(24), nullable=False),
        sa.Column("holder", sa.String(63), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("moves", sa.String(120), nullable=False),
        sa.Column("until", sa.Float, nullable=False),
        sa.Column("level", sa.Integer, nullable=False),
        _of("decision_duty"),
        sa.PrimaryKeyConstraint("application", "person", "holder", "role", name="pk_decision_duty"),
    )
    op.create_index("ix_decision_duty_person", "decision_duty", ["person"])
    op.create_table(
        "decision_party",
        _application(),
        sa.Column("person", sa.String(24), nullable=False),
        _of("decision_party"),
        sa.PrimaryKeyConstraint("application", "person", name="pk_decision_party"),
    )
    op.create_index("ix_decision_party_person", "decision_party", ["person"])


def holders() -> None:
    op.create_table(
        "decision_holder",
        sa.Column("node", sa.String(63), nullable=False),
        sa.Column("organisation", sa.String(24), nullable=False),
        sa.Column("quorum", sa.Integer, nullable=True),
        sa.Column("asks_patients", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation"], ["organisation.id"], name="fk_decision_holder_organisation_organisation"
        ),
        sa.PrimaryKeyConstraint("node", name="pk_decision_holder"),
    )

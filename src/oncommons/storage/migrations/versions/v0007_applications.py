"""Applications: forms, what is written, by whom, documents and comments."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    applications()
    answers()
    beside()


def _application(table: str) -> tuple[sa.Column[str], sa.ForeignKeyConstraint]:
    name = f"fk_{table}_application_application"
    key = sa.ForeignKeyConstraint(["application"], ["application.id"], name=name, ondelete="CASCADE")
    return sa.Column("application", sa.String(24), nullable=False), key


def applications() -> None:
    op.create_table(
        "application_form",
        sa.Column("version", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("made", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("version", name="pk_application_form"),
    )
    op.create_table(
        "application",
        sa.Column("id", sa.String(24), nullable=False),
        sa.Column("form", sa.Integer, nullable=False),
        sa.Column("applicant", sa.String(24), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("made", sa.Float, nullable=False),
        sa.Column("changed", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_application"),
    )
    op.create_index("ix_application_applicant", "application", ["applicant"])
    op.create_table(
        "application_author",
        *_application("application_author"),
        sa.Column("person", sa.String(24), nullable=False),
        sa.Column("made", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("application", "person", name="pk_application_author"),
    )
    op.create_index("ix_application_author_person", "application_author", ["person"])


def answers() -> None:
    op.create_table(
        "application_answer",
        *_application("application_answer"),
        sa.Column("paragraph", sa.String(40), nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("by", sa.String(24), nullable=False),
        sa.Column("begun", sa.Float, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("application", "paragraph", name="pk_application_answer"),
    )
    op.create_table(
        "application_earlier",
        *_application("application_earlier"),
        sa.Column("paragraph", sa.String(40), nullable=False),
        sa.Column("revision", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("by", sa.String(24), nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("aside", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("application", "paragraph", "revision", name="pk_application_earlier"),
    )


def beside() -> None:
    op.create_table(
        "application_document",
        sa.Column("id", sa.String(24), nullable=False),
        *_application("application_document"),
        sa.Column("paragraph", sa.String(40), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("kind", sa.String(100), nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("by", sa.String(24), nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_application_document"),
    )
    op.create_table(
        "application_invite",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("id", sa.String(24), nullable=False),
        *_application("application_invite"),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("by", sa.String(24), nullable=False),
        sa.Column("made", sa.Float, nullable=False),
        sa.Column("expires", sa.Float, nullable=False),
        sa.UniqueConstraint("id", name="uq_application_invite_id"),
        sa.PrimaryKeyConstraint("digest", name="pk_application_invite"),
    )
    op.create_index("ix_application_invite_email", "application_invite", ["email"])
    op.create_table(
        "application_comment",
        sa.Column("id", sa.String(24), nullable=False),
        *_application("application_comment"),
        sa.Column("paragraph", sa.String(40), nullable=False),
        sa.Column("thread", sa.String(24), nullable=False),
        sa.Column("by", sa.String(24), nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("resolved", sa.Float, nullable=True),
        sa.Column("resolver", sa.String(24), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_application_comment"),
    )
    for table in ("application_document", "application_invite", "application_comment"):
        op.create_index(f"ix_{table}_application", table, ["application"])

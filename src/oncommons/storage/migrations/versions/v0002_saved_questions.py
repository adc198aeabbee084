"""Saved questions, and the numbers that are waited for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "saved_question",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("made", sa.Float, nullable=False),
        sa.Column("count", sa.Text, nullable=False),
        sa.Column("checked", sa.Float, nullable=True),
        sa.PrimaryKeyConstraint("digest", name="pk_saved_question"),
    )
    op.create_table(
        "watch",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("reach", sa.Integer, nullable=False),
        sa.Column("made", sa.Float, nullable=False),
        sa.Column("reached", sa.Float, nullable=True),
        sa.ForeignKeyConstraint(
            ["digest"], ["saved_question.digest"], name="fk_watch_digest_saved_question", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("digest", "reach", name="pk_watch"),
    )

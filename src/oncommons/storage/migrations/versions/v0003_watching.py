"""What each node said to a saved question, what became of the numbers that are waited for, and whose turn it is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "heard",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("node", sa.String(63), nullable=False),
        sa.Column("asked", sa.Float, nullable=False),
        sa.Column("count", sa.Text, nullable=False),
        sa.Column("told", sa.Float, nullable=True),
        sa.ForeignKeyConstraint(
            ["digest"], ["saved_question.digest"], name="fk_heard_digest_saved_question", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("digest", "node", name="pk_heard"),
    )
    op.create_table(
        "sighting",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("reach", sa.Integer, nullable=False),
        sa.Column("seen", sa.Float, nullable=False),
        sa.Column("standing", sa.String(11), nullable=False),
        sa.Column("before", sa.String(11), nullable=False),
        sa.Column("count", sa.Text, nullable=False),
        sa.Column("nodes", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(
            ["digest"], ["saved_question.digest"], name="fk_sighting_digest_saved_question", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("digest", "reach", "seen", name="pk_sighting"),
    )
    op.create_index("ix_sighting_seen", "sighting", ["seen"])
    op.create_table(
        "turn",
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("holder", sa.String(32), nullable=False),
        sa.Column("until", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_turn"),
    )

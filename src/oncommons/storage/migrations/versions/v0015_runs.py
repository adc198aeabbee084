"""Runs of analyses, kept by who asked for them: where each stands, and what came of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "run",
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("permit", sa.String(64), nullable=False),
        sa.Column("person", sa.String(200), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("run", sa.Text, nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("state", sa.String(9), nullable=False),
        sa.Column("asked", sa.Float, nullable=False),
        sa.Column("ended", sa.Float, nullable=True),
        sa.Column("standing", sa.Text, nullable=False),
        sa.Column("progress", sa.Text, nullable=False),
        sa.Column("record", sa.Text, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("holder", sa.String(32), nullable=False),
        sa.Column("until", sa.Float, nullable=False),
        sa.UniqueConstraint("permit", "person", "id", name="uq_run_permit"),
        sa.PrimaryKeyConstraint("key", name="pk_run"),
    )
    op.create_index("ix_run_state", "run", ["state"])
    op.create_index("ix_run_person", "run", ["person"])

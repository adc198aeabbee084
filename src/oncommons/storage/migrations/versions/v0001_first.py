"""The hub's first tables: nodes, invitations, used assertions, jobs, work, dataset cards."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "node",
        sa.Column("name", sa.String(63), nullable=False),
        sa.Column("jwk", sa.Text, nullable=False),
        sa.Column("joined", sa.Float, nullable=False),
        sa.Column("revoked", sa.Float, nullable=True),
        sa.Column("seen", sa.Float, nullable=True),
        sa.Column("version", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_node"),
    )
    op.create_table(
        "invitation",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("name", sa.String(63), nullable=False),
        sa.Column("expires", sa.Float, nullable=False),
        sa.Column("used", sa.Float, nullable=True),
        sa.PrimaryKeyConstraint("digest", name="pk_invitation"),
    )
    op.create_table(
        "assertion",
        sa.Column("jti", sa.String(128), nullable=False),
        sa.Column("expires", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("jti", name="pk_assertion"),
    )
    op.create_table(
        "job",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("order", sa.Text, nullable=False),
        sa.Column("made", sa.Float, nullable=False),
        sa.Column("deadline", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_job"),
    )
    op.create_index("ix_job_deadline", "job", ["deadline"])
    op.create_table(
        "work",
        sa.Column("job", sa.String(64), nullable=False),
        sa.Column("recipient", sa.String(63), nullable=False),
        sa.Column("state", sa.String(9), nullable=False),
        sa.Column("leased_until", sa.Float, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("result", sa.Text, nullable=False),
        sa.Column("finished", sa.Float, nullable=True),
        sa.ForeignKeyConstraint(["job"], ["job.id"], name="fk_work_job_job", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("job", "recipient", name="pk_work"),
    )
    op.create_table(
        "dataset",
        sa.Column("node", sa.String(63), nullable=False),
        sa.Column("dataset", sa.String(255), nullable=False),
        sa.Column("card", sa.Text, nullable=False),
        sa.Column("published", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("node", "dataset", name="pk_dataset"),
    )

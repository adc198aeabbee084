"""Labels of licensed classifications that were imported."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "label_set",
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("about", sa.Text, nullable=False),
        sa.Column("imported", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_label_set"),
    )
    op.create_table(
        "label",
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("language", sa.String(40), nullable=False),
        sa.Column("synonym", sa.Boolean, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["name"], ["label_set.name"], name="fk_label_name_label_set", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("name", "number", name="pk_label"),
    )

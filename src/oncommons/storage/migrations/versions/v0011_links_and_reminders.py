"""Links by e-mail, bound to a browser; reminders; who is told of numbers that are waited for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("person_link", sa.Column("browser", sa.String(64), nullable=True))
    op.add_column("notice", sa.Column("reminded", sa.Float, nullable=True))
    op.create_table(
        "link_asked",
        sa.Column("id", sa.String(24), nullable=False),
        sa.Column("purpose", sa.String(8), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("browser", sa.String(64), nullable=False),
        sa.Column("made", sa.Float, nullable=False),
        sa.Column("next", sa.Float, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_link_asked"),
    )
    op.create_index("ix_link_asked_next", "link_asked", ["next"])
    op.create_table(
        "watcher",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("reach", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("person", sa.String(24), nullable=False),
        sa.Column("made", sa.Float, nullable=False),
        sa.ForeignKeyConstraint(
            ["digest", "reach"], ["watch.digest", "watch.reach"], name="fk_watcher_digest_watch", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name="fk_watcher_person_person", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("digest", "reach", "person", name="pk_watcher"),
    )
    op.create_index("ix_watcher_person", "watcher", ["person"])

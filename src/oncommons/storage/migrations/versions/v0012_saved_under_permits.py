"""Under which permit, and by whom of its people, a question was saved; empty for those that everybody sees."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name, length in (("permit", 64), ("person", 200)):
        op.add_column("saved_question", sa.Column(name, sa.String(length), nullable=False, server_default=""))

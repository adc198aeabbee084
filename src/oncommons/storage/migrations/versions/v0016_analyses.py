"""Which analyses each node makes, as it tells."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("node", sa.Column("analyses", sa.Text, nullable=True))

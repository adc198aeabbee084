"""Why a node told nothing to a saved question, and whether its data manager consents to each question by itself."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("heard", sa.Column("code", sa.String(4), nullable=False, server_default=""))
    op.add_column("heard", sa.Column("consents", sa.Boolean, nullable=False, server_default=sa.false()))

"""What was handed in has no hash of its own any more: it is that of the step with which it was."""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_column("decision_submission", "digest")

"""Identities of providers: who signs in by one, roles that follow from it, sign-ins that are under way."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "identity",
        sa.Column("id", sa.String(24), nullable=False),
        sa.Column("person", sa.String(24), nullable=False),
        sa.Column("provider", sa.String(32), nullable=False),
        sa.Column("issuer", sa.String(255), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("made", sa.Float, nullable=False),
        sa.Column("seen", sa.Float, nullable=False),
        sa.Column("told", sa.Text, nullable=False),
        sa.Column("visas", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name="fk_identity_person_person", ondelete="CASCADE"),
        sa.UniqueConstraint("issuer", "subject", name="uq_identity_issuer"),
        sa.PrimaryKeyConstraint("id", name="pk_identity"),
    )
    op.create_index("ix_identity_person", "identity", ["person"])
    roles()
    op.create_table(
        "provider_visit",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("browser", sa.String(64), nullable=False),
        sa.Column("provider", sa.String(32), nullable=False),
        sa.Column("sealed", sa.Text, nullable=False),
        sa.Column("made", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_provider_visit"),
    )
    op.create_index("ix_provider_visit_made", "provider_visit", ["made"])
    op.add_column("session", sa.Column("identity", sa.String(24), nullable=True))


def roles() -> None:
    op.create_table(
        "identity_role",
        sa.Column("identity", sa.String(24), nullable=False),
        sa.Column("organisation", sa.String(24), nullable=False),
        sa.Column("role", sa.String(24), nullable=False),
        sa.ForeignKeyConstraint(
            ["identity"], ["identity.id"], name="fk_identity_role_identity_identity", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organisation"],
            ["organisation.id"],
            name="fk_identity_role_organisation_organisation",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("identity", "organisation", "role", name="pk_identity_role"),
    )

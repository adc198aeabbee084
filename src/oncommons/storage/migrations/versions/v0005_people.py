"""People: accounts, organisations, roles, links, sessions, tokens, known browsers, recovery codes, wrong tries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    accounts()
    ways_in()
    tries()


def accounts() -> None:
    op.create_table(
        "person",
        sa.Column("id", sa.String(24), nullable=False),
        sa.Column("email", sa.String(254), nullable=True),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("password", sa.Text, nullable=False),
        sa.Column("factor", sa.Text, nullable=False),
        sa.Column("step", sa.Integer, nullable=False),
        sa.Column("made", sa.Float, nullable=False),
        sa.Column("erased", sa.Float, nullable=True),
        sa.UniqueConstraint("email", name="uq_person_email"),
        sa.PrimaryKeyConstraint("id", name="pk_person"),
    )
    op.create_table(
        "organisation",
        sa.Column("id", sa.String(24), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("made", sa.Float, nullable=False),
        sa.UniqueConstraint("name", name="uq_organisation_name"),
        sa.PrimaryKeyConstraint("id", name="pk_organisation"),
    )
    op.create_table(
        "membership",
        sa.Column("person", sa.String(24), nullable=False),
        sa.Column("organisation", sa.String(24), nullable=False),
        sa.Column("role", sa.String(24), nullable=False),
        sa.Column("made", sa.Float, nullable=False),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name="fk_membership_person_person", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["organisation"], ["organisation.id"], name="fk_membership_organisation_organisation", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person", "organisation", "role", name="pk_membership"),
    )
    op.create_table(
        "person_link",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("id", sa.String(24), nullable=False),
        sa.Column("purpose", sa.String(8), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("organisation", sa.String(24), nullable=True),
        sa.Column("role", sa.String(24), nullable=False),
        sa.Column("by", sa.String(24), nullable=False),
        sa.Column("made", sa.Float, nullable=False),
        sa.Column("expires", sa.Float, nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation"], ["organisation.id"], name="fk_person_link_organisation_organisation", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("id", name="uq_person_link_id"),
        sa.PrimaryKeyConstraint("digest", name="pk_person_link"),
    )


def ways_in() -> None:
    op.create_table(
        "session",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("id", sa.String(24), nullable=False),
        sa.Column("person", sa.String(24), nullable=False),
        sa.Column("made", sa.Float, nullable=False),
        sa.Column("seen", sa.Float, nullable=False),
        sa.Column("browser", sa.String(120), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name="fk_session_person_person", ondelete="CASCADE"),
        sa.UniqueConstraint("id", name="uq_session_id"),
        sa.PrimaryKeyConstraint("digest", name="pk_session"),
    )
    op.create_index("ix_session_person", "session", ["person"])
    op.create_table(
        "person_token",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("id", sa.String(24), nullable=False),
        sa.Column("person", sa.String(24), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("scopes", sa.String(120), nullable=False),
        sa.Column("made", sa.Float, nullable=False),
        sa.Column("expires", sa.Float, nullable=False),
        sa.Column("seen", sa.Float, nullable=True),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name="fk_person_token_person_person", ondelete="CASCADE"),
        sa.UniqueConstraint("id", name="uq_person_token_id"),
        sa.PrimaryKeyConstraint("digest", name="pk_person_token"),
    )
    op.create_index("ix_person_token_person", "person_token", ["person"])
    op.create_table(
        "known_browser",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("person", sa.String(24), nullable=False),
        sa.Column("seen", sa.Float, nullable=False),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name="fk_known_browser_person_person", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("digest", name="pk_known_browser"),
    )
    op.create_index("ix_known_browser_person", "known_browser", ["person"])
    op.create_table(
        "recovery_code",
        sa.Column("person", sa.String(24), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name="fk_recovery_code_person_person", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("person", "digest", name="pk_recovery_code"),
    )


def tries() -> None:
    op.create_table(
        "wrong_tries",
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("until", sa.Float, nullable=False),
        sa.Column("forget", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_wrong_tries"),
    )
    op.create_index("ix_wrong_tries_forget", "wrong_tries", ["forget"])
